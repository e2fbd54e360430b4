"""Canaries: what they run, as whom, where their logs go, and what is noticed of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lib.api.callers import SharedKey
from lib.canary import payment_canaries
from lib.compute.canary_package import build_canary_package
from lib.encryption import operations_key
from lib.iam import Statement
from lib.monitoring.alarms import Alarms
from lib.monitoring.canaries import Canaries, CanaryCode, CanaryNetwork
from lib.monitoring.canary_role import Artifacts
from lib.refusals import RefusalError, check
from lib.refusals.names import name_faults
from lib.region import Region
from lib.settings import RegionRole, load_settings
from tests.unit.region_stack import ENVIRONMENT, synthesized_in_region
from tests.unit.stacks import Document, arguments, of_type

SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:payment-api-key-dev-abc123"
READ = Statement(sid="ReadApiKey", actions=["secretsmanager:GetSecretValue"], resources=[SECRET])
NAMES = ("available", "fast", "pays")

made: list[Canaries] = []


def canaries(*, pays: bool = True, in_vpc: bool = False, **overrides: Any) -> Document:
    """The canaries with their alarms; `overrides` are settings, and the Region's role."""

    def build(region: Region) -> None:
        key = operations_key(region)
        one = Canaries(
            region,
            code=CanaryCode(region.stack, package=build_canary_package()),
            api_url="https://api.payment-dev.acme.io",
            artifacts=Artifacts(bucket_name="logs", bucket_arn="arn:aws:s3:::logs", prefix="canaries"),
            key=key,
            api_key=SharedKey(secret_arn=SECRET, access=[READ]) if pays else None,
            network=CanaryNetwork(vpc_id="vpc-1", subnet_ids=["subnet-1", "subnet-2"]) if in_vpc else None,
        )
        made.append(one)
        Alarms(region, topic_arn="arn:aws:sns:us-east-1:123456789012:alerts", alarms=one.alarms())

    return synthesized_in_region(build, **overrides)


DEV = canaries()


def statements(document: Document, id_: str) -> dict[str, dict[str, Any]]:
    found = json.loads(arguments(document, f"aws_iam_policy.{id_}")["policy"])
    return {statement["Sid"]: statement for statement in found["Statement"]}


def test_c9_three_canaries_run_every_five_minutes_and_go_with_the_environment() -> None:
    found = of_type(DEV, "aws_synthetics_canary")
    assert set(found) == {f"{name}_canary" for name in NAMES}
    for name in NAMES:
        one = found[f"{name}_canary"]
        assert one["name"] == f"payment-canary-{name}-dev"
        assert one["schedule"] == {"expression": "rate(5 minutes)"}
        assert (one["start_canary"], one["delete_lambda"]) == (True, True)
        assert one["runtime_version"] == load_settings(**ENVIRONMENT).canary_runtime
        assert one["artifact_s3_location"] == f"s3://logs/canaries/{name}"
        assert (one["success_retention_period"], one["failure_retention_period"]) == (7, 7)
        assert one["zip_file"].endswith("-payment_canaries.zip")
        module, _, handler = one["handler"].partition(".")
        assert module == Path(payment_canaries.__file__).stem
        assert callable(getattr(payment_canaries, handler))
        assert one["run_config"]["environment_variables"]["API_URL"] == "https://api.payment-dev.acme.io"


def test_runs_are_kept_as_long_as_logs() -> None:
    production = canaries(environment_class="production", alert_email="a@acme.io")
    kept = arguments(production, "aws_synthetics_canary.pays_canary")["failure_retention_period"]
    assert kept == load_settings(**ENVIRONMENT, environment_class="production").log_retention_days == 400


def test_g7_a_canary_reports_and_the_one_that_pays_reads_the_key() -> None:
    report = statements(DEV, "available_canary_report")
    assert report["KeepArtifacts"]["Resource"] == ["arn:aws:s3:::logs/canaries/*"]
    assert [sid for sid, one in report.items() if one["Resource"] == ["*"]] == ["ListBuckets", "PutMetrics"]
    condition = statements(DEV, "available_canary_report")["PutMetrics"]["Condition"]
    assert condition == {"StringEquals": {"cloudwatch:namespace": "CloudWatchSynthetics"}}
    granted = {id_ for id_ in of_type(DEV, "aws_iam_policy") if id_.endswith("api_key")}
    assert granted == {"pays_canary_api_key"}
    assert statements(DEV, "pays_canary_api_key")["ReadApiKey"]["Resource"] == [SECRET]
    environment = arguments(DEV, "aws_synthetics_canary.pays_canary")["run_config"]["environment_variables"]
    assert environment["API_KEY_SECRET_ARN"] == SECRET
    trust = json.loads(arguments(DEV, "aws_iam_role.pays_canary_role")["assume_role_policy"])["Statement"][0]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_the_log_group_of_the_function_that_aws_makes_is_the_environments_own() -> None:
    group = arguments(DEV, "aws_cloudwatch_log_group.fast_canary_log_group")
    function = '${element(split(":", aws_synthetics_canary.fast_canary.engine_arn), 6)}'
    assert group["name"] == f"/aws/lambda/{function}"
    assert group["kms_key_id"] == "${aws_kms_key.operations_key.arn}"
    (write,) = statements(DEV, "fast_canary_logs").values()
    assert write["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert write["Resource"] == ["${aws_cloudwatch_log_group.fast_canary_log_group.arn}:*"]
    role_policies = {f"aws_iam_role_policy_attachment.fast_canary_{what}_attachment" for what in ("report",)}
    assert set(arguments(DEV, "aws_synthetics_canary.fast_canary")["depends_on"]) == role_policies


def test_a_canary_that_fails_or_stops_is_noticed() -> None:
    alarm = arguments(DEV, "aws_cloudwatch_metric_alarm.canary_pays_alarm")
    assert (alarm["metric_name"], alarm["comparison_operator"]) == ("SuccessPercent", "LessThanThreshold")
    assert (alarm["threshold"], alarm["evaluation_periods"], alarm["period"]) == (100, 2, 300)
    assert alarm["treat_missing_data"] == "breaching"
    assert alarm["dimensions"] == {"CanaryName": "${aws_synthetics_canary.pays_canary.name}"}
    slow = arguments(DEV, "aws_cloudwatch_metric_alarm.canary_pays_duration_alarm")
    assert (slow["metric_name"], slow["comparison_operator"]) == ("Duration", "GreaterThanThreshold")
    assert (slow["threshold"], slow["treat_missing_data"]) == (30_000, "notBreaching")
    assert len(of_type(DEV, "aws_cloudwatch_metric_alarm")) == 2 * len(NAMES)


def test_without_a_key_nobody_pays() -> None:
    found = canaries(pays=False)
    assert set(of_type(found, "aws_synthetics_canary")) == {"available_canary", "fast_canary"}
    assert len(made[-1].names) == len(made[-1].outputs()["canary_names"]) == 2


def test_in_the_vpc_a_canary_has_a_way_out_to_https_and_no_way_in() -> None:
    found = canaries(in_vpc=True)
    config = arguments(found, "aws_synthetics_canary.pays_canary")["vpc_config"]
    group = "${aws_security_group.canaries_security_group.id}"
    assert config == {"subnet_ids": ["subnet-1", "subnet-2"], "security_group_ids": [group]}
    egress = arguments(found, "aws_vpc_security_group_egress_rule.canaries_to_anywhere")
    assert (egress["cidr_ipv4"], egress["from_port"]) == ("0.0.0.0/0", 443)
    assert not of_type(found, "aws_vpc_security_group_ingress_rule")
    assert "JoinVpc" in statements(found, "pays_canary_network")
    depends = arguments(found, "aws_synthetics_canary.pays_canary")["depends_on"]
    assert "aws_iam_role_policy_attachment.pays_canary_network_attachment" in depends


@pytest.mark.parametrize("role", [None, RegionRole.SECONDARY])
def test_aws_takes_the_names_also_with_the_longest_suffix(role: RegionRole | None) -> None:
    inputs: dict[str, Any] = {"environment_suffix": "a" * 20}
    document = canaries(role=role, **inputs)
    assert not list(name_faults(document, load_settings(**ENVIRONMENT, **inputs)))
    names = [one["name"] for one in of_type(document, "aws_synthetics_canary").values()]
    assert all("a" * 20 in name for name in names)


@pytest.mark.parametrize(
    "name", ["/aws/lambda/${aws_synthetics_canary.one.id}", '/aws/lambda/${element(split(":", local.arn), 6)}']
)
def test_other_names_that_are_made_up_are_refused(name: str) -> None:
    with pytest.raises(RefusalError, match="characters that AWS does not take"):
        check({"resource": {"aws_cloudwatch_log_group": {"one": {"name": name}}}}, load_settings(**ENVIRONMENT))
