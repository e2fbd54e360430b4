"""A small environment in two Regions, with one of each kind that spans them; with `ledger` a global database too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lib.provider_options import provider_options, s3_backend, state_file, state_key
from lib.settings import Settings, load_settings
from tap.provider_mirror import PROVIDER_VERSION
from tests.integration.environments.two_region_ledger import ledger

ARCHITECTURE = "multi-region"
REGIONS = {"primary": "us-east-1", "secondary": "us-west-2"}
HOME, OTHER = REGIONS.values()
Resources = dict[str, dict[str, dict[str, Any]]]


def write_two_region_stack(
    directory: Path, suffix: str, *, endpoint_url: str, bucket: str | None, with_ledger: bool = False, **inputs: Any
) -> Path:
    """Write the configuration to `directory/stacks/DisasterRecoveryStack{suffix}`. Returns the folder."""
    given = {"architecture": ARCHITECTURE, "aws_region": HOME, "secondary_region": OTHER, **inputs}
    settings = load_settings(_env_file=None, environment_suffix=suffix, **given)
    folder = directory / "stacks" / settings.stack_name
    folder.mkdir(parents=True, exist_ok=True)
    if bucket:
        key = state_key(ARCHITECTURE, suffix)
        backend = {"s3": s3_backend(bucket=bucket, key=key, region=HOME, endpoint_url=endpoint_url)}
    else:
        backend = {"local": {"path": str(directory / state_file(ARCHITECTURE, suffix))}}
    resources = _resources(settings)
    if with_ledger:
        resources |= ledger(suffix)
    content = {
        "terraform": {
            "backend": backend,
            "required_providers": {"aws": {"source": "aws", "version": PROVIDER_VERSION}},
        },
        "provider": {
            "aws": [
                {"alias": role, **provider_options(region=region, tags=settings.tags, endpoint_url=endpoint_url)}
                for role, region in REGIONS.items()
            ]
        },
        "resource": resources,
        "output": {"vpc": {"value": "${aws_vpc.primary_vpc.id}"}},
    }
    (folder / "cdk.tf.json").write_text(json.dumps(content, indent=2))
    return folder


def _resources(settings: Settings) -> Resources:
    found: Resources = {}
    for part in (_spanning(settings), *(_region(settings, role) for role in REGIONS)):
        for kind, resources in part.items():
            found.setdefault(kind, {}).update(resources)
    return found


def _spanning(settings: Settings) -> Resources:
    """What is made in the primary alone, with its copies in the secondary."""
    suffix, primary = settings.environment_suffix, {"provider": "aws.primary"}
    replica = "${aws_kms_replica_key.secondary_key.arn}"
    copy = {"destination_vault_arn": "${aws_backup_vault.secondary_vault.arn}", "lifecycle": {"delete_after": 7}}
    rule = {
        "rule_name": "daily_backup",
        "schedule": "cron(0 3 * * ? *)",
        "target_vault_name": "${aws_backup_vault.primary_vault.name}",
        "copy_action": [copy],
    }
    return {
        "aws_kms_key": {
            "primary_key": {**primary, "description": f"Data of {suffix}", "multi_region": True}
            | {"deletion_window_in_days": 7}
        },
        "aws_kms_replica_key": {
            "secondary_key": {
                "provider": "aws.secondary",
                "description": f"Data of {suffix}",
                "primary_key_arn": "${aws_kms_key.primary_key.arn}",
                "deletion_window_in_days": 7,
            }
        },
        "aws_dynamodb_table": {
            "table": {
                **primary,
                "name": f"payment-sessions-{suffix}",
                "billing_mode": "PAY_PER_REQUEST",
                "hash_key": "id",
                "attribute": [{"name": "id", "type": "S"}],
                "stream_enabled": True,
                "stream_view_type": "NEW_AND_OLD_IMAGES",
                "server_side_encryption": {"enabled": True, "kms_key_arn": "${aws_kms_key.primary_key.arn}"},
                "replica": [{"region_name": OTHER, "kms_key_arn": replica, "propagate_tags": True}],
            }
        },
        "aws_secretsmanager_secret": {
            "secret": {
                **primary,
                "name": f"payment-ledger-user-{suffix}",
                "recovery_window_in_days": 0,
                "replica": [{"region": OTHER, "kms_key_id": replica}],
            }
        },
        "aws_backup_plan": {"plan": {**primary, "name": f"payment-backup-plan-{suffix}", "rule": [rule]}},
        "aws_route53_zone": {
            "zone": {
                **primary,
                "name": f"payment-{suffix}.testing.local",
                "force_destroy": True,
                "vpc": [
                    {"vpc_id": f"${{aws_vpc.{role}_vpc.id}}", "vpc_region": region} for role, region in REGIONS.items()
                ],
            }
        },
    }


def _region(settings: Settings, role: str) -> Resources:
    """What each Region has of its own."""
    suffix, other = settings.environment_suffix, next(name for name in REGIONS if name != role)
    name, bus = f"{role}-{suffix}", f"${{aws_cloudwatch_event_bus.{role}_bus.name}}"
    endpoint = f"${{aws_apigatewayv2_api.{role}_api.id}}.execute-api.{REGIONS[role]}.amazonaws.com"
    key = "aws_kms_key.primary_key" if role == "primary" else "aws_kms_replica_key.secondary_key"
    parameters = {"region/role": role, "api/endpoint": f"https://{endpoint}", "events/bus": bus}
    made: Resources = {
        "aws_kms_alias": {"alias": {"name": f"alias/payment-{name}", "target_key_id": f"${{{key}.key_id}}"}},
        "aws_vpc": {"vpc": {"cidr_block": "10.0.0.0/16", "tags": {"Name": f"payment-vpc-{name}"}}},
        "aws_backup_vault": {"vault": {"name": f"payment-backup-vault-{suffix}", "force_destroy": True}},
        "aws_cloudwatch_log_group": {"log": {"name": f"/payment/{suffix}", "retention_in_days": 7}},
        "aws_ssm_parameter": {
            f"parameter_{key.replace('/', '_')}": {"name": f"/payment/{suffix}/{key}", "type": "String", "value": value}
            for key, value in parameters.items()
        },
        "aws_iam_role": {"forward": {"name": f"payment-forward-{name}", "assume_role_policy": _trust("events")}},
        "aws_cloudwatch_event_bus": {"bus": {"name": f"payment-events-{name}"}},
        "aws_cloudwatch_event_rule": {
            "rule": {"name": "forward", "event_bus_name": bus, "event_pattern": json.dumps({"source": ["payment"]})}
        },
        "aws_cloudwatch_event_target": {
            "target": {
                "rule": f"${{aws_cloudwatch_event_rule.{role}_rule.name}}",
                "event_bus_name": bus,
                "target_id": "other-region",
                "arn": f"${{aws_cloudwatch_event_bus.{other}_bus.arn}}",
                "role_arn": f"${{aws_iam_role.{role}_forward.arn}}",
            }
        },
        "aws_cloudwatch_event_archive": {
            "archive": {
                "name": f"payment-events-{name}",
                "event_source_arn": f"${{aws_cloudwatch_event_bus.{role}_bus.arn}}",
                "retention_days": 1,
            }
        },
        "aws_apigatewayv2_api": {"api": {"name": f"payment-api-{name}", "protocol_type": "HTTP"}},
        "aws_cloudwatch_composite_alarm": {
            "service": {"alarm_name": f"payment-service-{name}", "alarm_rule": "FALSE"},
        },
        "aws_route53_health_check": {
            "check": {
                "type": "HTTPS",
                "port": 443,
                "fqdn": endpoint,
                "resource_path": "/health",
                "request_interval": 30,
                "failure_threshold": 3,
            }
        },
        "aws_route53_record": {
            "record": {
                "zone_id": "${aws_route53_zone.zone.zone_id}",
                "name": f"api.payment-{suffix}.testing.local",
                "type": "CNAME",
                "ttl": 60,
                "records": [endpoint],
                "set_identifier": role,
                "health_check_id": f"${{aws_route53_health_check.{role}_check.id}}",
                "failover_routing_policy": {"type": role.upper()},
            }
        },
    }
    return {
        kind: {f"{role}_{id_}": {"provider": f"aws.{role}", **arguments} for id_, arguments in resources.items()}
        for kind, resources in made.items()
    }


def _trust(service: str) -> str:
    principal = {"Service": f"{service}.amazonaws.com"}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
