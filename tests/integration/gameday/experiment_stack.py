"""The experiments of one Region in a stack for Terraform, with a real cluster as their target."""

from __future__ import annotations

import os
from pathlib import Path

from cdktf import App, TerraformOutput, TerraformStack

from lib.encryption import operations_key
from lib.provider import configure_provider
from lib.recovery.experiments import Experiments
from lib.region import Region
from lib.settings import load_settings
from tap.terraform import Terraform
from tests.integration.local_aws_databases.conftest import REGION, Aws, Cluster

SUFFIX = "it-7"


def experiment_stack(folder: Path, cluster: Cluster, subnet_ids: list[list[str]]) -> Terraform:
    """Synthesize the stack into the folder; return Terraform to run it."""
    aws: Aws = cluster.aws
    settings = load_settings(environment_suffix=SUFFIX, aws_region=REGION, aws_endpoint_url=aws.server.endpoint_url)
    app = App(outdir=str(folder.resolve()))
    stack = TerraformStack(app, "experiments")
    configure_provider(stack, settings)
    region = Region(stack, settings=settings)
    experiments = Experiments(
        region,
        cluster_arn=cluster.described()["DBClusterArn"],
        subnet_ids=subnet_ids,
        key_arn=operations_key(region).arn,
    )
    for name, value in experiments.outputs().items():
        TerraformOutput(stack, name, value=value)
    app.synth()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return Terraform(folder / "stacks" / "experiments", {**kept, **aws.server.environment()}, parallelism=20)
