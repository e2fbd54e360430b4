"""Makes a copy of the provider's jsii assembly that holds only some of its modules."""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lib.fast_synth.errors import FastSynthError
from lib.fast_synth.packages import RELEASE_CLASS, RELEASE_METHOD, Assembly

MANIFEST = "package/.jsii"
DESCRIPTION = "package/package.json"
INDEX = "package/lib/index.js"
SCHEMA = "jsii/0.10.0"

_EXPORT = re.compile(r'^exports\.(\w+) = require\("\./([^"]+)"\);$', re.MULTILINE)
_SOURCE_MAP = re.compile(rb"//# sourceMappingURL=data:[^\n]*\n?\Z")
_UNUSED_AT_RUN_TIME = frozenset({"docs", "locationInModule", "symbolId", "readme"})
_RELEASE = f"""
exports.{RELEASE_CLASS} = class {RELEASE_CLASS} {{
    static {RELEASE_METHOD}() {{
        require("node:fs").rmSync(require("node:path").dirname(__dirname), {{ recursive: true, force: true }});
    }}
}};
delete require.cache[__filename];
"""


def trimmed_assembly(assembly: Assembly, modules: Iterable[str]) -> bytes:
    """Return the tarball of a copy of the assembly that holds only these modules of its Python bindings.

    Raises:
        FastSynthError: The assembly is not laid out as the generator of 2025 lays it out.
    """
    files = _read(assembly.tarball)
    manifest: dict[str, Any] = json.loads(files[MANIFEST])
    if manifest.get("schema") != SCHEMA or "usedFeatures" in manifest:
        raise FastSynthError(f"{assembly.tarball} has schema {manifest.get('schema')!r}, known is {SCHEMA!r}")
    exported = {_normalized(name): (name, folder) for name, folder in _EXPORT.findall(files[INDEX].decode())}
    kept: dict[str, str] = {}
    for module in sorted(modules):
        if _normalized(module) not in exported:
            raise FastSynthError(f"{assembly.tarball} has no module {module}")
        name, folder = exported[_normalized(module)]
        kept[name] = folder
    copy = {
        MANIFEST: json.dumps(_trimmed_manifest(manifest, assembly.name, set(kept)), separators=(",", ":")).encode(),
        DESCRIPTION: files[DESCRIPTION],
        INDEX: _index(kept).encode(),
    }
    for folder in kept.values():
        source = f"package/lib/{folder}/index.js"
        copy[source] = _SOURCE_MAP.sub(b"", files[source])
    return _tarball(copy)


def _read(tarball: Path) -> dict[str, bytes]:
    wanted = re.compile(r"package/(\.jsii|package\.json|lib/index\.js|lib/[^/]+/index\.js)")
    with tarfile.open(tarball, "r:gz") as archive:
        members = (member for member in archive if member.isfile() and wanted.fullmatch(member.name))
        files = {member.name: content.read() for member in members if (content := archive.extractfile(member))}
    for name in (MANIFEST, DESCRIPTION, INDEX):
        if name not in files:
            raise FastSynthError(f"{tarball} has no {name}")
    return files


def _normalized(name: str) -> str:
    """Python's `s3_bucket` and JavaScript's `s3Bucket` are the same module."""
    return name.replace("_", "").lower()


def _trimmed_manifest(manifest: dict[str, Any], assembly: str, names: set[str]) -> dict[str, Any]:
    submodules = {f"{assembly}.{name}" for name in names}
    types = {fqn: value for fqn, value in manifest["types"].items() if fqn.rpartition(".")[0] in submodules}
    foreign = {fqn for fqn in _references(types) if fqn.startswith(f"{assembly}.") and fqn not in types}
    if foreign:
        raise FastSynthError(f"modules refer to types of other modules: {', '.join(sorted(foreign)[:3])}")
    release = f"{assembly}.{RELEASE_CLASS}"
    types[release] = {
        "assembly": assembly,
        "fqn": release,
        "kind": "class",
        "methods": [{"name": RELEASE_METHOD, "static": True}],
        "name": RELEASE_CLASS,
    }
    trimmed = {key: value for key, value in manifest.items() if key not in _UNUSED_AT_RUN_TIME}
    return trimmed | {
        "submodules": {fqn: {} for fqn in manifest["submodules"] if fqn in submodules},
        "types": _without_documentation(types),
    }


def _references(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("fqn", "base") and isinstance(item, str):
                yield item
            elif key == "interfaces":
                yield from item
            else:
                yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def _without_documentation(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_documentation(item) for key, item in value.items() if key not in _UNUSED_AT_RUN_TIME}
    if isinstance(value, list):
        return [_without_documentation(item) for item in value]
    return value


def _index(modules: dict[str, str]) -> str:
    exports = "".join(f'exports.{name} = require("./{folder}");\n' for name, folder in sorted(modules.items()))
    return f'"use strict";\n{exports}{_RELEASE}'


def _tarball(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), compresslevel=6, mtime=0)
