"""What AWS refuses although the provider plans it, found in the synthesized JSON; each with its remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lib.settings import Settings

Document = dict[str, Any]


class RefusalError(ValueError):
    """The synthesized stack holds something that AWS would refuse."""


@dataclass(frozen=True)
class NameRule:
    """The attribute that names a resource type, its longest length and the characters AWS takes."""

    attribute: str
    length: int
    pattern: str


_RDS = r"[a-z](?:-?[a-z0-9])*"
_WORD = r"[A-Za-z0-9_-]+"
# Limits as AWS's own API references give them, by the attribute of the Terraform type.
NAME_RULES: dict[str, NameRule] = {
    "aws_apigatewayv2_api": NameRule("name", 128, r"[\w .-]+"),
    "aws_backup_plan": NameRule("name", 50, r"[A-Za-z0-9_.-]+"),
    "aws_backup_selection": NameRule("name", 50, r"[A-Za-z0-9_.-]+"),
    "aws_backup_vault": NameRule("name", 50, r"[A-Za-z0-9_-]{2,}"),
    "aws_cloudwatch_composite_alarm": NameRule("alarm_name", 255, r".+"),
    "aws_cloudwatch_dashboard": NameRule("dashboard_name", 255, _WORD),
    "aws_cloudwatch_event_archive": NameRule("name", 48, r"[.\-_A-Za-z0-9]+"),
    "aws_cloudwatch_event_bus": NameRule("name", 256, r"[/.\-_A-Za-z0-9]+"),
    "aws_cloudwatch_event_rule": NameRule("name", 64, r"[.\-_A-Za-z0-9]+"),
    "aws_cloudwatch_log_group": NameRule("name", 512, r"[.\-_/#A-Za-z0-9]+"),
    "aws_cloudwatch_metric_alarm": NameRule("alarm_name", 255, r".+"),
    "aws_db_subnet_group": NameRule("name", 255, r"[a-z0-9. _-]+"),
    "aws_dynamodb_table": NameRule("name", 255, r"[a-zA-Z0-9_.-]{3,}"),
    "aws_iam_policy": NameRule("name", 128, r"[\w+=,.@-]+"),
    "aws_iam_role": NameRule("name", 64, r"[\w+=,.@-]+"),
    "aws_kms_alias": NameRule("name", 256, r"alias/(?!aws/)[a-zA-Z0-9/_-]+"),
    "aws_lambda_function": NameRule("function_name", 64, _WORD),
    "aws_lb": NameRule("name", 32, r"(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"),
    "aws_lb_target_group": NameRule("name", 32, r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"),
    "aws_rds_cluster": NameRule("cluster_identifier", 63, _RDS),
    "aws_rds_cluster_instance": NameRule("identifier", 63, _RDS),
    "aws_rds_cluster_parameter_group": NameRule("name", 255, _RDS),
    "aws_route53_zone": NameRule("name", 255, r"[a-z0-9.-]+"),
    "aws_s3_bucket": NameRule("bucket", 63, r"(?!xn--)[a-z0-9][a-z0-9.-]+[a-z0-9]"),
    "aws_security_group": NameRule("name", 255, r"(?!sg-)[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]+"),
    "aws_sns_topic": NameRule("name", 256, _WORD),
    "aws_sqs_queue": NameRule("name", 80, _WORD),
    "aws_ssm_parameter": NameRule("name", 1011, r"/?[a-zA-Z0-9_.-]+(?:/[a-zA-Z0-9_.-]+)*"),
}
# Arguments that keep something after a destroy, by type, with the value that lets it go.
RETENTION = {
    "aws_backup_vault": {"force_destroy": True},
    "aws_dynamodb_table": {"deletion_protection_enabled": False},
    "aws_ecr_repository": {"force_delete": True},
    "aws_lb": {"enable_deletion_protection": False},
    "aws_rds_cluster": {
        "deletion_protection": False,
        "skip_final_snapshot": True,
        "delete_automated_backups": True,
    },
    "aws_route53_zone": {"force_destroy": True},
    "aws_s3_bucket": {"force_destroy": True},
    "aws_secretsmanager_secret": {"recovery_window_in_days": 0},
}


def check(document: Document, settings: Settings) -> None:
    """Raise RefusalError with one line for each fault of a synthesized stack."""
    faults = [
        fault
        for finder in (_name_faults, _tag_faults, _retention_faults, _combination_faults)
        for fault in finder(document, settings)
    ]
    if faults:
        raise RefusalError("\n".join(faults))


def _resources(document: Document, *types: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield type, address and arguments of each resource, of all types or of those given."""
    for type_, instances in document.get("resource", {}).items():
        if not types or type_ in types:
            for id_, arguments in instances.items():
                yield type_, f"{type_}.{id_}", arguments


def _name_faults(document: Document, settings: Settings) -> Iterator[str]:
    for type_, address, arguments in _resources(document):
        rule = NAME_RULES.get(type_)
        if rule is None:
            continue
        name = arguments.get(rule.attribute)
        if not isinstance(name, str):
            yield f"{address} has no {rule.attribute}: AWS would make one up; name it through Settings.name"
        elif len(name) > rule.length:
            yield (
                f"{address}: name {name!r} has {len(name)} characters and AWS takes {rule.length}; "
                "use a shorter ENVIRONMENT_SUFFIX"
            )
        elif not re.fullmatch(rule.pattern, name):
            yield f"{address}: name {name!r} has characters that AWS does not take; use {rule.pattern}"
        elif settings.environment_suffix not in name:
            yield f"{address}: name {name!r} lacks the suffix; name it through Settings.name"


def _tag_faults(document: Document, settings: Settings) -> Iterator[str]:
    for provider in document.get("provider", {}).get("aws", []):
        tags = {
            key: value for block in provider.get("default_tags", []) for key, value in block.get("tags", {}).items()
        }
        if tags != settings.tags:
            yield "provider aws: the default tags are lost; pass AwsProviderDefaultTags(tags=...) and not a plain dict"


def _retention_faults(document: Document, settings: Settings) -> Iterator[str]:
    if settings.protected:
        return
    for type_, address, arguments in _resources(document, *RETENTION):
        for argument, wanted in RETENTION[type_].items():
            if arguments.get(argument) != wanted:
                yield (
                    f"{address}: {argument} is {arguments.get(argument)!r}, so a destroy would leave something; "
                    f"set it to {wanted!r} outside class production"
                )


def _combination_faults(document: Document, settings: Settings) -> Iterator[str]:
    yield from _cluster_faults(document)
    yield from _function_url_faults(document)
    yield from _dns_faults(document)
    yield from _event_faults(document, settings)
    yield from _alarm_faults(document, settings)


def _cluster_faults(document: Document) -> Iterator[str]:
    for _, address, cluster in _resources(document, "aws_rds_cluster"):
        if cluster.get("backtrack_window"):
            for unsupported, remedy in (
                ("postgresql" in cluster.get("engine", ""), "PostgreSQL: restore to a point in time"),
                ("global_cluster_identifier" in cluster, "a global database: restore to a point in time"),
                ("serverlessv2_scaling_configuration" in cluster, "Serverless v2: use a provisioned class"),
                ("replication_source_identifier" in cluster, "binlog replication: leave one of them out"),
            ):
                if unsupported:
                    yield f"{address}: Aurora has no backtrack with {remedy}"
        if cluster.get("manage_master_user_password") and "global_cluster_identifier" in cluster:
            yield (
                f"{address}: AWS does not manage the password of a global database; generate it in an ephemeral "
                "block and pass it as master_password_wo"
            )


def _function_url_faults(document: Document) -> Iterator[str]:
    for _, address, url in _resources(document, "aws_lambda_function_url"):
        if url.get("authorization_type") == "NONE":
            yield f"{address}: authorization NONE opens it to everyone; use AWS_IAM, or the HTTP API"


def _dns_faults(document: Document) -> Iterator[str]:
    for _, address, record in _resources(document, "aws_route53_record"):
        targets = " ".join(str(target) for target in record.get("records", []))
        if record.get("type") == "CNAME" and ("lambda-url" in targets or "aws_lambda_function_url" in targets):
            yield (
                f"{address}: a CNAME to a function URL answers 403 (host name and certificate differ); "
                "use the HTTP API with a custom domain and an alias record"
            )
    for _, address, zone in _resources(document, "aws_route53_zone"):
        private_name = zone.get("name", "").endswith((".local", ".internal", ".test"))
        if private_name and not zone.get("vpc"):
            yield f"{address}: {zone['name']} never resolves publicly; make the zone private to a VPC"
    for _, address, certificate in _resources(document, "aws_acm_certificate"):
        if certificate.get("domain_name", "").endswith((".local", ".internal", ".test")):
            yield f"{address}: no certificate can be had for {certificate['domain_name']}; use a domain that you own"


def _event_faults(document: Document, settings: Settings) -> Iterator[str]:
    for _, address, target in _resources(document, "aws_cloudwatch_event_target"):
        arn = re.match(r"arn:[\w-]+:lambda:([\w-]+):", target.get("arn", ""))
        if arn and arn[1] != settings.aws_region:
            yield f"{address}: a function in {arn[1]} cannot be a target here; target a bus there, and the function from it"
    for _, address, rule in _resources(document, "aws_cloudwatch_event_rule"):
        pattern = rule.get("event_pattern", "")
        if "aws.dynamodb" in pattern and "DynamoDB Stream Record" in pattern:
            yield f"{address}: DynamoDB sends no such events; lead the table's stream to the bus with a Pipe"


def _alarm_faults(document: Document, settings: Settings) -> Iterator[str]:
    for _, address, alarm in _resources(document, "aws_cloudwatch_metric_alarm"):
        elsewhere = [
            query["metric"][0]["region"] if isinstance(query["metric"], list) else query["metric"].get("region")
            for query in alarm.get("metric_query", [])
            if "metric" in query and "region" in str(query["metric"])
        ]
        if any(region and region != settings.aws_region for region in elsewhere):
            yield (
                f"{address}: alarms read the metrics of their own Region; make it there with that Region's provider, "
                "missing data breaching"
            )
