"""`two_regions`: keys, tables and secrets with their replicas. `changed` is a second version of the configuration."""

from tests.integration.local_aws.conftest import OTHER_REGION
from tests.integration.local_aws.two_regions import Resources, account_key, in_both, in_region


def keys(changed: bool) -> Resources:
    """A multi-Region key and its replica, with an alias in each Region."""
    return {
        "aws_kms_key": {
            "primary": in_region(
                "primary",
                multi_region=True,
                enable_key_rotation=True,
                rotation_period_in_days=180 if changed else 365,
                deletion_window_in_days=7,
                policy=account_key("Primary"),
            )
        },
        "aws_kms_replica_key": {
            "secondary": in_region(
                "secondary",
                primary_key_arn="${aws_kms_key.primary.arn}",
                description="changed" if changed else "replica",
                deletion_window_in_days=7,
                policy=account_key("Changed" if changed else "Secondary"),
                tags={"Name": "changed" if changed else "replica"},
            )
        },
        "aws_kms_alias": {
            "primary": in_region("primary", name="alias/payment", target_key_id="${aws_kms_key.primary.key_id}"),
            "secondary": in_region(
                "secondary", name="alias/payment", target_key_id="${aws_kms_replica_key.secondary.key_id}"
            ),
        },
    }


def tables(changed: bool) -> Resources:
    """A global table with a replica, encrypted with the key of each Region."""
    replica = {
        "region_name": OTHER_REGION,
        "kms_key_arn": "${aws_kms_replica_key.secondary.arn}",
        "point_in_time_recovery": not changed,
        "propagate_tags": True,
    }
    return {
        "aws_dynamodb_table": {
            "sessions": in_region(
                "primary",
                name="payment-sessions",
                billing_mode="PAY_PER_REQUEST",
                hash_key="session_id",
                attribute=[{"name": "session_id", "type": "S"}],
                stream_enabled=True,
                stream_view_type="NEW_AND_OLD_IMAGES",
                ttl=[{"attribute_name": "expires_at", "enabled": True}],
                server_side_encryption=[{"enabled": True, "kms_key_arn": "${aws_kms_key.primary.arn}"}],
                point_in_time_recovery=[{"enabled": True}],
                # A table that is protected would not go with the rest.
                deletion_protection_enabled=not changed,
                replica=[replica],
                tags={"Name": "changed" if changed else "sessions"},
            )
        },
    }


def secrets(changed: bool) -> Resources:
    """A secret with a replica, written without entering the state."""
    replica = {"region": OTHER_REGION, "kms_key_id": "${aws_kms_replica_key.secondary.arn}"}
    return {
        "aws_secretsmanager_secret": {
            "login": in_region(
                "primary",
                name="payment-login",
                description="changed" if changed else "login",
                kms_key_id="${aws_kms_key.primary.arn}",
                recovery_window_in_days=0,
                replica=[replica],
            )
        },
        "aws_secretsmanager_secret_version": {
            "login": in_region(
                "primary",
                secret_id="${aws_secretsmanager_secret.login.id}",
                secret_string_wo="second" if changed else "first",
                secret_string_wo_version=2 if changed else 1,
            )
        },
        "aws_ssm_parameter": in_both(
            "role", name="/payment/region/role", type="String", value="{alias}-changed" if changed else "{alias}"
        ),
    }
