"""The canaries as the project makes them: applied, run against an API that comes and goes, changed, destroyed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local_aws.server import LocalAws
from tests.integration.local_aws.conftest import Cloud
from tests.integration.local_aws_containers.surroundings import eventually
from tests.integration.local_aws_monitoring.canary_stack import PREFIX, canary_stack
from tests.integration.local_aws_monitoring.noticed import alarm, queue, received, turns
from tests.integration.local_aws_monitoring.served_api import KEY, PaymentApi, ServedApi

NAMES = [f"payment-canary-{name}-it-1" for name in ("available", "fast", "pays")]
ALARMS = [f"payment-canary-{name}-it-1" for name in ("available", "fast", "pays")]
SERVICE = "payment-service-it-1"


@dataclass
class Deployed:
    """The stack on a local AWS where a minute is a second, with the API that its canaries ask."""

    aws: LocalAws
    cloud: Cloud
    folder: Path
    api: ServedApi
    secret_arn: str
    outputs: dict[str, Any]

    def terraform(self, **changed: object) -> Any:
        url = f"https://{self.api.host}"
        return canary_stack(self.folder, self.aws, api_url=url, secret_arn=self.secret_arn, **changed)

    def runs(self, name: str, state: str) -> list[dict[str, Any]]:
        """The runs of a canary that ended so, the latest first."""
        found = self.cloud.synthetics.get_canary_runs(Name=name)["CanaryRuns"]
        return [run for run in found if run["Status"]["State"] == state]

    def passes_twice(self, name: str) -> bool:
        """Whether a canary passes again and again."""
        return bool(eventually(lambda: len(self.runs(name, "PASSED")) > 1))


@pytest.fixture(scope="module")
def deployed(aws: LocalAws, cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder, api = tmp_path_factory.mktemp("canaries"), ServedApi(cloud)
    api.start()
    secret = cloud.secretsmanager.create_secret(Name="api-key", SecretString=KEY)["ARN"]
    found = Deployed(aws, cloud, folder, api, secret, {})
    terraform = found.terraform()
    terraform.init()
    terraform.apply()
    found.outputs = terraform.output()
    try:
        yield found
    finally:
        api.stop()


def test_a_second_plan_is_empty(deployed: Deployed) -> None:
    plan = deployed.terraform().plan()
    assert plan.empty, plan.changes


def test_b_canaries_pass_again_and_again_and_pay(deployed: Deployed) -> None:
    assert deployed.outputs["canary_names"] == NAMES
    for name in NAMES:
        assert deployed.passes_twice(name), deployed.runs(name, "FAILED")
    paid = len(PaymentApi.taken)
    assert paid
    assert eventually(lambda: len(PaymentApi.taken) > paid)


def test_b_artifacts_logs_and_metrics_are_kept(deployed: Deployed) -> None:
    (run, *_) = deployed.runs(NAMES[2], "PASSED")
    bucket, _, folder = run["ArtifactS3Location"].partition("/")
    assert (bucket, folder.startswith(f"{PREFIX}/pays/")) == (deployed.outputs["logs_bucket_name"], True)
    kept = deployed.cloud.s3.get_object(Bucket=bucket, Key=f"{folder}/SyntheticsReport-PASSED.json")["Body"].read()
    assert json.loads(kept)["canaryName"] == NAMES[2]
    engine = deployed.cloud.synthetics.get_canary(Name=NAMES[2])["Canary"]["EngineArn"]
    group = f"/aws/lambda/{engine.split(':')[6]}"

    def logged() -> bool:
        events = deployed.cloud.logs.filter_log_events(logGroupName=group)["events"]
        return any("POST /payments: 200" in event["message"] for event in events)

    assert eventually(logged)
    metrics = deployed.cloud.cloudwatch.list_metrics(Namespace="CloudWatchSynthetics")["Metrics"]
    of_canary = [{"Name": "CanaryName", "Value": NAMES[2]}]
    assert {metric["MetricName"] for metric in metrics if metric["Dimensions"] == of_canary} == {
        "SuccessPercent",
        "Failed",
        "Duration",
    }


def test_c_an_api_that_is_gone_is_noticed_until_it_is_back(deployed: Deployed) -> None:
    cloud = deployed.cloud
    for name in (*ALARMS, SERVICE):
        assert turns(cloud, name, "OK"), alarm(cloud, name)
    url, arn = queue(cloud, "alerts")
    subscription = cloud.sns.subscribe(
        TopicArn=deployed.outputs["topic_arn"], Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    told: list[tuple[str, str]] = []

    def hears(*expected: tuple[str, str]) -> bool:
        messages = [json.loads(message["Message"]) for message in received(cloud, url)]
        told.extend((one["AlarmName"], one["NewStateValue"]) for one in messages)
        return set(expected) <= set(told)

    deployed.api.stop()
    for name in (*ALARMS, SERVICE):
        assert turns(cloud, name, "ALARM", 40), alarm(cloud, name)
    assert eventually(lambda: hears(*((name, "ALARM") for name in (*ALARMS, SERVICE))))
    failed = deployed.runs(NAMES[0], "FAILED")[0]["Status"]
    assert failed["StateReasonCode"] == "CANARY_FAILURE"
    assert failed["StateReason"].startswith("CanaryFailedError: GET /health was answered with 502")
    told.clear()
    deployed.api.start()
    for name in (*ALARMS, SERVICE):
        assert turns(cloud, name, "OK", 40), alarm(cloud, name)
    assert eventually(lambda: hears(*((name, "OK") for name in (*ALARMS, SERVICE))))
    cloud.sns.unsubscribe(SubscriptionArn=subscription)
    cloud.sqs.delete_queue(QueueUrl=url)


def test_d_a_canary_that_runs_is_changed_and_runs_on(deployed: Deployed) -> None:
    engine = deployed.cloud.synthetics.get_canary(Name=NAMES[0])["Canary"]["EngineArn"]
    terraform = deployed.terraform(environment_class="staging", canary_runtime="syn-python-selenium-13.0")
    terraform.apply()
    assert terraform.plan().empty
    now = deployed.cloud.synthetics.get_canary(Name=NAMES[0])["Canary"]
    assert (now["RuntimeVersion"], now["Status"]["State"]) == ("syn-python-selenium-13.0", "RUNNING")
    assert (now["FailureRetentionPeriodInDays"], now["EngineArn"]) == (30, engine)
    assert now["Tags"]["EnvironmentClass"] == "staging"
    before = deployed.runs(NAMES[0], "PASSED")[0]["Id"]
    assert eventually(lambda: deployed.runs(NAMES[0], "PASSED")[0]["Id"] != before)


def test_e_nothing_is_left(deployed: Deployed) -> None:
    deployed.terraform().destroy()
    deployed.cloud.secretsmanager.delete_secret(SecretId=deployed.secret_arn, ForceDeleteWithoutRecovery=True)
    deployed.api.delete()
    assert deployed.aws.leftovers() == {}
