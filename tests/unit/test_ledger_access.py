"""Who logs in to the ledger, and how: the migrations as master user, the payment function as its own user."""

from __future__ import annotations

import json
from typing import Any

import payment_migrations
from tests.unit.stacks import Document, arguments, of_type, synthesized

DEV = synthesized()
IAM = synthesized(db_authentication="iam")
PROXY = synthesized(db_proxy=True)
MASTER_SECRET = "${aws_rds_cluster.database_cluster.master_user_secret[0].secret_arn}"
USER_SECRET = "${aws_secretsmanager_secret.ledger_user_secret.arn}"


def variables(document: Document, function: str) -> dict[str, str]:
    found: dict[str, str] = arguments(document, f"aws_lambda_function.{function}")["environment"]["variables"]
    return found


def resources_by_action(document: Document, policy: str) -> dict[str, list[str]]:
    """Return what a policy of an IAM resource allows: the resources of each action."""
    statements = json.loads(arguments(document, f"aws_iam_policy.{policy}")["policy"])["Statement"]
    allowed: dict[str, list[str]] = {}
    for statement in statements:
        for action in statement["Action"] if statement["Effect"] == "Allow" else []:
            allowed.setdefault(action, []).extend(statement["Resource"])
    return allowed


def attached_to(document: Document, role: str) -> set[str]:
    reference = f"${{aws_iam_role.{role}.name}}"
    attachments = of_type(document, "aws_iam_role_policy_attachment")
    return {id_.removesuffix("_attachment") for id_, found in attachments.items() if found["role"] == reference}


def test_migrations_are_a_function_of_their_own_from_the_same_package() -> None:
    function, processor = (arguments(DEV, f"aws_lambda_function.{id_}") for id_ in ("migrations", "function"))
    module, _, name = function["handler"].partition(".")
    assert (module, callable(getattr(payment_migrations, name))) == (payment_migrations.__name__, True)
    assert (function["function_name"], function["timeout"]) == ("payment-migrations-dev", 120)
    for same in ("filename", "source_code_hash", "runtime", "architectures"):
        assert function[same] == processor[same]
    assert "dead_letter_config" not in function
    assert len(function["vpc_config"]["subnet_ids"]) == 3
    assert DEV["output"]["migrations_function_name"]["value"] == "${aws_lambda_function.migrations.function_name}"


def test_migrations_may_read_the_two_secrets_and_nothing_else() -> None:
    assert attached_to(DEV, "migrations_role") == {"migrations_runtime", "migrations_secrets"}
    assert resources_by_action(DEV, "migrations_secrets") == {
        "secretsmanager:GetSecretValue": [MASTER_SECRET, USER_SECRET],
        "kms:Decrypt": ["${aws_kms_key.database_key.arn}"] * 2,
    }


def test_the_master_user_is_for_migrations_alone() -> None:
    for id_ in of_type(DEV, "aws_iam_policy"):
        readable = resources_by_action(DEV, id_).get("secretsmanager:GetSecretValue", [])
        assert (MASTER_SECRET in readable) == (id_ == "migrations_secrets"), id_
    assert "DB_MASTER_SECRET_ARN" not in variables(DEV, "function")


def test_migrations_run_once_everything_they_need_is_there() -> None:
    run = arguments(DEV, "aws_lambda_invocation.migrations_run")
    assert {
        "aws_rds_cluster_instance.database_instance_0",
        "aws_rds_cluster_instance.database_instance_1",
        "aws_iam_role_policy_attachment.migrations_secrets_attachment",
        "aws_vpc_security_group_ingress_rule.database_from_migrations",
        "aws_vpc_security_group_egress_rule.migrations_to_aws",
        "aws_route.private_route_a",
        "aws_route_table_association.private_routes_c",
    } <= set(run["depends_on"])
    without_nat = arguments(synthesized(nat_gateways="none"), "aws_lambda_invocation.migrations_run")
    assert "aws_vpc_endpoint.secretsmanager_endpoint" in without_nat["depends_on"]


def test_migrations_run_again_when_package_password_or_database_change_and_not_at_a_destroy() -> None:
    run = arguments(DEV, "aws_lambda_invocation.migrations_run")
    assert run["lifecycle_scope"] == "CREATE_ONLY"
    assert run["triggers"] == {
        "package": arguments(DEV, "aws_lambda_function.function")["source_code_hash"],
        "user": "${aws_secretsmanager_secret_version.ledger_user_secret_version.version_id}",
        "database": "${aws_rds_cluster.database_cluster.cluster_resource_id}",
    }


def test_payments_go_to_a_new_version_only_after_the_migrations() -> None:
    assert "aws_lambda_invocation.migrations_run" in arguments(DEV, "aws_lambda_alias.function_alias")["depends_on"]
    target = "aws_db_proxy_target.database_proxy_target"
    assert target in arguments(PROXY, "aws_lambda_alias.function_alias")["depends_on"]


def test_the_password_of_the_user_is_in_no_plan_and_no_state() -> None:
    secret = arguments(DEV, "aws_secretsmanager_secret.ledger_user_secret")
    assert (secret["name"], secret["recovery_window_in_days"]) == ("payment-ledger-user-dev", 0)
    assert secret["kms_key_id"] == "${aws_kms_key.database_key.arn}"
    version = arguments(DEV, "aws_secretsmanager_secret_version.ledger_user_secret_version")
    assert "secret_string" not in version
    written = json.loads(version["secret_string_wo"])
    assert written["username"] == "payment_app"
    assert written["password"] == "${ephemeral.aws_secretsmanager_random_password.ledger_user.random_password}"
    # The password stands in JSON as it is, so it must hold nothing that JSON would escape.
    assert DEV["ephemeral"]["aws_secretsmanager_random_password"]["ledger_user"]["exclude_punctuation"] is True
    production = synthesized(environment_class="production")
    assert arguments(production, "aws_secretsmanager_secret.ledger_user_secret")["recovery_window_in_days"] == 30


def test_a_higher_version_makes_a_new_password() -> None:
    address = "aws_secretsmanager_secret_version.ledger_user_secret_version"
    versions = [synthesized(), synthesized(db_password_version=2)]
    assert [arguments(document, address)["secret_string_wo_version"] for document in versions] == [1, 2]


def test_with_a_password_the_function_reads_its_secret() -> None:
    environment = variables(DEV, "function")
    assert (environment["DB_AUTHENTICATION"], environment["DB_USER"]) == ("secret", "payment_app")
    assert environment["DB_SECRET_ARN"] == variables(DEV, "migrations")["DB_SECRET_ARN"] == USER_SECRET
    assert (environment["DB_NAME"], environment["DB_PORT"]) == ("payments", "3306")
    assert environment["DB_ENDPOINT"] == "${aws_rds_cluster.database_cluster.endpoint}"
    assert resources_by_action(DEV, "function_ledger") == {
        "secretsmanager:GetSecretValue": [USER_SECRET],
        "kms:Decrypt": ["${aws_kms_key.database_key.arn}"],
    }


def test_with_iam_there_is_no_password_at_all() -> None:
    assert not of_type(IAM, "aws_secretsmanager_secret")
    assert "database_user_secret_arn" not in IAM["output"]
    for function in ("function", "migrations"):
        environment = variables(IAM, function)
        assert (environment["DB_AUTHENTICATION"], environment["DB_USER"]) == ("iam", "payment_app")
        assert "DB_SECRET_ARN" not in environment
    assert list(resources_by_action(IAM, "migrations_secrets")["secretsmanager:GetSecretValue"]) == [MASTER_SECRET]
    (user,) = resources_by_action(IAM, "function_ledger")["rds-db:connect"]
    assert user.endswith(":dbuser:${aws_rds_cluster.database_cluster.cluster_resource_id}/payment_app")
    assert arguments(IAM, "aws_lambda_invocation.migrations_run")["triggers"]["user"] == "iam"


def test_the_proxy_takes_iam_over_tls_and_logs_in_by_password() -> None:
    proxy = arguments(PROXY, "aws_db_proxy.database_proxy")
    assert (proxy["name"], proxy["engine_family"], proxy["require_tls"]) == ("payment-proxy-dev", "MYSQL", True)
    assert proxy["auth"] == [{"auth_scheme": "SECRETS", "iam_auth": "REQUIRED", "secret_arn": USER_SECRET}]
    assert set(resources_by_action(PROXY, "database_proxy_secret")) == {"secretsmanager:GetSecretValue", "kms:Decrypt"}
    function, migrations = variables(PROXY, "function"), variables(PROXY, "migrations")
    assert function["DB_ENDPOINT"] == "${aws_db_proxy.database_proxy.endpoint}"
    assert (function["DB_AUTHENTICATION"], "DB_SECRET_ARN" in function) == ("iam", False)
    assert migrations["DB_ENDPOINT"] == "${aws_rds_cluster.database_cluster.endpoint}"
    assert (migrations["DB_AUTHENTICATION"], migrations["DB_SECRET_ARN"]) == ("secret", USER_SECRET)


def test_iam_knows_the_proxy_by_the_last_part_of_its_arn() -> None:
    (user,) = resources_by_action(PROXY, "function_ledger")["rds-db:connect"]
    assert user.endswith(":dbuser:${local.database_proxy_resource_id}/payment_app")
    expression = '${element(split(":", aws_db_proxy.database_proxy.arn), 6)}'
    assert PROXY["locals"]["database_proxy_resource_id"] == expression


def test_payments_reach_the_database_through_the_proxy_and_what_moves_it_past_it() -> None:
    rules: dict[str, dict[str, Any]] = of_type(PROXY, "aws_vpc_security_group_ingress_rule")
    assert set(rules) == {
        "database_proxy_from_function",
        "database_from_database_proxy",
        "database_from_migrations",
        "database_from_recovery",
    }
    assert len(arguments(PROXY, "aws_db_proxy.database_proxy")["vpc_subnet_ids"]) == 3
