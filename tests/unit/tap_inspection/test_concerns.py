"""Resources sorted by concern."""

from __future__ import annotations

import pytest

from docs.kinds import KINDS
from tap.inspection.concerns import Concern, by_concern, concern_of
from tap.inventory.resource import Resource, resource_type

# One ARN of each type that an environment has in AWS.
ARNS = {
    "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1": Concern.NETWORKING,
    "arn:aws:ec2:us-east-1:123456789012:elastic-ip/eipalloc-1": Concern.NETWORKING,
    "arn:aws:ec2:us-east-1:123456789012:vpc-flow-log/fl-1": Concern.MONITORING,
    "arn:aws:rds:us-east-1:123456789012:cluster:payment-cluster-x": Concern.DATABASE,
    "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:payment-final-x": Concern.DATABASE,
    "arn:aws:dynamodb:us-east-1:123456789012:table/payment-sessions-x": Concern.SESSIONS,
    "arn:aws:lambda:us-east-1:123456789012:function:payment-processor-x": Concern.COMPUTE,
    "arn:aws:ecs:us-east-1:123456789012:service/payment-cluster-x/payment-service-x": Concern.COMPUTE,
    "arn:aws:ecr:us-east-1:123456789012:repository/payment-service-x": Concern.COMPUTE,
    "arn:aws:codebuild:us-east-1:123456789012:project/payment-service-x": Concern.COMPUTE,
    "arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:payment-service-x/payment-service-x": Concern.COMPUTE,
    "arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/1": Concern.COMPUTE,
    "arn:aws:servicediscovery:us-east-1:123456789012:namespace/ns-1": Concern.COMPUTE,
    "arn:aws:apigateway:us-east-1::/apis/abc": Concern.API,
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/payment-x/1": Concern.API,
    "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/payment-x/1": Concern.API,
    "arn:aws:acm:us-east-1:123456789012:certificate/1": Concern.API,
    "arn:aws:route53:::hostedzone/Z1": Concern.API,
    "arn:aws:events:us-east-1:123456789012:event-bus/payment-events-x": Concern.EVENTS,
    "arn:aws:scheduler:us-east-1:123456789012:schedule/default/payment-relay-x": Concern.EVENTS,
    "arn:aws:states:us-east-1:123456789012:stateMachine:payment-approval-x": Concern.EVENTS,
    "arn:aws:sqs:us-east-1:123456789012:payment-replay-x": Concern.EVENTS,
    "arn:aws:ssm:us-east-1:123456789012:parameter/payment/x/api/endpoint": Concern.CONFIGURATION,
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:payment-ledger-user-x-AbCdEf": Concern.CONFIGURATION,
    "arn:aws:backup:us-east-1:123456789012:backup-vault:payment-backup-vault-x": Concern.BACKUP,
    "arn:aws:fis:us-east-1:123456789012:experiment-template/t": Concern.BACKUP,
    "arn:aws:cloudwatch:us-east-1:123456789012:alarm:payment-service-x": Concern.MONITORING,
    "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/payment-processor-x": Concern.MONITORING,
    "arn:aws:sns:us-east-1:123456789012:payment-alerts-x": Concern.MONITORING,
    "arn:aws:s3:::payment-audit-123456789012-us-east-1-x": Concern.MONITORING,
    "arn:aws:synthetics:us-east-1:123456789012:canary:payment-canary-fast-x": Concern.MONITORING,
    "arn:aws:cloudtrail:us-east-1:123456789012:trail/payment-audit-x": Concern.AUDIT,
    "arn:aws:config:us-east-1:123456789012:config-rule/config-rule-1": Concern.AUDIT,
    "arn:aws:guardduty:us-east-1:123456789012:detector/1": Concern.AUDIT,
    "arn:aws:securityhub:us-east-1:123456789012:hub/default": Concern.AUDIT,
    "arn:aws:kms:us-east-1:123456789012:key/1": Concern.ENCRYPTION,
    "arn:aws:iam::123456789012:role/payment-processor-x": Concern.PERMISSIONS,
}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("aws_")])
def test_every_type_of_the_stack_has_a_concern(kind: str) -> None:
    assert concern_of(kind) is not Concern.OTHER


@pytest.mark.parametrize(
    ("kind", "concern"),
    [
        ("aws_route", Concern.NETWORKING),
        ("aws_route53_record", Concern.API),
        ("aws_cloudwatch_event_rule", Concern.EVENTS),
        ("aws_cloudwatch_metric_alarm", Concern.MONITORING),
        ("aws_vpc_security_group_ingress_rule", Concern.NETWORKING),
        ("aws_config_config_rule", Concern.AUDIT),
        ("aws_lb_listener", Concern.API),
        ("aws_ecs_cluster_capacity_providers", Concern.COMPUTE),
        ("aws_synthetics_canary", Concern.MONITORING),
        ("aws_fis_experiment_template", Concern.BACKUP),
        ("aws_glacier_vault", Concern.OTHER),
        ("glacier:vault", Concern.OTHER),
    ],
)
def test_the_longest_prefix_decides(kind: str, concern: Concern) -> None:
    assert concern_of(kind) is concern


@pytest.mark.parametrize("arn", ARNS)
def test_types_in_aws_have_the_concern_of_their_service(arn: str) -> None:
    assert concern_of(resource_type(arn)) is ARNS[arn]


def test_resources_are_sorted_in_the_order_of_concerns() -> None:
    resources = [Resource(arn, resource_type(arn)) for arn in reversed(ARNS)]
    sorted_ = by_concern(resources)
    assert list(sorted_) == [concern for concern in Concern if concern is not Concern.OTHER]
    assert sum(map(len, sorted_.values())) == len(ARNS)
    assert by_concern([]) == {}
