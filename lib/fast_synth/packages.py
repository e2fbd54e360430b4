"""The installed packages that jsii loads, found without importing them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from lib.fast_synth.errors import FastSynthError

PROVIDER = "cdktf_cdktf_provider_aws"
# A class that trimmed copies have besides the provider's: it makes the kernel forget the copy, to take a larger one.
RELEASE_CLASS = "FastSynth"
RELEASE_METHOD = "release"
LOAD_ORDER = ("constructs", "cdktf", PROVIDER)
# Generated bindings load their assembly so: JSIIAssembly.load(<name>, <version>, <module>, <tarball>).
_LOAD_CALL = re.compile(r'JSIIAssembly\.load\(\s*"([^"]+)",\s*"([^"]+)",\s*__name__\[0:-6\],\s*"([^"]+)",?\s*\)')
_JSII_VERSION = re.compile(r'"version":\s*"(1\.\d+\.\d+)"')


@dataclass(frozen=True)
class Assembly:
    """A jsii assembly: its npm name and version, and the tarball inside the Python package."""

    name: str
    version: str
    tarball: Path


@dataclass(frozen=True)
class Jsii:
    """The Python client of jsii: its version and the folder of the JavaScript runtime inside it."""

    version: str
    runtime: Path


def package_folder(package: str) -> Path:
    """Return the folder of an installed package without importing it."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FastSynthError(f"package {package} is not installed")
    return Path(spec.submodule_search_locations[0])


def installed_assembly(package: str) -> Assembly:
    """Read from the generated bindings which assembly they load."""
    folder = package_folder(package) / "_jsii"
    source = folder / "__init__.py"
    found = _LOAD_CALL.search(source.read_text(encoding="utf-8"))
    if found is None:
        raise FastSynthError(f"{source} does not load a jsii assembly in the known way")
    name, version, tarball = found.groups()
    return Assembly(name, version, folder / tarball)


def installed_jsii() -> Jsii:
    """Return the installed jsii client; only version 1 is known."""
    folder = package_folder("jsii")
    found = _JSII_VERSION.search((folder / "_metadata.json").read_text(encoding="utf-8"))
    if found is None:
        raise FastSynthError(f"the jsii client in {folder} is not of version 1")
    return Jsii(found[1], folder / "_embedded" / "jsii")
