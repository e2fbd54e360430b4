"""The copy of the assembly holds what was asked for and nothing else."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from lib.fast_synth.errors import FastSynthError
from lib.fast_synth.packages import Assembly
from lib.fast_synth.trim import trimmed_assembly

NAME = "@cdktf/provider-aws"


def unpacked(tarball: bytes) -> dict[str, str]:
    with tarfile.open(fileobj=BytesIO(tarball)) as archive:
        files = {member.name: archive.extractfile(member) for member in archive}
        return {name: content.read().decode() for name, content in files.items() if content}


def test_only_the_asked_modules_are_kept(make_assembly: Callable[..., Assembly]) -> None:
    files = unpacked(trimmed_assembly(make_assembly(), ["s3_bucket", "vpc"]))
    assert sorted(files) == [
        "package/.jsii",
        "package/lib/index.js",
        "package/lib/s3-bucket/index.js",
        "package/lib/vpc/index.js",
        "package/package.json",
    ]
    manifest = json.loads(files["package/.jsii"])
    assert sorted(manifest["submodules"]) == [f"{NAME}.s3Bucket", f"{NAME}.vpc"]
    assert sorted(manifest["types"]) == [f"{NAME}.FastSynth", f"{NAME}.s3Bucket.S3Bucket", f"{NAME}.vpc.Vpc"]
    assert 'exports.s3Bucket = require("./s3-bucket");' in files["package/lib/index.js"]
    assert "sqs" not in files["package/lib/index.js"]


def test_what_the_kernel_needs_of_a_type_is_unchanged_and_documentation_is_dropped(
    make_assembly: Callable[..., Assembly],
) -> None:
    files = unpacked(trimmed_assembly(make_assembly(), ["vpc"]))
    assert json.loads(files["package/.jsii"])["types"][f"{NAME}.vpc.Vpc"] == {
        "fqn": f"{NAME}.vpc.Vpc",
        "kind": "class",
        "base": "cdktf.TerraformResource",
        "interfaces": ["constructs.IConstruct"],
        "properties": [{"name": "id", "type": {"fqn": f"{NAME}.vpc.Vpc"}}],
    }
    assert files["package/lib/vpc/index.js"] == "exports.it = 'vpc';\n"
    assert "words" not in "".join(files.values())


def test_the_same_modules_give_the_same_bytes(make_assembly: Callable[..., Assembly]) -> None:
    assembly = make_assembly()
    assert trimmed_assembly(assembly, ["vpc", "s3_bucket"]) == trimmed_assembly(assembly, ["s3_bucket", "vpc"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema": "jsii/9.0.0"}, "jsii/9.0.0"),
        ({"usedFeatures": ["intersection-types"]}, "schema"),
        (
            {"types": {f"{NAME}.vpc.Vpc": {"base": f"{NAME}.sqsQueue.SqsQueue"}}},
            "types of other modules: @cdktf/provider-aws.sqsQueue.SqsQueue",
        ),
        (
            {"types": {f"{NAME}.vpc.Vpc": {"interfaces": [f"{NAME}.sqsQueue.ISqsQueue"]}}},
            "types of other modules: @cdktf/provider-aws.sqsQueue.ISqsQueue",
        ),
    ],
)
def test_another_layout_is_refused(
    make_assembly: Callable[..., Assembly], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(FastSynthError, match=message):
        trimmed_assembly(make_assembly(changes), ["vpc"])


def test_a_missing_file_is_refused(make_assembly: Callable[..., Assembly]) -> None:
    with pytest.raises(FastSynthError, match=r"has no package/lib/index\.js"):
        trimmed_assembly(make_assembly(without=frozenset({"package/lib/index.js"})), ["vpc"])


def test_a_module_that_the_assembly_lacks_is_refused(make_assembly: Callable[..., Assembly]) -> None:
    with pytest.raises(FastSynthError, match="no module lambda_function"):
        trimmed_assembly(make_assembly(), ["lambda_function"])
