"""How a resource that the state does not know is told to be the one that a plan wants to create, type by type.

The formats of import ids are those of the provider's documentation, section Import of
https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/<type without aws_>
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tap.account import Account
from tap.adoption import names
from tap.adoption.planned import PlannedCreate
from tap.inventory.resource import Resource

NAME_TAG = "tags.Name"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One Terraform type.

    `arn` is what its ARNs look like, without partition, Region and account; its groups, `arn` and `key` can be used in
    `import_id`. `key` is the argument that tells resources of the type apart. What AWS has for it is the tag `Name`,
    or the group `name` of the ARN, or else what `look_up` asks AWS. `holds_data`: it is never removed without being
    asked for by its address.
    """

    arn: str
    key: str = "name"
    import_id: str = "{name}"
    look_up: Callable[[Account, Resource], str | None] | None = None
    holds_data: bool = False

    def match(self, arn: str) -> dict[str, str] | None:
        """The groups of the pattern, None for the ARN of another type."""
        _, _, service, _, _, rest = arn.split(":", 5)
        found = re.fullmatch(self.arn, f"{service}:{rest}")
        return found and found.groupdict()

    def key_of(self, resource: Resource, account: Account) -> str | None:
        """What `key` is for a resource that exists; None where AWS does not say."""
        if self.key == NAME_TAG:
            return resource.tags.get("Name")
        if self.look_up:
            return self.look_up(account, resource)
        return (self.match(resource.arn) or {}).get("name")

    def import_id_of(self, resource: Resource, account: Account) -> str:
        """What `terraform import` knows it by."""
        groups = self.match(resource.arn) or {}
        if self.import_id == "{url}":
            return names.queue_url(account, groups["name"])
        return self.import_id.format(arn=resource.arn, key=self.key_of(resource, account), **groups)

    def import_id_by_name(self, create: PlannedCreate, account: Account) -> str | None:
        """The import id of one that is known to exist, from its name; None for types whose ids cannot be told."""
        name = create.value(self.key)
        if name is None or self.key == NAME_TAG or self.look_up:
            return None
        if self.import_id in names.BY_NAME:
            return names.BY_NAME[self.import_id](account, create.type, name)
        return name if self.import_id == "{name}" else None


def _ec2(kind: str) -> Kind:
    return Kind(arn=f"ec2:{kind}/(?P<id>.+)", key=NAME_TAG, import_id="{id}")


KINDS: dict[str, Kind] = {
    "aws_vpc": _ec2("vpc"),
    "aws_subnet": _ec2("subnet"),
    "aws_internet_gateway": _ec2("internet-gateway"),
    "aws_nat_gateway": _ec2("natgateway"),
    "aws_eip": _ec2("elastic-ip"),
    "aws_route_table": _ec2("route-table"),
    "aws_vpc_endpoint": _ec2("vpc-endpoint"),
    "aws_security_group": _ec2("security-group"),
    "aws_default_security_group": _ec2("security-group"),
    "aws_flow_log": _ec2("vpc-flow-log"),
    "aws_cloudwatch_log_group": Kind(arn=r"logs:log-group:(?P<name>[^:]+)(:\*)?"),
    "aws_iam_role": Kind(arn="iam:role/(?P<name>[^/]+)"),
    "aws_iam_policy": Kind(arn="iam:policy/(?P<name>[^/]+)", import_id="{arn}"),
    "aws_kms_key": Kind(
        arn="kms:key/(?P<id>.+)",
        key="description",
        import_id="{id}",
        look_up=names.key_description,
        holds_data=True,
    ),
    "aws_kms_replica_key": Kind(
        arn="kms:key/(?P<id>.+)",
        key="description",
        import_id="{id}",
        look_up=names.key_description,
        holds_data=True,
    ),
    "aws_rds_global_cluster": Kind(
        arn="rds:global-cluster:(?P<name>.+)", key="global_cluster_identifier", holds_data=True
    ),
    "aws_rds_cluster": Kind(arn="rds:cluster:(?P<name>.+)", key="cluster_identifier", holds_data=True),
    "aws_rds_cluster_instance": Kind(arn="rds:db:(?P<name>.+)", key="identifier"),
    "aws_rds_cluster_parameter_group": Kind(arn="rds:cluster-pg:(?P<name>.+)"),
    "aws_db_subnet_group": Kind(arn="rds:subgrp:(?P<name>.+)"),
    "aws_db_proxy": Kind(arn="rds:db-proxy:(?P<id>.+)", import_id="{key}", look_up=names.proxy_name),
    "aws_dynamodb_table": Kind(arn="dynamodb:table/(?P<name>[^/]+)", holds_data=True),
    "aws_ssm_parameter": Kind(arn="ssm:parameter(?P<name>/.+)"),
    "aws_secretsmanager_secret": Kind(
        # AWS ends the ARN with six characters of its own.
        arn="secretsmanager:secret:(?P<name>.+)-[A-Za-z0-9]{6}",
        import_id="{arn}",
        holds_data=True,
    ),
    "aws_lambda_function": Kind(arn="lambda:function:(?P<name>[^:]+)", key="function_name"),
    "aws_sqs_queue": Kind(arn="sqs:(?P<name>.+)", import_id="{url}"),
    "aws_sns_topic": Kind(arn="sns:(?P<name>[^:]+)", import_id="{arn}"),
    "aws_apigatewayv2_api": Kind(arn="apigateway:/apis/(?P<id>[^/]+)", import_id="{id}", look_up=names.api_name),
    "aws_apigatewayv2_domain_name": Kind(arn="apigateway:/domainnames/(?P<name>[^/]+)", key="domain_name"),
    "aws_acm_certificate": Kind(
        arn="acm:certificate/(?P<id>.+)", key="domain_name", import_id="{arn}", look_up=names.certificate_domain
    ),
    "aws_route53_zone": Kind(arn="route53:hostedzone/(?P<id>.+)", import_id="{id}", look_up=names.zone_name),
    # It has no name, and no tag to spare: Route 53 takes ten
    # (https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeTagsForResource.html).
    "aws_route53_health_check": Kind(
        arn="route53:healthcheck/(?P<id>.+)", key="fqdn", import_id="{id}", look_up=names.checked_domain
    ),
    "aws_cloudwatch_event_bus": Kind(arn="events:event-bus/(?P<name>.+)"),
    "aws_cloudwatch_event_rule": Kind(arn="events:rule/(?P<bus>[^/]+)/(?P<name>[^/]+)", import_id="{bus}/{name}"),
    "aws_cloudwatch_metric_alarm": Kind(arn="cloudwatch:alarm:(?P<name>.+)", key="alarm_name"),
    "aws_cloudwatch_composite_alarm": Kind(arn="cloudwatch:alarm:(?P<name>.+)", key="alarm_name"),
    "aws_sfn_state_machine": Kind(arn="states:stateMachine:(?P<name>[^:]+)", import_id="{arn}"),
    "aws_backup_vault": Kind(arn="backup:backup-vault:(?P<name>.+)", holds_data=True),
    "aws_backup_plan": Kind(arn="backup:backup-plan:(?P<id>.+)", import_id="{id}", look_up=names.backup_plan_name),
    "aws_cloudtrail": Kind(arn="cloudtrail:trail/(?P<name>.+)", import_id="{arn}"),
    "aws_config_config_rule": Kind(
        arn="config:config-rule/(?P<id>.+)", import_id="{key}", look_up=names.configuration_rule_name
    ),
    # A Region has one, and it has no name: what all detectors of ours have in common stands for it.
    "aws_guardduty_detector": Kind(
        arn="guardduty:detector/(?P<id>.+)",
        key="finding_publishing_frequency",
        import_id="{id}",
        look_up=names.detector_frequency,
    ),
    "aws_s3_bucket": Kind(arn="s3:(?P<name>[^/]+)", key="bucket", holds_data=True),
}
