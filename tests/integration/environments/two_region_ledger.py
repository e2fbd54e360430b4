"""The global database of the environment in two Regions, with one instance in each."""

from __future__ import annotations

from typing import Any

ROLES = ("primary", "secondary")
ENGINE = {"engine": "aurora-mysql", "engine_version": "8.0.mysql_aurora.3.10.0"}


def ledger(suffix: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Resources that need the VPCs of the stack."""
    return {
        "aws_subnet": {
            f"{role}_{zone}": {
                "provider": f"aws.{role}",
                "vpc_id": f"${{aws_vpc.{role}_vpc.id}}",
                "cidr_block": f"10.0.{number}.0/24",
                "availability_zone": f"{'us-east-1' if role == 'primary' else 'us-west-2'}{zone}",
            }
            for role in ROLES
            for number, zone in enumerate("ab")
        },
        "aws_db_subnet_group": {
            f"{role}_subnets": {
                "provider": f"aws.{role}",
                "name": f"payment-{role}-{suffix}",
                "subnet_ids": [f"${{aws_subnet.{role}_{zone}.id}}" for zone in "ab"],
            }
            for role in ROLES
        },
        "aws_rds_global_cluster": {
            "global": {
                **ENGINE,
                "provider": "aws.primary",
                "global_cluster_identifier": f"payment-global-{suffix}",
                "database_name": "payments",
                "storage_encrypted": True,
            }
        },
        "aws_rds_cluster": {f"{role}_cluster": _cluster(role, suffix) for role in ROLES},
        "aws_rds_cluster_instance": {
            f"{role}_instance": {
                **ENGINE,
                "provider": f"aws.{role}",
                "identifier": f"payment-instance-0-{role}-{suffix}",
                "cluster_identifier": f"${{aws_rds_cluster.{role}_cluster.id}}",
                "instance_class": "db.r5.large",
                "db_subnet_group_name": f"${{aws_db_subnet_group.{role}_subnets.name}}",
            }
            for role in ROLES
        },
    }


def _cluster(role: str, suffix: str) -> dict[str, Any]:
    key = "aws_kms_key.primary_key" if role == "primary" else "aws_kms_replica_key.secondary_key"
    own: dict[str, Any] = {
        "database_name": "payments",
        "master_username": "admin",
        "master_password_wo": "correct-horse-battery",
        "master_password_wo_version": 1,
    }
    if role == "secondary":
        own = {"source_region": "us-east-1", "depends_on": ["aws_rds_cluster_instance.primary_instance"]}
    return {
        **ENGINE,
        **own,
        "provider": f"aws.{role}",
        "cluster_identifier": f"payment-{role}-{suffix}",
        "global_cluster_identifier": "${aws_rds_global_cluster.global.id}",
        "storage_encrypted": True,
        "kms_key_id": f"${{{key}.arn}}",
        "db_subnet_group_name": f"${{aws_db_subnet_group.{role}_subnets.name}}",
        "skip_final_snapshot": True,
        "apply_immediately": True,
        "lifecycle": {
            "ignore_changes": ["engine_version", "global_cluster_identifier", "replication_source_identifier"]
        },
    }
