"""Synthesizes the container constructs alone, with plain texts for what others make."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from cdktf import TerraformStack, Testing

from lib.compute.blue_green import BlueGreen
from lib.compute.container_cluster import ContainerCluster
from lib.compute.container_service import ContainerService
from lib.compute.function import FunctionCode
from lib.compute.image_build import ImageBuild
from lib.compute.image_source import ImageSource
from lib.compute.rollback_alarms import RollbackAlarms
from lib.compute.service_scaling import ServiceScaling
from lib.compute.task_definition import CONTAINER, PORT, TaskDefinition
from lib.encryption import operations_key
from lib.iam import Statement
from lib.outputs import add_outputs
from lib.provider import configure_provider
from lib.region import Region
from lib.security_group import WorkloadSecurityGroup
from lib.settings import RegionRole, load_settings
from tests.unit.stacks import Document, artifacts

TAG = "0123456789abcdef0123456789abcdef"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:key"
BALANCER = "app/payment/50dc6c495c0c9188"
ELB = "arn:aws:elasticloadbalancing:us-east-1:123456789012"
LISTENER, TEST_LISTENER = (f"{ELB}:listener/{BALANCER}/{one}" for one in ("f2f7dc8efc522ab2", "0467ef3c8400ae65"))


@cache
def source() -> ImageSource:
    path = Path(mkdtemp(prefix="payment-context-")) / "context.zip"
    path.write_bytes(b"")
    return ImageSource(path, TAG)


def compose(region: Region, code: FunctionCode) -> dict[str, Any]:
    """All constructs as a stack would compose them; their outputs."""
    key = operations_key(region)
    image = ImageBuild(region, source=source(), code=code, key=key)
    task = TaskDefinition(
        region,
        image=image.image,
        version=image.tag,
        repository_arn=image.repository_arn,
        key=key,
        environment={"DB_NAME": "payments"},
        secrets={"API_KEY": SECRET},
        secret_access=[Statement(sid="ReadKey", actions=["secretsmanager:GetSecretValue"], resources=[SECRET])],
        after=image.ready,
    )
    task.grant("sessions", [Statement(sid="UseSessions", actions=["dynamodb:PutItem"], resources=["arn:table"])])
    alarms = RollbackAlarms(
        region, load_balancer=BALANCER, target_groups={"blue": "targetgroup/b/1"}, topic_arn="arn:topic"
    )
    cluster = ContainerCluster(region, vpc_id="vpc-1", key=key)
    group = WorkloadSecurityGroup(region, "service", vpc_id="vpc-1", description="Payment service")
    group.may_reach_https("aws", description="AWS", cidr="0.0.0.0/0")
    service = ContainerService(
        region,
        cluster_arn=cluster.arn,
        namespace_id=cluster.namespace.id,
        task_definition_arn=task.arn,
        container=CONTAINER,
        port=PORT,
        subnet_ids=["subnet-1", "subnet-2", "subnet-3"],
        security_group=group,
        target_group_arn=f"{ELB}:targetgroup/b/1",
        alarm_names=alarms.names,
        after=[*cluster.ready, *task.permissions],
    )
    outputs = {**image.outputs(), **task.outputs(), **cluster.outputs(), **service.outputs()}
    shifted = []
    if region.settings.deployment_strategy == "blue-green":
        deployments = BlueGreen(
            region,
            code=code,
            key=key,
            cluster_name=cluster.name,
            service_name=service.name,
            load_balancer=BALANCER,
            listener_arn=LISTENER,
            test_listener_arn=TEST_LISTENER,
            target_group_names=["payment-blue", "payment-green"],
            alarm_names=alarms.names,
            role_arns=task.role_arns,
        )
        shifted = deployments.shift(
            task_definition_arn=task.arn, container=CONTAINER, port=PORT, after=[service.service]
        )
        outputs |= deployments.outputs()
    ServiceScaling(region, cluster_name=cluster.name, service_name=service.name, after=shifted)
    return outputs


@cache
def _document(overrides: tuple[tuple[str, object], ...], role: RegionRole | None) -> str:
    settings = load_settings(
        architecture="containers", domain="acme.io", parent_zone_id="Z0123456789", **dict(overrides)
    )
    stack = TerraformStack(Testing.app(), "test")
    if role:
        settings = settings.in_region(role)
    region = Region(stack, settings=settings, provider=configure_provider(stack, settings, role))
    add_outputs(stack, compose(region, FunctionCode(stack, package=artifacts().functions)))
    return str(Testing.synth(stack))


def synthesized_service(role: RegionRole | None = None, /, **overrides: object) -> Document:
    """Return the Terraform JSON of the constructs with these settings."""
    document: Document = json.loads(_document(tuple(sorted(overrides.items())), role))
    return document
