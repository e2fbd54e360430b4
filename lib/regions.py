"""The Regions of a stack: one, or a primary and a secondary."""

from __future__ import annotations

from cdktf import TerraformStack

from lib.provider import configure_provider
from lib.region import Region
from lib.settings import RegionRole, Settings


def one_region(stack: TerraformStack, settings: Settings) -> Region:
    """Return the one Region, with its provider."""
    configure_provider(stack, settings)
    return Region(stack, settings=settings)


def two_regions(stack: TerraformStack, settings: Settings) -> tuple[Region, Region, Region]:
    """Return what spans both Regions, which is made in the primary; the primary; the secondary."""
    provider = configure_provider(stack, settings, RegionRole.PRIMARY)
    other = configure_provider(stack, settings, RegionRole.SECONDARY)
    both = Region(stack, settings=settings, provider=provider)
    primary, secondary = (
        Region(stack, settings=settings.in_region(role), provider=of, account_id=both.account_id)
        for role, of in ((RegionRole.PRIMARY, provider), (RegionRole.SECONDARY, other))
    )
    return both, primary, secondary
