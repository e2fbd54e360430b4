"""What AWS says the name of a resource is, where its ARN holds an id instead."""

from __future__ import annotations

from collections.abc import Callable

from lib.availability import partition_of
from tap.account import Account
from tap.inventory.resource import Resource


def key_description(account: Account, key: Resource) -> str | None:
    """A KMS key has no name; its description is unique within an environment. A key of AWS's own has none of ours."""
    found: str | None = account.client("kms").describe_key(KeyId=key.arn)["KeyMetadata"].get("Description")
    return found


def proxy_name(account: Account, proxy: Resource) -> str | None:
    """The name of an RDS Proxy."""
    for page in account.client("rds").get_paginator("describe_db_proxies").paginate():
        for found in page["DBProxies"]:
            if found["DBProxyArn"] == proxy.arn:
                return str(found["DBProxyName"])
    return None


def api_name(account: Account, api: Resource) -> str:
    """The name of an HTTP API."""
    return str(account.client("apigatewayv2").get_api(ApiId=api.name)["Name"])


def certificate_domain(account: Account, certificate: Resource) -> str:
    """The first domain of a certificate."""
    described = account.client("acm").describe_certificate(CertificateArn=certificate.arn)
    return str(described["Certificate"]["DomainName"])


def zone_name(account: Account, zone: Resource) -> str:
    """The domain of a hosted zone, without the dot at its end."""
    return str(account.client("route53").get_hosted_zone(Id=zone.name)["HostedZone"]["Name"]).rstrip(".")


def checked_domain(account: Account, check: Resource) -> str | None:
    """The domain that a health check asks; one of another kind asks none."""
    described = account.client("route53").get_health_check(HealthCheckId=check.name)
    found: str | None = described["HealthCheck"]["HealthCheckConfig"].get("FullyQualifiedDomainName")
    return found


def backup_plan_name(account: Account, plan: Resource) -> str:
    """The name of a backup plan."""
    described = account.client("backup").get_backup_plan(BackupPlanId=plan.name)
    return str(described["BackupPlan"]["BackupPlanName"])


def configuration_rule_name(account: Account, rule: Resource) -> str | None:
    """The name of a rule of AWS Config."""
    for page in account.client("config").get_paginator("describe_config_rules").paginate():
        for found in page["ConfigRules"]:
            if found["ConfigRuleArn"] == rule.arn:
                return str(found["ConfigRuleName"])
    return None


def detector_frequency(account: Account, detector: Resource) -> str:
    """How often a GuardDuty detector publishes what it finds again."""
    return str(account.client("guardduty").get_detector(DetectorId=detector.name)["FindingPublishingFrequency"])


def discovery_service_name(account: Account, service: Resource) -> str:
    """The name of a service of Cloud Map."""
    return str(account.client("servicediscovery").get_service(Id=service.name)["Service"]["Name"])


def queue_url(account: Account, name: str) -> str:
    """The address of a queue."""
    return str(account.client("sqs").get_queue_url(QueueName=name)["QueueUrl"])


def _arn_by_name(account: Account, type_: str, name: str) -> str | None:
    """The ARN of something whose name is unique in the account and Region."""
    if type_ == "aws_secretsmanager_secret":
        return str(account.client("secretsmanager").describe_secret(SecretId=name)["ARN"])
    prefixes = {
        "aws_iam_policy": f"iam::{account.id}:policy/",
        "aws_sns_topic": f"sns:{account.region}:{account.id}:",
        "aws_sfn_state_machine": f"states:{account.region}:{account.id}:stateMachine:",
    }
    partition = partition_of(account.region)
    return f"arn:{partition.id}:{prefixes[type_]}{name}" if partition and type_ in prefixes else None


BY_NAME: dict[str, Callable[[Account, str, str], str | None]] = {
    "{arn}": _arn_by_name,
    "{url}": lambda account, _, name: queue_url(account, name),
}
"""What makes an import id of a Terraform type and a name, where the id is not the name itself."""
