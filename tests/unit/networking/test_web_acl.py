"""The web ACL: rate first, then AWS's rules; what it logs, and to where."""

from __future__ import annotations

import json
from typing import Any

from lib.encryption import operations_key
from lib.networking.web_acl import MANAGED_RULE_GROUPS, WebAcl
from lib.refusals import check
from lib.region import Region
from lib.settings import load_settings
from tests.unit.region_stack import ENVIRONMENT, synthesized_in_region
from tests.unit.stacks import Document, arguments

BALANCER = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/payment-alb-dev/1"


def build(region: Region) -> None:
    acl = WebAcl(region, key_arn=operations_key(region).arn, load_balancer_arn=BALANCER)
    for name, value in acl.outputs().items():
        region.stack.add_override(f"output.{name}.value", value)


def walled(**overrides: object) -> Document:
    return synthesized_in_region(build, role=None, **overrides)


DEV = walled()


def rules(document: Document) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = arguments(document, "aws_wafv2_web_acl.web_acl")["rule"]
    return sorted(found, key=lambda rule: rule["priority"])


def test_c5_rate_of_each_address_is_limited_first() -> None:
    for document, limit in ((DEV, 2000), (walled(waf_rate_limit=50), 50)):
        first = rules(document)[0]
        assert first["action"] == {"block": {}}
        assert first["statement"] == {
            "rate_based_statement": {"limit": limit, "aggregate_key_type": "IP", "evaluation_window_sec": 300}
        }


def test_c5_managed_rules_act_as_aws_made_them() -> None:
    managed = rules(DEV)[1:]
    assert [rule["name"] for rule in managed] == list(MANAGED_RULE_GROUPS)
    assert [rule["priority"] for rule in managed] == [1, 2, 3, 4]
    for rule in managed:
        assert rule["override_action"] == {"none": {}}
        assert rule["statement"] == {"managed_rule_group_statement": {"vendor_name": "AWS", "name": rule["name"]}}


def test_c5_measured_and_in_front_of_the_load_balancer() -> None:
    acl = arguments(DEV, "aws_wafv2_web_acl.web_acl")
    assert (acl["scope"], acl["default_action"]) == ("REGIONAL", {"allow": {}})
    for visible in (acl["visibility_config"], *(rule["visibility_config"] for rule in acl["rule"])):
        assert visible["cloudwatch_metrics_enabled"] is True
    association = arguments(DEV, "aws_wafv2_web_acl_association.web_acl_association")
    assert association == {"resource_arn": BALANCER, "web_acl_arn": "${aws_wafv2_web_acl.web_acl.arn}"}


def test_s17_log_is_owned_encrypted_and_without_secrets() -> None:
    group = arguments(DEV, "aws_cloudwatch_log_group.web_acl_log_group")
    assert group["name"] == "aws-waf-logs-payment-web-acl-dev"
    assert group["kms_key_id"] == "${aws_kms_key.operations_key.arn}"
    logging = arguments(DEV, "aws_wafv2_web_acl_logging_configuration.web_acl_logging")
    assert logging["log_destination_configs"] == ["${aws_cloudwatch_log_group.web_acl_log_group.arn}"]
    assert logging["resource_arn"] == "${aws_wafv2_web_acl.web_acl.arn}"
    redacted = [field["single_header"]["name"] for field in logging["redacted_fields"]]
    assert redacted == ["authorization", "x-api-key"]


def test_g7_only_log_delivery_of_this_account_writes_the_log() -> None:
    policy = arguments(DEV, "aws_cloudwatch_log_resource_policy.web_acl_log_policy")
    assert policy["policy_name"] == "payment-web-acl-dev"
    (statement,) = json.loads(policy["policy_document"])["Statement"]
    assert statement["Principal"] == {"Service": ["delivery.logs.amazonaws.com"]}
    assert statement["Resource"] == ["${aws_cloudwatch_log_group.web_acl_log_group.arn}:log-stream:*"]
    account = "${data.aws_caller_identity.account.account_id}"
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": f"arn:aws:logs:us-east-1:{account}:*"},
    }


def test_e1_names_fit_with_the_longest_suffix() -> None:
    longest = "a" * 20
    check(walled(environment_suffix=longest), load_settings(**ENVIRONMENT, environment_suffix=longest))


def test_outputs() -> None:
    outputs = {name: output["value"] for name, output in DEV["output"].items()}
    assert outputs["web_acl_arn"] == "${aws_wafv2_web_acl.web_acl.arn}"
    assert outputs["web_acl_name"] == "${aws_wafv2_web_acl.web_acl.name}"
    assert outputs["web_acl_log_group_name"] == "${aws_cloudwatch_log_group.web_acl_log_group.name}"
