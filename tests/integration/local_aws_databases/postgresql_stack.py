"""A PostgreSQL cluster as Terraform's own JSON, with all that it needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lib.provider_options import provider_options
from tap.provider_mirror import PROVIDER_VERSION

REGION = "eu-central-1"
NAME = "payment-postgresql-it"
ENGINE = {"engine": "aurora-postgresql", "engine_version": "17.7"}
INSTANCES = 2

Blocks = dict[str, dict[str, dict[str, Any]]]


def write_postgresql_stack(folder: Path, *, endpoint_url: str, **cluster: Any) -> None:
    """Writes the configuration to `folder/main.tf.json`. `cluster` has more arguments of the cluster."""
    content = {
        "terraform": {"required_providers": {"aws": {"source": "aws", "version": PROVIDER_VERSION}}},
        "provider": {"aws": provider_options(region=REGION, tags={"Project": "payment"}, endpoint_url=endpoint_url)},
        "resource": {**_surroundings(), **_databases(cluster)},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.tf.json").write_text(json.dumps(content, indent=2))


def _surroundings() -> Blocks:
    trust = {"Effect": "Allow", "Principal": {"Service": "monitoring.rds.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "aws_kms_key": {"key": {"deletion_window_in_days": 7}},
        "aws_vpc": {"vpc": {"cidr_block": "10.0.0.0/16"}},
        "aws_subnet": {
            zone: {
                "vpc_id": "${aws_vpc.vpc.id}",
                "cidr_block": f"10.0.{number}.0/24",
                "availability_zone": f"{REGION}{zone}",
            }
            for number, zone in enumerate("abc")
        },
        "aws_security_group": {"database": {"name": NAME, "vpc_id": "${aws_vpc.vpc.id}", "description": "Database"}},
        "aws_iam_role": {
            "monitoring": {
                "name": NAME,
                "assume_role_policy": json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
            }
        },
        "aws_db_subnet_group": {
            "subnets": {"name": NAME, "subnet_ids": [f"${{aws_subnet.{zone}.id}}" for zone in "abc"]}
        },
        "aws_rds_cluster_parameter_group": {
            "parameters": {
                "name": NAME,
                "family": "aurora-postgresql17",
                "parameter": [
                    {"name": "rds.force_ssl", "value": "1"},
                    {"name": "log_min_duration_statement", "value": "1000"},
                ],
            }
        },
        "aws_db_parameter_group": {
            "parameters": {
                "name": NAME,
                "family": "aurora-postgresql17",
                "parameter": [{"name": "log_connections", "value": "1"}],
            }
        },
    }


def _databases(cluster: dict[str, Any]) -> Blocks:
    return {
        "aws_rds_cluster": {
            "cluster": {
                **ENGINE,
                "cluster_identifier": NAME,
                "database_name": "payments",
                "master_username": "payment_master",
                "storage_encrypted": True,
                "kms_key_id": "${aws_kms_key.key.arn}",
                "db_subnet_group_name": "${aws_db_subnet_group.subnets.name}",
                "db_cluster_parameter_group_name": "${aws_rds_cluster_parameter_group.parameters.name}",
                "vpc_security_group_ids": ["${aws_security_group.database.id}"],
                "enabled_cloudwatch_logs_exports": ["iam-db-auth-error", "instance", "postgresql"],
                "iam_database_authentication_enabled": True,
                "backup_retention_period": 7,
                "preferred_backup_window": "03:00-04:00",
                "preferred_maintenance_window": "sun:04:30-sun:05:30",
                "copy_tags_to_snapshot": True,
                "apply_immediately": True,
                "skip_final_snapshot": True,
                **cluster,
            }
        },
        "aws_rds_cluster_instance": {
            f"instance_{number}": {
                **ENGINE,
                "identifier": f"{NAME}-{number}",
                "cluster_identifier": "${aws_rds_cluster.cluster.id}",
                "instance_class": "db.r6g.large",
                "db_subnet_group_name": "${aws_db_subnet_group.subnets.name}",
                "db_parameter_group_name": "${aws_db_parameter_group.parameters.name}",
                "monitoring_interval": 60,
                "monitoring_role_arn": "${aws_iam_role.monitoring.arn}",
                "performance_insights_enabled": True,
                "performance_insights_kms_key_id": "${aws_kms_key.key.arn}",
                "auto_minor_version_upgrade": False,
                "apply_immediately": True,
            }
            for number in range(INSTANCES)
        },
    }
