"""The validation function's deployment: closed on every side but for who may call it."""

from __future__ import annotations

import payment_validation
from lib.compute.function import FunctionCode
from lib.encryption import operations_key
from lib.iam import attach_policy, service_role
from lib.region import Region
from lib.validation import Validation
from tests.unit.region_stack import synthesized_in_region
from tests.unit.stacks import arguments, artifacts, of_type, policies

RULE = "arn:aws:events:us-east-1:123456789012:rule/bus/rule"


def build(region: Region) -> None:
    code = FunctionCode(region.stack, package=artifacts().functions)
    key = operations_key(region)
    function = Validation(region, code=code, vpc_id="vpc-1", subnet_ids=["subnet-1", "subnet-2"], key=key)
    function.allow_rule(RULE)
    caller = service_role(region, "caller_role", name="caller", service="states.amazonaws.com")
    attach_policy(region, "caller_validates", role=caller, name="validates", statements=function.invoke_access())
    assert set(function.outputs()) == {
        "validation_function_name",
        "validation_function_arn",
        "validation_log_group_name",
    }


DOCUMENT = synthesized_in_region(build, payment_amount_limit=5000)
FUNCTION = arguments(DOCUMENT, "aws_lambda_function.validation")


def test_the_function_runs_the_rules_with_the_environments_limit() -> None:
    module, _, name = FUNCTION["handler"].partition(".")
    assert (module, callable(getattr(payment_validation, name))) == (payment_validation.__name__, True)
    assert FUNCTION["function_name"] == "payment-validation-dev"
    assert FUNCTION["environment"]["variables"] == {
        "REGION": "us-east-1",
        "ENVIRONMENT_SUFFIX": "dev",
        "PAYMENT_AMOUNT_LIMIT": "5000",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "POWERTOOLS_SERVICE_NAME": "payment-validation",
    }


def test_it_has_a_security_group_of_its_own_without_a_way_in_or_out() -> None:
    assert FUNCTION["vpc_config"]["security_group_ids"] == ["${aws_security_group.validation_security_group.id}"]
    assert of_type(DOCUMENT, "aws_vpc_security_group_egress_rule") == {}
    assert of_type(DOCUMENT, "aws_vpc_security_group_ingress_rule") == {}


def test_its_role_may_run_it_and_nothing_else() -> None:
    assert FUNCTION["role"] == "${aws_iam_role.validation_role.arn}"
    attachments = of_type(DOCUMENT, "aws_iam_role_policy_attachment").values()
    attached = {one["policy_arn"] for one in attachments if one["role"] == "${aws_iam_role.validation_role.name}"}
    assert attached == {"${aws_iam_policy.validation_runtime.arn}"}
    allowed = {
        action
        for statement in dict(policies(DOCUMENT))["aws_iam_policy.validation_runtime"]["Statement"]
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
    }
    assert {action.partition(":")[0] for action in allowed} == {"logs", "xray", "ec2"}
    group = arguments(DOCUMENT, "aws_cloudwatch_log_group.validation_log_group")
    assert (group["name"], group["kms_key_id"]) == (
        "/aws/lambda/payment-validation-dev",
        "${aws_kms_key.operations_key.arn}",
    )


def test_of_services_only_the_rule_may_call_it_for_this_account() -> None:
    (permission,) = of_type(DOCUMENT, "aws_lambda_permission").values()
    assert (permission["principal"], permission["source_arn"]) == ("events.amazonaws.com", RULE)
    assert permission["source_account"] == "${data.aws_caller_identity.account.account_id}"
    assert permission["action"] == "lambda:InvokeFunction"


def test_a_role_that_may_call_it_may_call_nothing_else() -> None:
    (statement,) = dict(policies(DOCUMENT))["aws_iam_policy.caller_validates"]["Statement"]
    assert statement["Action"] == ["lambda:InvokeFunction"]
    assert statement["Resource"] == ["${aws_lambda_function.validation.arn}"]
