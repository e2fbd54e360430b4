"""A global database in two Regions as Terraform's own JSON, with all that its clusters need."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lib.provider_options import provider_options
from tap.provider_mirror import PROVIDER_VERSION

REGIONS = {"primary": "us-east-1", "secondary": "us-west-2"}
VERSION = "8.0.mysql_aurora.3.10.0"
ENGINE = {"engine": "${aws_rds_global_cluster.global.engine}", "engine_version": VERSION}

Blocks = dict[str, dict[str, dict[str, Any]]]


def write_global_stack(
    folder: Path, *, endpoint_url: str, password: str, password_version: int = 1, instances: int = 1
) -> None:
    """Writes the configuration to `folder/main.tf.json`."""
    providers = [
        {"alias": role, **provider_options(region=region, tags={"Project": "payment"}, endpoint_url=endpoint_url)}
        for role, region in REGIONS.items()
    ]
    resources: Blocks = {
        "aws_rds_global_cluster": {
            "global": {
                "provider": "aws.primary",
                "global_cluster_identifier": "payment-global-it",
                "engine": "aurora-mysql",
                "engine_version": VERSION,
                "database_name": "payments",
                "storage_encrypted": True,
                "deletion_protection": False,
            }
        }
    }
    for role in REGIONS:
        for kind, named in _region(role, instances).items():
            resources.setdefault(kind, {}).update(named)
    resources["aws_rds_cluster"]["primary"] |= {
        "database_name": "payments",
        "master_username": "admin",
        "master_password_wo": password,
        "master_password_wo_version": password_version,
    }
    resources["aws_rds_cluster"]["secondary"] |= {
        "source_region": REGIONS["primary"],
        "depends_on": [f"aws_rds_cluster_instance.primary_{number}" for number in range(instances)],
    }
    content = {
        "terraform": {"required_providers": {"aws": {"source": "aws", "version": PROVIDER_VERSION}}},
        "provider": {"aws": providers},
        "resource": resources,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.tf.json").write_text(json.dumps(content, indent=2))


def _region(role: str, instances: int) -> Blocks:
    """What both Regions have alike."""
    provider, name = f"aws.{role}", f"payment-{role}-it"
    network = 0 if role == "primary" else 1
    return {
        "aws_kms_key": {role: {"provider": provider, "deletion_window_in_days": 7}},
        "aws_vpc": {role: {"provider": provider, "cidr_block": f"10.{network}.0.0/16"}},
        "aws_subnet": {
            f"{role}_{zone}": {
                "provider": provider,
                "vpc_id": f"${{aws_vpc.{role}.id}}",
                "cidr_block": f"10.{network}.{number}.0/24",
                "availability_zone": f"{REGIONS[role]}{zone}",
            }
            for number, zone in enumerate("ab")
        },
        "aws_db_subnet_group": {
            role: {
                "provider": provider,
                "name": name,
                "subnet_ids": [f"${{aws_subnet.{role}_{zone}.id}}" for zone in "ab"],
            }
        },
        "aws_rds_cluster_parameter_group": {
            role: {
                "provider": provider,
                "name": name,
                "family": "aurora-mysql8.0",
                "parameter": [{"name": "require_secure_transport", "value": "ON"}],
            }
        },
        "aws_rds_cluster": {role: _cluster(role, provider, name)},
        "aws_rds_cluster_instance": {
            f"{role}_{number}": {
                **ENGINE,
                "provider": provider,
                "identifier": f"{name}-{number}",
                "cluster_identifier": f"${{aws_rds_cluster.{role}.id}}",
                "instance_class": "db.r5.large",
                "db_subnet_group_name": f"${{aws_db_subnet_group.{role}.name}}",
                "auto_minor_version_upgrade": False,
                "apply_immediately": True,
            }
            for number in range(instances)
        },
    }


def _cluster(role: str, provider: str, name: str) -> dict[str, Any]:
    return {
        **ENGINE,
        "provider": provider,
        "cluster_identifier": name,
        "global_cluster_identifier": "${aws_rds_global_cluster.global.id}",
        "storage_encrypted": True,
        "kms_key_id": f"${{aws_kms_key.{role}.arn}}",
        "db_subnet_group_name": f"${{aws_db_subnet_group.{role}.name}}",
        "db_cluster_parameter_group_name": f"${{aws_rds_cluster_parameter_group.{role}.name}}",
        "enabled_cloudwatch_logs_exports": ["audit", "error", "general", "slowquery"],
        "iam_database_authentication_enabled": True,
        "backup_retention_period": 7,
        "preferred_backup_window": "03:00-04:00",
        "apply_immediately": True,
        "skip_final_snapshot": True,
        "lifecycle": {
            "ignore_changes": ["engine_version", "global_cluster_identifier", "replication_source_identifier"]
        },
    }
