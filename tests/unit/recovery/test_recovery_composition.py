"""What each payment stack has for its recovery: the switch, the function, the state machines, and what starts them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.containers import containers
from tests.unit.stacks import Document, arguments, of_type, policies, synthesized

ONE = synthesized()
TWO = synthesized(architecture="multi-region")
STANDBY = containers(standby_region="us-east-2")


def variables(document: Document, function: str) -> dict[str, str]:
    found: dict[str, str] = arguments(document, f"aws_lambda_function.{function}")["environment"]["variables"]
    return found


def allowed(document: Document, policy: str) -> dict[str, list[str]]:
    """What a policy allows: the resources by action."""
    statements = dict(policies(document))[f"aws_iam_policy.{policy}"]["Statement"]
    found: dict[str, list[str]] = {}
    for statement in statements:
        for action in statement["Action"]:
            found.setdefault(action, []).extend(statement["Resource"])
    return found


@pytest.mark.parametrize(
    ("document", "prefixes"),
    [(ONE, [""]), (TWO, ["primary_", "secondary_"]), (containers(), [""]), (STANDBY, ["primary_", "secondary_"])],
)
def test_every_region_has_a_switch_a_function_and_a_queue(document: Document, prefixes: list[str]) -> None:
    for prefix in prefixes:
        switch = arguments(document, f"aws_ssm_parameter.{prefix}parameter_payments_writes")
        assert (switch["name"], switch["value"]) == ("/payment/dev/payments/writes", "open")
        assert switch["lifecycle"] == {"ignore_changes": ["value"]}
        told = f"${{aws_ssm_parameter.{prefix}parameter_payments_writes.name}}"
        assert variables(document, f"{prefix}recovery")["WRITES_PARAMETER"] == told
        if f"{prefix}function" in of_type(document, "aws_lambda_function"):
            assert variables(document, f"{prefix}function")["WRITES_PARAMETER"] == told
        else:
            (container, *_) = json.loads(
                arguments(document, f"aws_ecs_task_definition.{prefix}service_task")["container_definitions"]
            )
            assert {"name": "WRITES_PARAMETER", "value": told} in container["environment"]
        rule = arguments(document, f"aws_cloudwatch_event_rule.{prefix}reconcile_rule")
        assert json.loads(rule["event_pattern"]) == {"replay-name": [{"exists": True}]}
        target = arguments(document, f"aws_cloudwatch_event_target.{prefix}reconcile_target")
        assert target["arn"] == f"${{aws_sqs_queue.{prefix}reconcile_queue.arn}}"
        wanted = {"recovery_function_name", "writer_failover_state_machine_arn", "writes_parameter"}
        wanted |= {"reconcile_queue_url", "reconcile_rule_arn"}
        assert {f"{prefix}{name}" for name in wanted} <= set(document["output"])


def test_the_account_has_none() -> None:
    assert "aws_sfn_state_machine" not in synthesized(architecture="account")["resource"]


def test_the_function_reaches_the_ledger_itself_past_a_proxy() -> None:
    document = synthesized(db_proxy=True)
    told = variables(document, "recovery")
    assert told["DB_ENDPOINT"] == "${aws_rds_cluster.database_cluster.endpoint}"
    assert (told["DB_AUTHENTICATION"], variables(document, "function")["DB_AUTHENTICATION"]) == ("secret", "iam")
    assert allowed(document, "recovery_ledger")["secretsmanager:GetSecretValue"] == [told["DB_SECRET_ARN"]]


def test_with_iam_it_logs_in_to_what_is_restored_too() -> None:
    (user,) = allowed(containers(), "recovery_ledger")["rds-db:connect"]
    assert user.endswith(":dbuser:cluster-*/payment_user")


def test_in_one_region_it_moves_the_writer_and_knows_no_other() -> None:
    told = variables(ONE, "recovery")
    assert told["CLUSTER_ID"] == "${aws_rds_cluster.database_cluster.cluster_identifier}"
    assert not {"OTHER_REGION", "GLOBAL_CLUSTER_ID", "REGION_ROLE_PARAMETER", "HEALTH_URL"} & set(told)
    assert allowed(ONE, "recovery_cluster") == {
        "rds:DescribeDBClusters": ["${aws_rds_cluster.database_cluster.arn}"],
        "rds:FailoverDBCluster": ["${aws_rds_cluster.database_cluster.arn}"],
    }
    assert "recovery_regions" not in of_type(ONE, "aws_iam_policy")
    assert "region_failover" not in of_type(ONE, "aws_sfn_state_machine")


def test_in_two_regions_it_knows_the_other_and_may_change_what_leads() -> None:
    told = variables(TWO, "secondary_recovery")
    assert (told["OTHER_REGION"], told["DEPLOYED_ROLE"]) == ("us-east-1", "secondary")
    assert told["HEALTH_URL"].endswith(".execute-api.us-west-2.amazonaws.com/health")
    assert told["PRIMARY_HEALTH_CHECK_ID"] == variables(TWO, "primary_recovery")["PRIMARY_HEALTH_CHECK_ID"]
    may = allowed(TWO, "secondary_recovery_regions")
    assert {arn.split(":")[3] for arn in may["ssm:PutParameter"]} == {"us-east-1", "us-west-2"}
    assert {arn.partition(":parameter")[2] for arn in may["ssm:PutParameter"]} == {"/payment/dev/region/role"}
    databases = {
        "${aws_rds_global_cluster.global_cluster.arn}",
        "${aws_rds_cluster.primary_database_cluster.arn}",
        "${aws_rds_cluster.secondary_database_cluster.arn}",
    }
    assert set(may["rds:FailoverGlobalCluster"]) == set(may["rds:SwitchoverGlobalCluster"]) == databases
    assert may["route53:UpdateHealthCheck"] == [
        "arn:aws:route53:::healthcheck/${aws_route53_health_check.primary_api_health_check.id}"
    ]
    assert may["cloudwatch:GetMetricData"] == ["*"]


def test_containers_ask_their_own_load_balancer() -> None:
    told = variables(STANDBY, "secondary_recovery")
    assert told["HEALTH_URL"] == "https://${aws_lb.secondary_balancer.dns_name}/health"
    assert "HEALTH_URL" not in variables(containers(nat_gateways="none"), "recovery")


def trigger(document: Document, id_: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The rule's pattern, the target, and the input that it gives."""
    pattern = json.loads(arguments(document, f"aws_cloudwatch_event_rule.{id_}_rule")["event_pattern"])
    target = arguments(document, f"aws_cloudwatch_event_target.{id_}_target")
    return pattern, target, json.loads(target["input_transformer"]["input_template"])


def test_the_alarm_on_an_unavailable_ledger_starts_the_writers_failover() -> None:
    pattern, target, given = trigger(ONE, "writer_failover_alarm")
    alarm = arguments(ONE, "aws_cloudwatch_metric_alarm.ledger_unavailable_alarm")
    assert pattern["resources"][0].endswith(f":alarm:{alarm['alarm_name']}")
    assert pattern["detail"] == {"state": {"value": ["ALARM"]}, "previousState": {"value": ["OK"]}}
    assert alarm["dimensions"] == {"environment": "dev", "service": "payment-processor"}
    assert (alarm["metric_name"], alarm["period"], alarm["evaluation_periods"]) == ("LedgerUnavailable", 60, 2)
    assert target["arn"] == "${aws_sfn_state_machine.writer_failover.arn}"
    assert target["input_transformer"]["input_paths"] == {"alarm": "$.detail.alarmName"}
    assert "event_bus_name" not in target
    assert given == {"requested_by": "alarm <alarm>"}
    may = allowed(ONE, "writer_failover_alarm_start")
    assert may["states:StartExecution"] == [target["arn"]]
    assert may["kms:GenerateDataKey"] == ["${aws_kms_key.operations_key.arn}"]
    assert target["role_arn"] == "${aws_iam_role.writer_failover_alarm_role.arn}"


@pytest.mark.parametrize("document", [TWO, STANDBY])
def test_the_secondarys_alarm_on_replication_asks_for_a_failover_there(document: Document) -> None:
    pattern, target, given = trigger(document, "secondary_region_failover_alarm")
    alarm = arguments(document, "aws_cloudwatch_metric_alarm.secondary_replication_lag_alarm")
    assert pattern["resources"][0].endswith(f":alarm:{alarm['alarm_name']}")
    assert alarm["treat_missing_data"] == "breaching"
    assert target["arn"] == "${aws_sfn_state_machine.secondary_region_failover.arn}"
    assert given == {"mode": "failover", "requested_by": "alarm <alarm>"}
    assert "primary_region_failover_alarm_rule" not in of_type(document, "aws_cloudwatch_event_rule")
    assert "primary_region_failover" in of_type(document, "aws_sfn_state_machine")


@pytest.mark.parametrize("name", ["primary_writer_failover", "secondary_region_failover"])
def test_state_machines_call_their_own_regions_function_and_tell_its_topic(name: str) -> None:
    side = name.partition("_")[0]
    machine = arguments(TWO, f"aws_sfn_state_machine.{name}")
    function = f"${{aws_lambda_function.{side}_recovery.arn}}"
    tasks = [state for state in json.loads(machine["definition"])["States"].values() if state["Type"] == "Task"]
    called = {state["Parameters"].get("FunctionName") for state in tasks}
    assert called == {function, None}
    topic = f"${{aws_sns_topic.{side}_alerts_topic.arn}}"
    assert {state["Parameters"].get("TopicArn") for state in tasks} == {topic, None}
    assert allowed(TWO, f"{name}_function") == {"lambda:InvokeFunction": [function]}
    assert allowed(TWO, f"{name}_notices")["sns:Publish"] == [topic]
    for state in tasks:
        assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
        assert state["Retry"]
        assert state["TimeoutSeconds"] > 0
