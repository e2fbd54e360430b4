"""How each resource type appears in the architecture diagram: as a node, folded into another resource, or left out.

A type that is missing here stops the generator, so that nothing disappears from the diagram unnoticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """The boxes of the diagram, in order."""

    ENTRY = "API and DNS"
    VPC = "VPC"
    DELIVERY = "Image and deployments"
    EVENTS = "Events"
    DATA = "Sessions and configuration"
    STORAGE = "Buckets"
    BACKUP = "Backup"
    MONITORING = "Monitoring"
    ENCRYPTION = "Encryption keys"


@dataclass(frozen=True, kw_only=True)
class Node:
    """A type that is drawn.

    `details` are arguments shown under the title, where a resource has them. With `together` all resources of the type
    (in a Region) are one node, and the title counts them. `edges` limits the arguments whose references are drawn;
    `reverse` turns the arrows round. `outside` is the group of those that are in no subnets, where others are.
    """

    title: str
    group: Group
    details: tuple[str, ...] = ()
    together: bool = False
    edges: tuple[str, ...] | None = None
    reverse: bool = False
    verb: str = ""
    outside: Group | None = None


@dataclass(frozen=True, kw_only=True)
class Fold:
    """A type that belongs to a resource of one of the types `into`: one that it refers to or that refers to it.

    `by` names the argument that tells which, where it refers to several.
    """

    into: tuple[str, ...]
    by: str | None = None
    edges: tuple[str, ...] | None = None
    verb: str = ""


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A type that is nothing in the architecture."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Tier:
    """Subnets: the boxes within the VPC, one for each value of the tag `Tier`."""


Kind = Node | Fold | LeftOut | Tier

# No arrows from types whose references repeat what another resource already shows.
NOTHING: tuple[str, ...] = ()
QUEUE = ("aws_sqs_queue",)
FUNCTION = ("aws_lambda_function",)
API = ("aws_apigatewayv2_api",)
ZONE = ("aws_route53_zone",)
SECRET = ("aws_secretsmanager_secret",)
KEYS = ("aws_kms_key", "aws_kms_replica_key")
PROXY = ("aws_db_proxy",)
WORKFLOW = ("aws_sfn_state_machine",)
EXPERIMENTS = ("aws_fis_experiment_template",)
ROLE_USERS = (
    "aws_lambda_function",
    "aws_flow_log",
    "aws_backup_selection",
    "aws_backup_restore_testing_selection",
    "aws_rds_cluster_instance",
    "aws_scheduler_schedule",
    "aws_cloudwatch_event_target",
    *PROXY,
    *WORKFLOW,
    *EXPERIMENTS,
)
LOG_WRITERS = (
    "aws_lambda_function",
    "aws_apigatewayv2_stage",
    "aws_flow_log",
    "aws_rds_cluster",
    *PROXY,
    *WORKFLOW,
    *EXPERIMENTS,
)

KINDS: dict[str, Kind] = {
    "aws_vpc": Node(title="VPC", group=Group.VPC),
    "aws_subnet": Tier(),
    "aws_default_security_group": Fold(into=("aws_vpc",)),
    "aws_internet_gateway": Node(title="Internet gateway", group=Group.VPC),
    "aws_nat_gateway": Node(title="NAT gateway", group=Group.VPC),
    "aws_eip": Fold(into=("aws_nat_gateway",)),
    "aws_route_table": Fold(into=("aws_route_table_association",)),
    "aws_route_table_association": Fold(into=("aws_subnet",)),
    "aws_route": Fold(into=("aws_route_table",), verb="outbound"),
    "aws_vpc_endpoint": Node(
        title="VPC endpoints", group=Group.VPC, details=("service_name",), together=True, reverse=True
    ),
    "aws_security_group": Fold(into=("aws_lambda_function", "aws_rds_cluster", "aws_vpc_endpoint", *PROXY)),
    "aws_vpc_security_group_egress_rule": Fold(
        into=("aws_security_group",), by="security_group_id", verb="TCP {to_port}"
    ),
    "aws_vpc_security_group_ingress_rule": Fold(into=("aws_security_group",), by="security_group_id", edges=NOTHING),
    "aws_flow_log": Node(title="VPC flow logs", group=Group.MONITORING),
    "aws_cloudwatch_log_group": Fold(into=LOG_WRITERS),
    "aws_iam_role": Fold(into=ROLE_USERS),
    "aws_iam_role_policy_attachment": Fold(into=("aws_iam_role",)),
    "aws_iam_policy": Fold(into=("aws_iam_role_policy_attachment",)),
    "aws_kms_key": Node(title="KMS key", group=Group.ENCRYPTION, edges=NOTHING),
    "aws_kms_replica_key": Node(
        title="KMS replica key", group=Group.ENCRYPTION, edges=("primary_key_arn",), reverse=True, verb="is copied"
    ),
    "aws_kms_alias": Fold(into=KEYS),
    "aws_rds_global_cluster": Node(
        title="Aurora Global Database", group=Group.DATA, details=("global_cluster_identifier",)
    ),
    "aws_rds_cluster": Node(
        title="Aurora cluster",
        group=Group.VPC,
        details=("engine", "cluster_identifier"),
        edges=("global_cluster_identifier",),
        reverse=True,
    ),
    "aws_rds_cluster_instance": Node(
        title="Aurora instance",
        group=Group.VPC,
        details=("instance_class", "availability_zone"),
        edges=("cluster_identifier",),
        reverse=True,
    ),
    "aws_rds_cluster_parameter_group": Fold(into=("aws_rds_cluster",)),
    "aws_db_subnet_group": Fold(into=("aws_rds_cluster",)),
    "aws_db_proxy": Node(title="RDS Proxy", group=Group.VPC, details=("name",), edges=("auth",), verb="reads"),
    "aws_db_proxy_default_target_group": Fold(into=PROXY, edges=NOTHING),
    "aws_db_proxy_target": Fold(into=PROXY, by="db_proxy_name", edges=("db_cluster_identifier",), verb="forwards"),
    "aws_dynamodb_table": Node(title="DynamoDB table", group=Group.DATA, details=("name", "replica")),
    "aws_ssm_parameter": Node(title="SSM parameters", group=Group.DATA, together=True, edges=NOTHING),
    "ephemeral.aws_ssm_parameter": Fold(into=("aws_ssm_parameter",)),
    "aws_secretsmanager_secret": Node(title="Secret", group=Group.DATA, details=("name", "replica")),
    "aws_secretsmanager_secret_version": Fold(into=SECRET),
    "ephemeral.aws_secretsmanager_secret_version": Fold(into=SECRET),
    "ephemeral.aws_secretsmanager_random_password": Fold(
        into=("aws_ssm_parameter", "aws_secretsmanager_secret_version")
    ),
    "aws_lambda_function": Node(title="Lambda function", group=Group.VPC, details=("function_name",)),
    "aws_lambda_alias": Fold(into=FUNCTION, by="function_name"),
    "aws_lambda_invocation": Fold(into=FUNCTION, by="function_name", edges=NOTHING),
    "aws_lambda_event_source_mapping": Fold(
        into=QUEUE, by="event_source_arn", edges=("function_name",), verb="invokes"
    ),
    "aws_lambda_permission": Fold(into=FUNCTION, edges=NOTHING),
    "aws_lambda_function_event_invoke_config": Fold(into=FUNCTION),
    "aws_lambda_function_url": Node(title="Function URL", group=Group.ENTRY, verb="invokes"),
    "aws_sqs_queue": Node(title="SQS queue", group=Group.EVENTS, details=("name",)),
    "aws_sqs_queue_policy": Fold(into=QUEUE, by="queue_url", edges=NOTHING),
    "aws_sqs_queue_redrive_allow_policy": Fold(into=QUEUE, by="queue_url", edges=NOTHING),
    "aws_apigatewayv2_api": Node(title="HTTP API", group=Group.ENTRY, details=("name",)),
    "aws_apigatewayv2_stage": Fold(into=API),
    "aws_apigatewayv2_route": Fold(into=API),
    "aws_apigatewayv2_integration": Fold(into=API, verb="invokes"),
    "aws_apigatewayv2_authorizer": Fold(into=API),
    "aws_apigatewayv2_domain_name": Fold(into=("aws_apigatewayv2_api_mapping",), edges=NOTHING),
    "aws_apigatewayv2_api_mapping": Fold(into=API, edges=NOTHING),
    "aws_acm_certificate": Fold(into=("aws_acm_certificate_validation",), edges=NOTHING),
    "aws_acm_certificate_validation": Fold(into=("aws_apigatewayv2_domain_name",), edges=NOTHING),
    "aws_route53_zone": Node(title="Route 53 zone", group=Group.ENTRY, details=("name",)),
    "aws_route53_record": Fold(into=ZONE, verb="names"),
    "aws_route53_health_check": Node(
        title="Health check", group=Group.ENTRY, details=("type", "resource_path"), edges=("fqdn",), verb="asks"
    ),
    "aws_cloudwatch_event_bus": Node(title="EventBridge bus", group=Group.EVENTS, details=("name",)),
    # A rule of the account's own bus takes what an alarm tells, or AWS Backup of a restore.
    "aws_cloudwatch_event_rule": Fold(
        into=("aws_cloudwatch_event_bus", "aws_cloudwatch_metric_alarm", "aws_backup_restore_testing_plan")
    ),
    "aws_cloudwatch_event_target": Fold(into=("aws_cloudwatch_event_rule",), verb="invokes"),
    "aws_scheduler_schedule": Node(
        title="Schedule", group=Group.EVENTS, details=("name", "schedule_expression"), edges=("target",), verb="invokes"
    ),
    "aws_sfn_state_machine": Node(
        title="State machine", group=Group.EVENTS, details=("name",), edges=("definition",), verb="invokes"
    ),
    "aws_cloudwatch_event_archive": Node(title="Event archive", group=Group.EVENTS, reverse=True),
    "aws_backup_vault": Node(title="Backup vault", group=Group.BACKUP, details=("name",)),
    "aws_backup_vault_notifications": Fold(into=("aws_backup_vault",)),
    "aws_backup_restore_testing_plan": Fold(into=("aws_backup_vault",), edges=NOTHING),
    "aws_backup_restore_testing_selection": Fold(into=("aws_backup_restore_testing_plan",), edges=NOTHING),
    "aws_fis_experiment_template": Node(title="experiments", group=Group.BACKUP, together=True, edges=NOTHING),
    "aws_backup_plan": Node(title="Backup plan", group=Group.BACKUP, details=("name",)),
    "aws_backup_selection": Fold(into=("aws_backup_plan",), verb="backs up"),
    "aws_sns_topic": Node(title="SNS topic", group=Group.MONITORING, details=("name",)),
    "aws_sns_topic_policy": Fold(into=("aws_sns_topic",), edges=NOTHING),
    "aws_sns_topic_subscription": Fold(into=("aws_sns_topic",)),
    "aws_cloudwatch_metric_alarm": Node(
        title="metric alarms", group=Group.MONITORING, together=True, edges=("alarm_actions",)
    ),
    "aws_cloudwatch_composite_alarm": Node(
        title="Composite alarm", group=Group.MONITORING, details=("alarm_name",), edges=("alarm_rule", "alarm_actions")
    ),
    "aws_cloudwatch_dashboard": Node(
        title="Dashboard", group=Group.MONITORING, details=("dashboard_name",), edges=NOTHING
    ),
    "data.aws_caller_identity": LeftOut(reason="the account is looked up, not made"),
}
