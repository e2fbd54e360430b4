"""A container service as Terraform's own JSON: image, cluster, service, load balancer, names, scaling."""

import json
import os
from pathlib import Path
from typing import Any

from lib.provider_options import provider_options
from local_aws.server import LocalAws
from tap.provider_mirror import PROVIDER_VERSION
from tap.terraform import Terraform
from tests.integration.local_aws_containers.stack_build import build
from tests.integration.local_aws_containers.stack_network import balancer, network
from tests.integration.local_aws_containers.stack_policies import REGION, Resources
from tests.integration.local_aws_containers.stack_service import service


def merged(*parts: Resources) -> Resources:
    """The resources of all parts, by type."""
    found: Resources = {}
    for part in parts:
        for kind, resources in part.items():
            found.setdefault(kind, {}).update(resources)
    return found


def configured(
    folder: Path, aws: LocalAws, *, with_service: bool = True, changed: bool = False, **service_arguments: Any
) -> Terraform:
    """Writes the configuration into the folder, and Terraform to run it."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [network(changed), build(changed), balancer(changed)]
    if with_service:
        parts.append(service(changed, **service_arguments))
    options = provider_options(region=REGION, tags={"Project": "payment"}, endpoint_url=aws.endpoint_url)
    content = {
        "terraform": {"required_providers": {"aws": {"source": "aws", "version": PROVIDER_VERSION}}},
        "provider": {"aws": options},
        "resource": merged(*parts),
    }
    (folder / "main.tf.json").write_text(json.dumps(content, indent=2))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return Terraform(folder, {**kept, **aws.environment()}, parallelism=20)
