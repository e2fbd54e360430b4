"""The load balancer of the container service with all that is around it, but for the service: a stack for Terraform."""

from __future__ import annotations

import os
from pathlib import Path

from cdktf import App, TerraformOutput, TerraformStack

from lib.dns.certificate import Certificate
from lib.dns.public_zone import PublicZone
from lib.dns.service_records import ServiceRecords
from lib.encryption import operations_key
from lib.networking.load_balancer import HEALTH_PATH, LoadBalancer
from lib.networking.network import Network
from lib.networking.web_acl import WebAcl
from lib.provider import configure_provider
from lib.region import Region
from lib.settings import Settings, load_settings
from lib.storage.logs_bucket import LOAD_BALANCER_PREFIX, LogsBucket
from local_aws.server import LocalAws
from tap.terraform import Terraform

RATE_LIMIT = 40


def balanced(folder: Path, aws: LocalAws, parent_zone_id: str, **changed: object) -> Terraform:
    """Synthesize the stack into the folder; return Terraform to run it. `changed` are other inputs."""
    settings = load_settings(
        architecture="containers",
        environment_suffix="it-1",
        domain="acme.io",
        parent_zone_id=parent_zone_id,
        aws_endpoint_url=aws.endpoint_url,
        nat_gateways="none",
        **{"waf_rate_limit": RATE_LIMIT, "deployment_strategy": "blue-green", **changed},
    )
    app = App(outdir=str(folder.resolve()))
    _compose(TerraformStack(app, "balanced"), settings)
    app.synth()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return Terraform(folder / "stacks" / "balanced", {**kept, **aws.environment()}, parallelism=20)


def _compose(stack: TerraformStack, settings: Settings) -> None:
    configure_provider(stack, settings)
    region = Region(stack, settings=settings)
    key = operations_key(region)
    network, zone = Network(region), PublicZone(region)
    logs = LogsBucket(region, key=key)
    certificate = Certificate(region, zone_id=zone.id, delegation=zone.delegation)
    balancer = LoadBalancer(
        region,
        vpc_id=network.vpc_id,
        subnet_ids=network.public_subnet_ids,
        internet_gateway=network.internet_gateway,
        certificate_arn=certificate.arn,
        log_bucket=logs.name,
        log_prefix=LOAD_BALANCER_PREFIX,
    )
    acl = WebAcl(region, key_arn=key.arn, load_balancer_arn=balancer.arn)
    records = ServiceRecords(region, zone_id=zone.id, host=balancer.host, health_path=HEALTH_PATH, alias=balancer.alias)
    outputs = {**logs.outputs(), **balancer.outputs(), **acl.outputs(), **records.outputs()}
    for name, value in outputs.items():
        TerraformOutput(stack, name, value=value)
