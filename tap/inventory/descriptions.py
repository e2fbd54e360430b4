"""Whether one resource exists, for the types that AWS describes one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap.account import Account
from tap.inventory import container_descriptions
from tap.inventory.described import OneDescribed, arn_of, rest, testing_plan_name
from tap.inventory.listing import exists, listed
from tap.inventory.resource import Resource


def _secret_gone(answer: Any) -> bool:
    return bool(answer.get("DeletedDate"))


def _key_gone(answer: Any) -> bool:
    return answer["KeyMetadata"]["KeyState"] in ("PendingDeletion", "PendingReplicaDeletion")


ONE: Mapping[str, OneDescribed] = {
    **container_descriptions.ONE,
    "acm:certificate": OneDescribed("acm", "describe_certificate", "CertificateArn", arn_of),
    "backup:backup-plan": OneDescribed(
        "backup", "get_backup_plan", "BackupPlanId", gone=lambda answer: bool(answer.get("DeletionDate"))
    ),
    "backup:restore-testing-plan": OneDescribed(
        "backup", "get_restore_testing_plan", "RestoreTestingPlanName", testing_plan_name
    ),
    "backup:backup-vault": OneDescribed("backup", "describe_backup_vault", "BackupVaultName"),
    "cloudtrail:trail": OneDescribed("cloudtrail", "get_trail", "Name", arn_of),
    "config:config-rule": OneDescribed("config", "list_tags_for_resource", "ResourceArn", arn_of),
    "dynamodb:table": OneDescribed("dynamodb", "describe_table", "TableName"),
    "events:archive": OneDescribed("events", "describe_archive", "ArchiveName"),
    "events:event-bus": OneDescribed("events", "describe_event_bus", "Name"),
    "fis:experiment-template": OneDescribed("fis", "get_experiment_template", "id"),
    "kms:key": OneDescribed("kms", "describe_key", "KeyId", arn_of, _key_gone),
    "lambda:event-source-mapping": OneDescribed("lambda", "get_event_source_mapping", "UUID"),
    "lambda:function": OneDescribed("lambda", "get_function_configuration", "FunctionName", arn_of),
    "rds:cluster-pg": OneDescribed("rds", "describe_db_cluster_parameter_groups", "DBClusterParameterGroupName"),
    "rds:cluster-snapshot": OneDescribed("rds", "describe_db_cluster_snapshots", "DBClusterSnapshotIdentifier"),
    "rds:global-cluster": OneDescribed("rds", "describe_global_clusters", "GlobalClusterIdentifier"),
    "rds:snapshot": OneDescribed("rds", "describe_db_snapshots", "DBSnapshotIdentifier"),
    "rds:subgrp": OneDescribed("rds", "describe_db_subnet_groups", "DBSubnetGroupName"),
    "route53:healthcheck": OneDescribed("route53", "get_health_check", "HealthCheckId"),
    "s3:bucket": OneDescribed("s3", "head_bucket", "Bucket", lambda resource: resource.name),
    "scheduler:schedule-group": OneDescribed("scheduler", "get_schedule_group", "Name"),
    "secretsmanager:secret": OneDescribed("secretsmanager", "describe_secret", "SecretId", arn_of, _secret_gone),
    "sns:topic": OneDescribed("sns", "get_topic_attributes", "TopicArn", arn_of),
    "sqs:queue": OneDescribed("sqs", "get_queue_url", "QueueName", lambda resource: resource.name),
    "states:stateMachine": OneDescribed("stepfunctions", "describe_state_machine", "stateMachineArn", arn_of),
}
"""By type. A table or a machine that is being deleted exists until it is gone."""


def one_exists(account: Account, resource: Resource) -> bool:
    """Whether the resource exists; True for types that nobody said how to ask for. Raises `InventoryError`."""
    match resource.type:
        case "logs:log-group":
            return resource.name in log_group_names(account, resource.name)
        case "apigateway:apis":
            return _api_exists(account, resource)
        case "apigateway:domainnames":
            return exists(account, "apigatewayv2", "get_domain_name", DomainName=resource.name) is not None
        case "events:rule":
            bus, _, name = rest(resource).rpartition("/")
            return exists(account, "events", "describe_rule", Name=name, EventBusName=bus or "default") is not None
        case "guardduty:detector":
            detectors = listed(account, "guardduty", "list_detectors", "DetectorIds", region=resource.region)
            return resource.name in detectors
        case kind:
            return kind not in ONE or ONE[kind].exists(account, resource)


def log_group_names(account: Account, prefix: str) -> set[str]:
    """Names of log groups that begin so. Raises `InventoryError`."""
    groups = listed(account, "logs", "describe_log_groups", "logGroups", logGroupNamePrefix=prefix)
    return {group["logGroupName"] for group in groups}


def _api_exists(account: Account, resource: Resource) -> bool:
    """An HTTP API, `/apis/ID`, or a stage of one, `/apis/ID/stages/NAME`."""
    identity, *stage = resource.arn.split(":", 5)[5].strip("/").split("/")[1:]
    if stage[:1] == ["stages"]:
        return exists(account, "apigatewayv2", "get_stage", ApiId=identity, StageName=stage[1]) is not None
    return exists(account, "apigatewayv2", "get_api", ApiId=identity) is not None
