"""What is built before a stack can be synthesized, and uploaded when it is deployed."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lib.compute.canary_package import build_canary_package
from lib.compute.image_source import ImageSource, build_image_source
from lib.compute.package import Package, build_package
from lib.settings import Settings


@dataclass(frozen=True, kw_only=True)
class ContainerArtifacts:
    """What the container architecture needs more: the build context of its image, and the scripts of its canaries."""

    image: ImageSource
    canaries: Package


@dataclass(frozen=True, kw_only=True)
class Artifacts:
    """The package of the functions, and what else the architecture needs."""

    functions: Package
    containers: ContainerArtifacts | None = None

    @classmethod
    def empty(cls, folder: Path) -> Self:
        """Return artifacts with nothing in them, for a look at the stack alone: what is in them changes no resource."""
        archive = folder / "package.zip"
        archive.write_bytes(b"")
        package = Package(archive, base64.b64encode(hashlib.sha256(b"").digest()).decode())
        image = ImageSource(archive, package.asset_hash.lower())
        return cls(functions=package, containers=ContainerArtifacts(image=image, canaries=package))


def build_artifacts(settings: Settings) -> Artifacts:
    """Build what the architecture that the settings ask for needs. Raises `PackageError`."""
    if not settings.runs_containers:
        return Artifacts(functions=build_package())
    containers = ContainerArtifacts(image=build_image_source(), canaries=build_canary_package())
    return Artifacts(functions=build_package(postgresql=True), containers=containers)
