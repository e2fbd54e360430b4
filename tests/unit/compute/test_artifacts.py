"""What is built before a stack is synthesized, by architecture."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.compute import artifacts
from lib.compute.artifacts import Artifacts, build_artifacts
from lib.compute.image_source import ImageSource
from lib.compute.package import Package
from lib.settings import load_settings

CONTAINERS = {"architecture": "containers", "domain": "acme.io", "parent_zone_id": "Z0PARENT"}
CANARIES = Package(Path("canaries.zip"), "canaries")
IMAGE = ImageSource(Path("image.zip"), "0123456789abcdef")


@pytest.fixture(autouse=True)
def builders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builders that say what they were asked for, and build nothing."""

    def build_package(*, postgresql: bool = False) -> Package:
        return Package(Path("functions.zip"), "with PostgreSQL" if postgresql else "with MySQL")

    monkeypatch.setattr(artifacts, "build_package", build_package)
    monkeypatch.setattr(artifacts, "build_image_source", lambda: IMAGE)
    monkeypatch.setattr(artifacts, "build_canary_package", lambda: CANARIES)


@pytest.mark.parametrize("architecture", ["single-region", "multi-region"])
def test_functions_need_their_package_alone(architecture: str) -> None:
    built = build_artifacts(load_settings(architecture=architecture))
    assert (built.functions.sha256_base64, built.containers) == ("with MySQL", None)


def test_containers_need_an_image_and_canaries_too() -> None:
    built = build_artifacts(load_settings(**CONTAINERS))
    assert built.functions.sha256_base64 == "with PostgreSQL"
    assert built.containers is not None
    assert (built.containers.image, built.containers.canaries) == (IMAGE, CANARIES)


def test_a_look_at_the_stack_alone_needs_no_build(tmp_path: Path) -> None:
    empty = Artifacts.empty(tmp_path)
    assert empty.containers is not None
    assert {empty.functions.path, empty.containers.canaries.path, empty.containers.image.path} == {
        tmp_path / "package.zip"
    }
    assert empty.functions.path.read_bytes() == b""
    # Of what the empty file holds: the same at each look.
    assert empty.containers.image.tag == Artifacts.empty(tmp_path).containers.image.tag  # type: ignore[union-attr]
