"""Finding IAM policies in synthesized JSON, and putting ARNs where Terraform would."""

import json
from pathlib import Path
from typing import Any

import pytest

from policy.configuration import Configuration
from policy.findings import ScanError
from policy.interpolations import resolve
from policy.plan import plan_of_policies
from policy.policy_documents import PolicyKind, distinct_policies, policies_of

TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}


def policy(resource: str, action: str = "sqs:SendMessage") -> str:
    statement = {"Effect": "Allow", "Action": [action], "Resource": [resource]}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def configuration(resources: dict[str, Any], name: str = "ephemeral", **blocks: Any) -> Configuration:
    provider = {"aws": [{"region": "eu-west-1", "default_tags": [{"tags": {"EnvironmentClass": "staging"}}]}]}
    return Configuration(name, Path("cdk.tf.json"), {"provider": provider, "resource": resources, **blocks})


def identity(text: str, name: str = "ephemeral") -> Configuration:
    return configuration({"aws_iam_policy": {"send": {"name": "send", "policy": text}}}, name)


def test_each_kind_of_policy_is_found() -> None:
    stack = configuration(
        {
            "aws_iam_policy": {"send": {"policy": policy("*")}},
            "aws_iam_role": {
                "worker": {
                    "assume_role_policy": json.dumps(TRUST),
                    "inline_policy": [{"name": "send", "policy": policy("*")}],
                }
            },
            "aws_kms_key": {"data": {"policy": policy("*", "kms:*"), "//": {"policy": "comment"}}},
            "aws_sqs_queue": {"letters": {"name": "letters"}},
        }
    )
    assert [(found.address, found.kind) for found in policies_of(stack)] == [
        ("aws_iam_policy.send", PolicyKind.IDENTITY),
        ("aws_iam_role.worker", PolicyKind.TRUST),
        ("aws_iam_role.worker", PolicyKind.IDENTITY),
        ("aws_kms_key.data", PolicyKind.RESOURCE),
    ]


def test_references_become_arns() -> None:
    (found,) = policies_of(identity(policy("${aws_sqs_queue.letters.arn}")))
    assert json.loads(found.text)["Statement"][0]["Resource"] == ["arn:aws:sqs:eu-west-1:123456789012:letters"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${data.aws_caller_identity.account.account_id}", "123456789012"),
        (
            "${aws_dynamodb_table.sessions.arn}/index/*",
            "arn:aws:dynamodb:us-east-1:123456789012:table/sessions/index/*",
        ),
        (
            "${aws_rds_cluster.main.master_user_secret[0].secret_arn}",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:main-Ab1Cd2",
        ),
        ("${aws_s3_bucket.logs.id}", "logs"),
        ("arn:aws:s3:::plain", "arn:aws:s3:::plain"),
    ],
)
def test_interpolation_has_the_form_of_what_aws_gives(text: str, value: str) -> None:
    assert resolve(text, "us-east-1") == value


def test_arn_of_an_unknown_type_is_an_error_that_says_where_to_add_it() -> None:
    with pytest.raises(ScanError, match=r"aws_quicksight_theme\.dark: add its type in policy/interpolations\.py"):
        resolve("${aws_quicksight_theme.dark.arn}", "us-east-1")


@pytest.mark.parametrize("text", ['${jsonencode({"Statement" = []})}', "${var.policy}"])
def test_expression_that_hides_a_policy_is_an_error(text: str) -> None:
    with pytest.raises(ScanError, match="write a policy as JSON with plain references"):
        list(policies_of(identity(text)))


@pytest.mark.parametrize(("text", "fault"), [("{", "is not JSON"), ('{"Version": "2012-10-17"}', "has no Statement")])
def test_argument_policy_that_is_no_policy_is_an_error(text: str, fault: str) -> None:
    with pytest.raises(ScanError, match=f"aws_iam_policy.send: policy {fault}"):
        list(policies_of(identity(text)))


def test_policy_from_a_data_source_is_an_error() -> None:
    stack = configuration({"aws_sqs_queue": {"letters": {}}}, data={"aws_iam_policy_document": {"send": {}}})
    with pytest.raises(ScanError, match="aws_iam_policy_document is not judged"):
        list(policies_of(stack))


def test_equal_policies_of_two_stacks_are_one_with_both_origins() -> None:
    stacks = [identity(policy("*")), identity(policy("*").replace(", ", ","), "production"), identity(policy("arn:a"))]
    one, other = distinct_policies(stacks)
    assert [origin.name for origin in one.origins] == ["ephemeral", "production"]
    assert len(other.origins) == 1


def test_stacks_without_any_policy_are_an_error() -> None:
    with pytest.raises(ScanError, match="no IAM policy was found"):
        distinct_policies([configuration({"aws_sqs_queue": {"letters": {"name": "letters"}}})])


def test_plan_of_policies_holds_each_under_an_address_of_its_own() -> None:
    stacks = [identity(policy("*")), identity(policy("arn:a"), "production")]
    found = distinct_policies(stacks)
    plan, by_address = plan_of_policies(found)
    resources = plan["planned_values"]["root_module"]["resources"]
    assert [by_address[resource["address"]] for resource in resources] == found
    assert [resource["values"]["policy"] for resource in resources] == [one.text for one in found]
    assert resources[0]["values"]["name"] == "send"


def test_configuration_knows_its_class_region_and_addresses() -> None:
    stack = configuration({"aws_sqs_queue": {"letters": {}}, "aws_sns_topic": {"alerts": {}, "letters": {}}})
    assert (stack.environment_class, stack.region) == ("staging", "eu-west-1")
    assert stack.address("resource.alerts") == "aws_sns_topic.alerts"
    assert stack.address("aws_sqs_queue.letters") == "aws_sqs_queue.letters"
    assert stack.address("resource.letters") == "resource.letters"


@pytest.mark.parametrize("text", [None, "[]", "{}", '{"resource": {}}', "resource"])
def test_file_that_is_no_stack_is_an_error(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "cdk.tf.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ScanError, match=r"cdk\.tf\.json that `make synth` writes"):
        Configuration.read(file)
