"""A small jsii assembly laid out as the provider's, and a Node.js that only answers load requests."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lib.fast_synth.packages import Assembly

NAME = "@cdktf/provider-aws"
MODULES = {"vpc": "vpc", "s3Bucket": "s3-bucket", "sqsQueue": "sqs-queue"}

MakeAssembly = Callable[..., Assembly]


@pytest.fixture
def make_assembly(tmp_path: Path) -> MakeAssembly:
    """Write the tarball of an assembly; `manifest` changes its description, `without` leaves files out."""

    def make(manifest: dict[str, Any] | None = None, without: frozenset[str] = frozenset()) -> Assembly:
        files = {
            "package/.jsii": json.dumps(_manifest() | (manifest or {})),
            "package/package.json": json.dumps({"name": NAME, "version": "1.2.3"}),
            "package/lib/index.js": "".join(
                f'exports.{name} = require("./{folder}");\n' for name, folder in MODULES.items()
            ),
            "package/lib/vpc/index.d.ts": "declarations",
        } | {
            f"package/lib/{folder}/index.js": f"exports.it = {folder!r};\n//# sourceMappingURL=data:x;base64,AAAA"
            for folder in MODULES.values()
        }
        tarball = tmp_path / "whole.tgz"
        with tarfile.open(tarball, "w:gz") as archive:
            for path, text in files.items():
                if path not in without:
                    member = tarfile.TarInfo(path)
                    member.size = len(text)
                    archive.addfile(member, io.BytesIO(text.encode()))
        return Assembly(NAME, "1.2.3", tarball)

    return make


def _manifest() -> dict[str, Any]:
    types = {
        f"{NAME}.{name}.{name.title()}": {
            "fqn": f"{NAME}.{name}.{name.title()}",
            "kind": "class",
            "base": "cdktf.TerraformResource",
            "interfaces": ["constructs.IConstruct"],
            "docs": {"summary": "words"},
            "properties": [{"name": "id", "type": {"fqn": f"{NAME}.{name}.{name.title()}"}, "docs": {}}],
        }
        for name in MODULES
    }
    return {
        "schema": "jsii/0.10.0",
        "name": NAME,
        "version": "1.2.3",
        "readme": {"markdown": "words"},
        "submodules": {f"{NAME}.{name}": {"readme": {}} for name in MODULES},
        "types": types,
    }


@pytest.fixture
def make_node(tmp_path: Path) -> Callable[[str], Path]:
    """Write a program that stands in for Node.js: it greets with this line, notes each request, and ends when told."""

    def make(greeting: str, answer: str = '{"ok":{"assembly":"any","types":1}}') -> Path:
        program = tmp_path / "node"
        program.write_text(f"""#!/bin/sh
echo "$*" > {tmp_path}/arguments
echo '{greeting}' >&3
while read -r line <&3; do
    echo "$line" >> {tmp_path}/requests
    case "$line" in
        *exit*) exit 0 ;;
        *load*) echo '{answer}' >&3 ;;
    esac
done
""")
        program.chmod(0o755)
        return program

    return make
