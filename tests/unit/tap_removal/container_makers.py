"""Makes what builds, deploys, tests and protects containers: each returns the ARN."""

from __future__ import annotations

from tests.unit.tap_removal.maker import ACCOUNT, Maker


def project(make: Maker) -> str:
    """With a build that has ended."""
    name = f"payment-{make.name}"
    made = make.codebuild.create_project(
        name=name,
        source={"type": "S3", "location": "contexts/one.zip"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={"type": "ARM_CONTAINER", "image": "aws/codebuild/one", "computeType": "BUILD_GENERAL1_SMALL"},
        serviceRole=make.role_arn,
        tags=make.lower,
    )
    make.codebuild.start_build(projectName=name)
    return str(made["project"]["arn"])


def web_acl(make: Maker) -> str:
    visibility = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "requests"}
    made = make.wafv2.create_web_acl(
        Name=f"payment-{make.name}",
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        VisibilityConfig=visibility,
        **({"Tags": make.pairs} if make.tags else {}),
    )
    return str(made["Summary"]["ARN"])


def scalable_target(make: Maker, service: str) -> str:
    """Of a service with this ARN, with a policy."""
    named = {
        "ServiceNamespace": "ecs",
        "ResourceId": service.split(":", 5)[5],
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    scaling = make.application__autoscaling
    made = scaling.register_scalable_target(**named, MinCapacity=1, MaxCapacity=2)
    metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    scaling.put_scaling_policy(
        **named,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 70, "PredefinedMetricSpecification": metric},
    )
    return str(made["ScalableTargetARN"])


def log_policy(make: Maker, name: str, *groups: str) -> str:
    """A policy that lets AWS write to these log groups, by their ARNs."""
    make.logs.put_resource_policy(policyName=name, policyDocument=document(*groups))
    return f"arn:aws:logs:{make.account.region}:{ACCOUNT}:resource-policy:{name}"


def document(*groups: str) -> str:
    """Such a policy's text."""
    streams = ", ".join(f'"{group}:log-stream:*"' for group in groups)
    service = '{"Service": "delivery.logs.amazonaws.com"}'
    return f'{{"Statement": [{{"Effect": "Allow", "Principal": {service}, "Action": "*", "Resource": [{streams}]}}]}}'
