"""A stack in one Region of an environment of containers, to synthesize one construct in."""

from __future__ import annotations

import json
from collections.abc import Callable

from cdktf import TerraformStack, Testing

from lib.provider import configure_provider
from lib.region import Region
from lib.settings import RegionRole, load_settings
from tests.unit.stacks import Document

ENVIRONMENT = {"architecture": "containers", "domain": "acme.io", "parent_zone_id": "Z1"}


def synthesized_in_region(
    build: Callable[[Region], object], *, role: RegionRole | None = None, **overrides: object
) -> Document:
    """Return the Terraform JSON of what `build` makes; with a role, in that one of two Regions."""
    inputs = {**ENVIRONMENT, **({"standby_region": "us-east-2"} if role else {}), **overrides}
    settings = load_settings(**inputs)
    stack = TerraformStack(Testing.app(), "test")
    provider = configure_provider(stack, settings, role)
    region = Region(stack, settings=settings.in_region(role) if role else settings, provider=provider if role else None)
    build(region)
    document: Document = json.loads(str(Testing.synth(stack)))
    return document
