"""The kernel is started without its relay, told early what to load, and ended in any case."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from jsii.__meta__ import __jsii_runtime_version__

from lib.fast_synth import process
from lib.fast_synth.errors import FastSynthError
from lib.fast_synth.node import runtime_files, start_kernel, use_own_node
from lib.fast_synth.packages import Assembly, installed_jsii
from lib.fast_synth.process import EarlyProcess

GREETING = json.dumps({"hello": f"@jsii/runtime@{__jsii_runtime_version__}"})
ASSEMBLIES = [Assembly("constructs", "10.0.0", Path("/c.tgz")), Assembly("cdktf", "0.21.0", Path("/k.tgz"))]

MakeNode = Callable[..., Path]


def started(node: Path, folder: Path) -> EarlyProcess:
    return EarlyProcess(start_kernel(str(node), folder, ASSEMBLIES))


def test_the_kernel_is_asked_to_load_before_it_has_answered(make_node: MakeNode, tmp_path: Path) -> None:
    early = started(make_node(GREETING), tmp_path)
    early.connect(len(ASSEMBLIES))
    early.stop()
    requests = [json.loads(line) for line in (tmp_path / "requests").read_text().splitlines()]
    assert requests == [
        {"api": "load", "name": "constructs", "version": "10.0.0", "tarball": "/c.tgz"},
        {"api": "load", "name": "cdktf", "version": "0.21.0", "tarball": "/k.tgz"},
        {"exit": 0},
    ]
    assert (tmp_path / "arguments").read_text().split() == [
        "--max-old-space-size=4069",
        "--preserve-symlinks",
        "--no-deprecation",
        str(tmp_path / "lib" / "program.js"),
    ]


@pytest.mark.parametrize(
    ("greeting", "answer", "error"),
    [
        ('{"hello":"@jsii/runtime@9.9.9"}', "", AssertionError),
        ("something else", "", ValueError),
        (GREETING, '{"error":"broken tarball","stack":"","name":"x"}', FastSynthError),
    ],
)
def test_a_kernel_that_answers_something_else_is_an_error(
    make_node: MakeNode, tmp_path: Path, greeting: str, answer: str, error: type[Exception]
) -> None:
    early = started(make_node(greeting, answer), tmp_path)
    try:
        with pytest.raises(error):
            early.connect(len(ASSEMBLIES))
    finally:
        early.stop()


def test_a_node_that_does_not_exist_is_an_error_once_it_is_needed(tmp_path: Path) -> None:
    early = started(tmp_path / "no-node", tmp_path)
    with pytest.raises((ValueError, OSError)):
        early.connect(len(ASSEMBLIES))
    early.stop()
    early.stop()


def test_a_kernel_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "STOP_TIMEOUT_SECONDS", 0.05)
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\nexec sleep 60\n")
    node.chmod(0o755)
    child = start_kernel(str(node), tmp_path, ASSEMBLIES)
    EarlyProcess(child).stop()
    assert child.returncode == -9


def test_the_runtime_of_the_installed_jsii_is_usable() -> None:
    files = runtime_files(installed_jsii().runtime)
    assert {"lib/program.js", "lib/runtime-index-worker.js", "package.json"} <= set(files)


def test_a_runtime_that_talks_in_another_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lib__program.js").write_text("new SyncStdio({readFD:0,writeFD:1})")
    with pytest.raises(FastSynthError, match="descriptor 3"):
        runtime_files(tmp_path)


def test_the_projects_own_node_is_used_where_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JSII_NODE", "restored afterwards")
    monkeypatch.delenv("JSII_NODE")
    assert use_own_node(tmp_path) == "node"
    assert "JSII_NODE" not in os.environ
    own = tmp_path / "node_modules" / ".bin" / "node"
    own.parent.mkdir(parents=True)
    own.write_text("")
    assert use_own_node(tmp_path) == os.environ["JSII_NODE"] == str(own)


def test_a_node_named_by_the_user_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JSII_NODE", "/opt/node")
    assert use_own_node(tmp_path) == "/opt/node"
