"""The canaries with their bucket, alarms and topic: a stack for Terraform."""

from __future__ import annotations

import os
from pathlib import Path

from cdktf import App, TerraformOutput, TerraformStack

from lib.api.callers import SharedKey
from lib.compute.canary_package import build_canary_package
from lib.encryption import operations_key
from lib.iam import Statement
from lib.monitoring.alarms import Alarm, Alarms
from lib.monitoring.alerts import Alerts
from lib.monitoring.canaries import Canaries, CanaryCode
from lib.monitoring.canary_role import Artifacts
from lib.provider import configure_provider
from lib.region import Region
from lib.settings import Settings, load_settings
from lib.storage.logs_bucket import LogsBucket
from local_aws.server import LocalAws
from tap.terraform import Terraform

PREFIX = "canaries"


def canary_stack(folder: Path, aws: LocalAws, *, api_url: str, secret_arn: str, **changed: object) -> Terraform:
    """Synthesize the stack into the folder; return Terraform to run it. `changed` are other inputs."""
    settings = load_settings(
        architecture="containers",
        environment_suffix="it-1",
        domain="acme.io",
        parent_zone_id="Z1",
        aws_endpoint_url=aws.endpoint_url,
        **changed,
    )
    app = App(outdir=str(folder.resolve()))
    _compose(TerraformStack(app, "canaries"), settings, api_url, secret_arn)
    app.synth()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return Terraform(folder / "stacks" / "canaries", {**kept, **aws.environment()}, parallelism=20)


def _compose(stack: TerraformStack, settings: Settings, api_url: str, secret_arn: str) -> None:
    configure_provider(stack, settings)
    region = Region(stack, settings=settings)
    key = operations_key(region)
    alerts, logs = Alerts(region, key=key), LogsBucket(region, key=key)
    read = Statement(sid="ReadApiKey", actions=["secretsmanager:GetSecretValue"], resources=[secret_arn])
    canaries = Canaries(
        region,
        code=CanaryCode(stack, package=build_canary_package()),
        api_url=api_url,
        artifacts=Artifacts(bucket_name=logs.name, bucket_arn=logs.arn, prefix=PREFIX),
        key=key,
        api_key=SharedKey(secret_arn=secret_arn, access=[read]),
    )
    Alarms(region, topic_arn=alerts.arn, alarms=[_stopping(alarm) for alarm in canaries.alarms()])
    for name, value in {**logs.outputs(), **canaries.outputs(), "topic_arn": alerts.arn}.items():
        TerraformOutput(stack, name, value=value)


def _stopping(alarm: Alarm) -> Alarm:
    """An alarm that the composite one of the service follows."""
    return Alarm(**{**vars(alarm), "payments_stop": alarm.metric == "SuccessPercent"})
