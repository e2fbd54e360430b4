"""One Terraform configuration for two Regions, with a provider alias for each."""

import json
import os
from pathlib import Path
from typing import Any

from lib.provider_options import provider_options
from local_aws.server import LocalAws
from tap.provider_mirror import PROVIDER_VERSION
from tap.terraform import Terraform
from tests.integration.local_aws.conftest import ACCOUNT, OTHER_REGION, REGION

Resources = dict[str, dict[str, dict[str, Any]]]

NAME = "payment-two"
"""The physical name of most, in both Regions."""

REGIONS = {"primary": REGION, "secondary": OTHER_REGION}
"""By the alias of the provider."""


def in_region(alias: str, /, **arguments: Any) -> dict[str, Any]:
    """A resource's arguments with the provider of a Region."""
    return {"provider": f"aws.{alias}", **arguments}


def in_both(prefix: str = "", /, **arguments: Any) -> dict[str, dict[str, Any]]:
    """A resource in each Region under the same physical name. `{alias}` and `{region}` are replaced."""
    made = {}
    for alias, region in REGIONS.items():
        text = json.dumps(arguments).replace("{alias}", alias).replace("{region}", region)
        made[f"{prefix}{alias}"] = in_region(alias, **json.loads(text))
    return made


def varied(made: dict[str, dict[str, Any]], changed: bool, **arguments: Any) -> dict[str, dict[str, Any]]:
    """The secondary with other arguments, if changed."""
    return {**made, "secondary": made["secondary"] | (arguments if changed else {})}


def document(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]})


def open_to(service: str, action: str, resource: str = "*") -> str:
    """A resource's policy that lets an AWS service in."""
    return document({"Principal": {"Service": f"{service}.amazonaws.com"}, "Action": action, "Resource": resource})


def trust(*services: str) -> str:
    """A role's policy that lets AWS services take it."""
    principals = [f"{service}.amazonaws.com" for service in services]
    return document({"Principal": {"Service": principals}, "Action": "sts:AssumeRole"})


def account_key(statement_id: str) -> str:
    """A key policy for the account's own principals and for AWS's services."""
    return document(
        {
            "Sid": statement_id,
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Principal": {"Service": [f"logs.{region}.amazonaws.com" for region in REGIONS.values()]},
            "Action": "kms:*",
            "Resource": "*",
        },
    )


def merged(*parts: Resources) -> Resources:
    """The resources of all parts, by type."""
    found: Resources = {}
    for part in parts:
        for kind, resources in part.items():
            found.setdefault(kind, {}).update(resources)
    return found


def configured(folder: Path, aws: LocalAws, resources: Resources) -> Terraform:
    """Writes the configuration into the folder, and Terraform to run it."""
    folder.mkdir(parents=True, exist_ok=True)
    tags = {"Project": "payment"}
    content = {
        "terraform": {"required_providers": {"aws": {"source": "aws", "version": PROVIDER_VERSION}}},
        "provider": {
            "aws": [
                {"alias": alias, **provider_options(region=region, tags=tags, endpoint_url=aws.endpoint_url)}
                for alias, region in REGIONS.items()
            ]
        },
        "resource": resources,
    }
    (folder / "main.tf.json").write_text(json.dumps(content, indent=2))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return Terraform(folder, {**kept, **aws.environment()}, parallelism=20)
