"""Backups by tag, events to a queue, validation, alarms of the containers: applied, used, changed, destroyed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local_aws.server import LocalAws
from tests.integration.local_aws.conftest import Cloud
from tests.integration.local_aws_containers.data_stack import AMOUNT_LIMIT, SUFFIX, data_parts
from tests.integration.local_aws_containers.surroundings import eventually

FOREIGN = "payment-sessions-it-12"
PAYMENT = {
    "payment_id": "pay-1",
    "amount": "12.50",
    "currency": "EUR",
    "payer_account": "DE89370400440532013000",
    "payee_account": "FR1420041010050500013M02606",
}


@dataclass
class Deployed:
    """The stack on a local AWS, beside the table of another environment."""

    aws: LocalAws
    cloud: Cloud
    folder: Path
    outputs: dict[str, Any]

    def terraform(self, **changed: object) -> Any:
        return data_parts(self.folder, self.aws, **changed)

    def validate(self, event: dict[str, Any]) -> dict[str, Any]:
        answer = self.cloud.lambda_.invoke(
            FunctionName=self.outputs["validation_function_name"], Payload=json.dumps(event).encode()
        )
        assert "FunctionError" not in answer
        found: dict[str, Any] = json.loads(answer["Payload"].read())
        return found


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("data_parts")
    with LocalAws.started(folder / "aws") as aws:
        cloud = Cloud(aws.endpoint_url)
        _create_table_of_another_environment(cloud)
        terraform = data_parts(folder / "out", aws)
        terraform.init()
        terraform.apply()
        yield Deployed(aws, cloud, folder / "out", terraform.output())


def _create_table_of_another_environment(cloud: Cloud) -> None:
    tags = {"Backup": "payment", "EnvironmentSuffix": "it-12"}
    cloud.dynamodb.create_table(
        TableName=FOREIGN,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "session_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "session_id", "AttributeType": "S"}],
        Tags=[{"Key": name, "Value": value} for name, value in tags.items()],
    )


def test_a_second_plan_is_empty(deployed: Deployed) -> None:
    plan = deployed.terraform().plan()
    assert plan.empty, plan.changes


def test_b_backups_are_of_what_has_both_tags_and_of_nothing_else(deployed: Deployed) -> None:
    plan_id = deployed.outputs["backup_plan_id"]
    (listed,) = deployed.cloud.backup.list_backup_selections(BackupPlanId=plan_id)["BackupSelectionsList"]
    selection = deployed.cloud.backup.get_backup_selection(BackupPlanId=plan_id, SelectionId=listed["SelectionId"])
    conditions = selection["BackupSelection"]["Conditions"]["StringEquals"]
    wanted = {one["ConditionKey"].removeprefix("aws:ResourceTag/"): one["ConditionValue"] for one in conditions}
    assert wanted == {"EnvironmentSuffix": SUFFIX, "Backup": "payment"}
    assert not selection["BackupSelection"].get("ListOfTags")
    filters = [{"Key": name, "Values": [value]} for name, value in wanted.items()]
    found = deployed.cloud.resourcegroupstaggingapi.get_resources(TagFilters=filters)["ResourceTagMappingList"]
    assert [one["ResourceARN"].rpartition("/")[2] for one in found] == [f"payment-sessions-{SUFFIX}"]


def test_b_the_plan_is_kept_as_it_was_written(deployed: Deployed) -> None:
    plan = deployed.cloud.backup.get_backup_plan(BackupPlanId=deployed.outputs["backup_plan_id"])["BackupPlan"]
    rules = {rule["RuleName"]: rule for rule in plan["Rules"]}
    assert {name: rule["Lifecycle"]["DeleteAfterDays"] for name, rule in rules.items()} == {
        "daily_backup": 7,
        "weekly_backup": 30,
    }
    assert {name: bool(rule.get("EnableContinuousBackup")) for name, rule in rules.items()} == {
        "daily_backup": True,
        "weekly_backup": False,
    }


def test_b_a_payment_on_the_bus_arrives_in_the_queue(deployed: Deployed) -> None:
    entry = {
        "EventBusName": deployed.outputs["event_bus_name"],
        "Source": "payment.processor",
        "DetailType": "Payment Transaction",
        "Detail": json.dumps(PAYMENT),
    }
    other = {**entry, "DetailType": "Something Else"}
    assert deployed.cloud.events.put_events(Entries=[other, entry])["FailedEntryCount"] == 0
    queue = deployed.outputs["replay_queue_url"]
    (message,) = eventually(lambda: deployed.cloud.sqs.receive_message(QueueUrl=queue).get("Messages"))
    assert json.loads(message["Body"])["detail"] == PAYMENT
    assert not deployed.cloud.sqs.receive_message(QueueUrl=queue).get("Messages")
    assert not deployed.cloud.sqs.receive_message(QueueUrl=deployed.outputs["event_dead_letter_queue_url"]).get(
        "Messages"
    )


def test_b_the_function_says_what_would_be_taken(deployed: Deployed) -> None:
    answer = deployed.validate(PAYMENT)
    assert (answer["valid"], answer["amount"], answer["region"]) == (True, "12.50", "us-east-1")
    refused = deployed.validate({**PAYMENT, "amount": str(AMOUNT_LIMIT + 1)})
    assert (refused["valid"], refused["reason"]) == (False, "Amount exceeds limit")


def test_b_the_alarms_are_there_as_they_were_declared(deployed: Deployed) -> None:
    alarms = deployed.cloud.cloudwatch.describe_alarms(
        AlarmNames=[f"payment-{name}-{SUFFIX}" for name in ("service-latency", "running-tasks")]
    )["MetricAlarms"]
    found = {alarm["MetricName"]: alarm for alarm in alarms}
    assert found["TargetResponseTime"]["ExtendedStatistic"] == "p99"
    assert found["RunningTaskCount"]["ComparisonOperator"] == "LessThanThreshold"
    assert found["RunningTaskCount"]["Threshold"] == 2


def test_c_a_changed_limit_is_in_place(deployed: Deployed) -> None:
    terraform = deployed.terraform(payment_amount_limit=10, service_min_tasks=3)
    terraform.apply()
    plan = terraform.plan()
    assert plan.empty, plan.changes
    assert deployed.validate(PAYMENT)["reason"] == "Amount exceeds limit"


def test_d_nothing_is_left_but_what_is_another_environments(deployed: Deployed) -> None:
    deployed.terraform().destroy()
    deployed.cloud.dynamodb.delete_table(TableName=FOREIGN)
    assert deployed.aws.leftovers() == {}
