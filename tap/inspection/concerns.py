"""Which concern of the system a resource belongs to, for people who look an environment over.

The longest prefix of a Terraform type decides, or the service of an AWS type (`Resource.type`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Protocol, TypeVar


class Concern(StrEnum):
    """The concerns, in the order in which they are shown."""

    NETWORKING = "networking"
    DATABASE = "database"
    SESSIONS = "sessions"
    COMPUTE = "compute"
    API = "API and DNS"
    EVENTS = "events"
    CONFIGURATION = "configuration"
    BACKUP = "backup"
    MONITORING = "monitoring"
    AUDIT = "audit"
    ENCRYPTION = "encryption"
    PERMISSIONS = "permissions"
    OTHER = "other"
    """A type that nobody has sorted yet."""


_BY_TERRAFORM_PREFIX: Mapping[str, Concern] = {
    "aws_vpc": Concern.NETWORKING,
    "aws_subnet": Concern.NETWORKING,
    "aws_internet_gateway": Concern.NETWORKING,
    "aws_nat_gateway": Concern.NETWORKING,
    "aws_eip": Concern.NETWORKING,
    "aws_route": Concern.NETWORKING,
    "aws_security_group": Concern.NETWORKING,
    "aws_default_security_group": Concern.NETWORKING,
    "aws_rds": Concern.DATABASE,
    "aws_db": Concern.DATABASE,
    "aws_dynamodb": Concern.SESSIONS,
    "aws_lambda": Concern.COMPUTE,
    "aws_appautoscaling": Concern.COMPUTE,
    "aws_codebuild": Concern.COMPUTE,
    "aws_codedeploy": Concern.COMPUTE,
    "aws_ecr": Concern.COMPUTE,
    "aws_ecs": Concern.COMPUTE,
    "aws_service_discovery": Concern.COMPUTE,
    "aws_apigatewayv2": Concern.API,
    "aws_acm": Concern.API,
    "aws_route53": Concern.API,
    "aws_lb": Concern.API,
    "aws_wafv2": Concern.API,
    "aws_cloudwatch_event": Concern.EVENTS,
    "aws_scheduler": Concern.EVENTS,
    "aws_sfn": Concern.EVENTS,
    "aws_sqs": Concern.EVENTS,
    "aws_ssm": Concern.CONFIGURATION,
    "aws_secretsmanager": Concern.CONFIGURATION,
    "aws_backup": Concern.BACKUP,
    "aws_fis": Concern.BACKUP,
    "aws_flow_log": Concern.MONITORING,
    "aws_cloudwatch": Concern.MONITORING,
    "aws_sns": Concern.MONITORING,
    "aws_s3": Concern.MONITORING,
    "aws_synthetics": Concern.MONITORING,
    "aws_cloudtrail": Concern.AUDIT,
    "aws_config": Concern.AUDIT,
    "aws_guardduty": Concern.AUDIT,
    "aws_securityhub": Concern.AUDIT,
    "aws_kms": Concern.ENCRYPTION,
    "aws_iam": Concern.PERMISSIONS,
}
_BY_SERVICE: Mapping[str, Concern] = {
    "ec2": Concern.NETWORKING,
    "rds": Concern.DATABASE,
    "dynamodb": Concern.SESSIONS,
    "lambda": Concern.COMPUTE,
    "application-autoscaling": Concern.COMPUTE,
    "codebuild": Concern.COMPUTE,
    "codedeploy": Concern.COMPUTE,
    "ecr": Concern.COMPUTE,
    "ecs": Concern.COMPUTE,
    "servicediscovery": Concern.COMPUTE,
    "apigateway": Concern.API,
    "acm": Concern.API,
    "route53": Concern.API,
    "elasticloadbalancing": Concern.API,
    "wafv2": Concern.API,
    "events": Concern.EVENTS,
    "scheduler": Concern.EVENTS,
    "states": Concern.EVENTS,
    "sqs": Concern.EVENTS,
    "ssm": Concern.CONFIGURATION,
    "secretsmanager": Concern.CONFIGURATION,
    "backup": Concern.BACKUP,
    "fis": Concern.BACKUP,
    "cloudwatch": Concern.MONITORING,
    "logs": Concern.MONITORING,
    "sns": Concern.MONITORING,
    "s3": Concern.MONITORING,
    "synthetics": Concern.MONITORING,
    "cloudtrail": Concern.AUDIT,
    "config": Concern.AUDIT,
    "guardduty": Concern.AUDIT,
    "securityhub": Concern.AUDIT,
    "kms": Concern.ENCRYPTION,
    "iam": Concern.PERMISSIONS,
}
_MONITORING_TYPES = ("ec2:vpc-flow-log",)


class Typed(Protocol):
    """Something with a type: `Resource`, or a resource of a Terraform state."""

    @property
    def type(self) -> str: ...


T = TypeVar("T", bound=Typed)


def concern_of(kind: str) -> Concern:
    """The concern of a Terraform type such as `aws_vpc`, or of an AWS type such as `ec2:vpc`."""
    if ":" in kind:
        return Concern.MONITORING if kind in _MONITORING_TYPES else _BY_SERVICE.get(kind.split(":")[0], Concern.OTHER)
    words = kind.split("_")
    for length in range(len(words), 0, -1):
        if concern := _BY_TERRAFORM_PREFIX.get("_".join(words[:length])):
            return concern
    return Concern.OTHER


def by_concern(resources: Iterable[T]) -> dict[Concern, list[T]]:
    """The resources sorted by concern, in the order of `Concern`; concerns without any are left out."""
    sorted_: dict[Concern, list[T]] = {concern: [] for concern in Concern}
    for resource in resources:
        sorted_[concern_of(resource.type)].append(resource)
    return {concern: found for concern, found in sorted_.items() if found}
