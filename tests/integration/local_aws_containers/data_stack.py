"""What the container service's data need around them, but for the service and its ledger: a stack for Terraform."""

from __future__ import annotations

import os
from pathlib import Path

from cdktf import App, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_aws.dynamodb_table import DynamodbTable, DynamodbTableAttribute

from lib.backup.tagged import BACKUP_TAGS, TaggedBackups
from lib.backup.vault import Vault
from lib.compute.function import FunctionCode
from lib.compute.package import build_package
from lib.encryption import operations_key
from lib.events.bus import PaymentEventBus
from lib.events.replay import ReplayQueue
from lib.monitoring.alerts import Alerts
from lib.monitoring.container_alarms import container_alarms
from lib.monitoring.container_graphs import container_graphs
from lib.monitoring.container_metrics import ContainerMeasured
from lib.monitoring.monitoring import Monitoring
from lib.networking.network import Network
from lib.provider import configure_provider
from lib.region import Region
from lib.settings import Settings, load_settings
from lib.validation import Validation
from local_aws.server import LocalAws
from tap.terraform import Terraform

SUFFIX = "it-1"
AMOUNT_LIMIT = 5000


def data_parts(folder: Path, aws: LocalAws, **changed: object) -> Terraform:
    """Synthesize the stack into the folder; return Terraform to run it. `changed` are other inputs."""
    settings = load_settings(
        _env_file=None,
        architecture="containers",
        environment_suffix=SUFFIX,
        domain="acme.io",
        parent_zone_id="Z0PARENT",
        aws_endpoint_url=aws.endpoint_url,
        nat_gateways="none",
        **{"payment_amount_limit": AMOUNT_LIMIT, **changed},
    )
    app = App(outdir=str(folder.resolve()))
    _compose(TerraformStack(app, "data"), settings)
    app.synth()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return Terraform(folder / "stacks" / "data", {**kept, **aws.environment()}, parallelism=20)


def _compose(stack: TerraformStack, settings: Settings) -> None:
    configure_provider(stack, settings)
    region = Region(stack, settings=settings)
    key, network = operations_key(region), Network(region)
    alerts = Alerts(region, key=key)
    table = region.add(
        DynamodbTable,
        "table",
        name=settings.name("sessions"),
        billing_mode="PAY_PER_REQUEST",
        hash_key="session_id",
        attribute=[DynamodbTableAttribute(name="session_id", type="S")],
        tags=BACKUP_TAGS,
    )
    vault = Vault(region, key_arn=key.arn, topic_arn=alerts.arn)
    backups = TaggedBackups(region, vault_name=vault.name)
    bus = PaymentEventBus(region, key=key, consumer="service")
    replay = ReplayQueue(region, key=key, visibility_seconds=180, rule_arn=bus.rule.arn)
    bus.deliver_to_queue(replay.messages.arn, after=replay.policy)
    validation = Validation(
        region,
        code=FunctionCode(stack, package=build_package()),
        vpc_id=network.vpc_id,
        subnet_ids=network.private_subnet_ids,
        key=key,
    )
    validation.allow_rule(bus.rule.arn)
    measured = ContainerMeasured(
        settings=settings,
        cluster_id=settings.name("cluster"),
        table_name=table.name,
        bus_rule=bus.rule.name,
        vault_name=vault.name,
        dead_letter_queues={"events": bus.dead_letters.queue.name, "replay": replay.dead_letters.queue.name},
        cluster_name=settings.name("service"),
        service_name=settings.name("service"),
        load_balancer="app/payment/1",
        target_groups={"blue": "targetgroup/blue/1", "green": "targetgroup/green/2"},
        web_acl=settings.name("firewall"),
    )
    monitoring = Monitoring(
        region, topic_arn=alerts.arn, alarms=container_alarms(measured), graphs=container_graphs(measured)
    )
    for part in (vault, backups, bus, replay, validation, monitoring):
        for name, value in part.outputs().items():
            TerraformOutput(stack, name, value=value)
