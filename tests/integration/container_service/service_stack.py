"""A stack of the container constructs and what they need around them: a network, a load balancer, a topic."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from cdktf import App, LocalBackend, TerraformStack
from cdktf_cdktf_provider_aws.internet_gateway import InternetGateway
from cdktf_cdktf_provider_aws.lb import Lb
from cdktf_cdktf_provider_aws.lb_listener import LbListener, LbListenerDefaultAction
from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup, LbTargetGroupHealthCheck
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc

from lib.compute.blue_green import BlueGreen
from lib.compute.container_cluster import ContainerCluster
from lib.compute.container_service import ContainerService
from lib.compute.function import FunctionCode
from lib.compute.image_build import ImageBuild
from lib.compute.image_source import ImageSource
from lib.compute.package import Package
from lib.compute.rollback_alarms import RollbackAlarms
from lib.compute.service_scaling import ServiceScaling
from lib.compute.task_definition import CONTAINER, PORT, TaskDefinition
from lib.encryption import operations_key
from lib.provider import configure_provider
from lib.region import Region
from lib.security_group import WorkloadSecurityGroup
from lib.settings import Settings
from tests.integration.local_aws_containers.sample import context

PROBE = Path(__file__).resolve().parents[3] / "lib" / "container" / "service_probe.py"
BROKEN = "import sys\nsys.exit('this version does not start')\n"


def sample_source(folder: Path, version: str, *, broken: bool = False) -> ImageSource:
    """The sample service with the probe of the payment service, as the context of an image; one may not start."""
    changed: dict[str, str | None] = {"app/service_probe.py": PROBE.read_text()}
    if broken:
        changed["app/sample.py"] = f"{BROKEN}# {version}\n"
    content = context(version, changed=changed)
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        assert "app/service_probe.py" in zipped.namelist()
    tag = f"{version}{'-broken' if broken else ''}"
    path = folder / f"{tag}.zip"
    path.write_bytes(content)
    return ImageSource(path, tag)


class Surroundings:
    """What other constructs of the architecture make."""

    def __init__(self, region: Region) -> None:
        settings = region.settings
        vpc = region.add(Vpc, "vpc", cidr_block=settings.vpc_cidr, enable_dns_hostnames=True)
        region.add(InternetGateway, "internet_gateway", vpc_id=vpc.id)
        self.vpc_id = vpc.id
        self.subnet_ids = [
            region.add(
                Subnet, f"subnet_{number}", vpc_id=vpc.id, cidr_block=cidr, availability_zone=settings.zones[number]
            ).id
            for number, cidr in enumerate(settings.subnets(0))
        ]
        self.balancer_group = WorkloadSecurityGroup(region, "balancer", vpc_id=vpc.id, description="Load balancer")
        self.balancer = region.add(
            Lb,
            "balancer",
            name=settings.name("it"),
            load_balancer_type="application",
            security_groups=[self.balancer_group.id],
            subnets=self.subnet_ids,
        )
        self.groups = {name: self._group(region, name) for name in ("blue", "green")}
        moved = {"lifecycle": {"ignore_changes": ["default_action"]}}
        self.listener = self._listener(region, "listener", 443, moved)
        self.test_listener = self._listener(region, "test_listener", 8443, moved)
        self.topic = region.add(SnsTopic, "alerts", name=settings.name("alerts"))

    def _group(self, region: Region, name: str) -> LbTargetGroup:
        return region.add(
            LbTargetGroup,
            f"group_{name}",
            name=region.settings.name(name),
            port=PORT,
            protocol="HTTP",
            target_type="ip",
            vpc_id=self.vpc_id,
            deregistration_delay="5",
            health_check=LbTargetGroupHealthCheck(path="/health", healthy_threshold=2, unhealthy_threshold=3),
        )

    def _listener(self, region: Region, id_: str, port: int, moved: dict[str, Any]) -> LbListener:
        forward = LbListenerDefaultAction(type="forward", target_group_arn=self.groups["blue"].arn)
        return region.add(
            LbListener,
            id_,
            load_balancer_arn=self.balancer.arn,
            port=port,
            protocol="HTTP",
            default_action=[forward],
            **moved,
        )


class ServiceStack(TerraformStack):
    """The service, deployed as the settings say."""

    def __init__(self, scope: App, settings: Settings, *, source: ImageSource, package: Package) -> None:
        super().__init__(scope, "service")
        # Beside the configuration: cdktf's own would be in the folder that the tests run in.
        LocalBackend(self, path="terraform.tfstate")
        region = Region(self, settings=settings, provider=configure_provider(self, settings))
        around = Surroundings(region)
        key = operations_key(region)
        code = FunctionCode(self, package=package)
        image = ImageBuild(region, source=source, code=code, key=key)
        task = TaskDefinition(
            region,
            image=image.image,
            version=image.tag,
            repository_arn=image.repository_arn,
            key=key,
            environment={"LOG_LEVEL": "INFO"},
            after=image.ready,
        )
        alarms = RollbackAlarms(
            region,
            load_balancer=around.balancer.arn_suffix,
            target_groups={name: group.arn_suffix for name, group in around.groups.items()},
            topic_arn=around.topic.arn,
        )
        cluster = ContainerCluster(region, vpc_id=around.vpc_id, key=key)
        security_group = WorkloadSecurityGroup(region, "service", vpc_id=around.vpc_id, description="Payment service")
        around.balancer_group.may_reach(security_group, port=PORT)
        service = ContainerService(
            region,
            cluster_arn=cluster.arn,
            namespace_id=cluster.namespace.id,
            task_definition_arn=task.arn,
            container=CONTAINER,
            port=PORT,
            subnet_ids=around.subnet_ids,
            security_group=security_group,
            target_group_arn=around.groups["blue"].arn,
            alarm_names=alarms.names,
            after=[*cluster.ready, *task.permissions, around.listener, around.test_listener],
        )
        ServiceScaling(region, cluster_name=cluster.name, service_name=service.name)
        if settings.deployment_strategy == "blue-green":
            deployments = BlueGreen(
                region,
                code=code,
                key=key,
                cluster_name=cluster.name,
                service_name=service.name,
                load_balancer=around.balancer.arn_suffix,
                listener_arn=around.listener.arn,
                test_listener_arn=around.test_listener.arn,
                target_group_names=[group.name for group in around.groups.values()],
                alarm_names=alarms.names,
                role_arns=task.role_arns,
            )
            deployments.shift(task_definition_arn=task.arn, container=CONTAINER, port=PORT, after=[service.service])
