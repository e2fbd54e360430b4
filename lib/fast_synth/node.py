"""Starts the Node.js process of jsii without its relay."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lib.fast_synth.errors import FastSynthError
from lib.fast_synth.packages import Assembly

PROGRAM = "lib/program.js"
# The kernel reads and writes file descriptor 3; the shell makes it from the socket that it got as standard input.
_ON_DESCRIPTOR_3 = 'exec "$@" 3<&0 </dev/null'


def runtime_files(folder: Path) -> dict[str, bytes]:
    """Return jsii's JavaScript runtime by the paths that it expects to have (`lib__program.js`: `lib/program.js`)."""
    files = {path.name.replace("__", "/"): path.read_bytes() for path in sorted(folder.glob("*__*.js"))}
    if b"readFD:3,writeFD:3" not in files.get(PROGRAM, b""):
        raise FastSynthError(f"the jsii runtime in {folder} does not talk on descriptor 3")
    return files | {"package.json": b'{"type":"commonjs"}'}


def use_own_node(project: Path) -> str:
    """Have jsii use the project's own Node.js where it is installed and JSII_NODE names no other; return its path."""
    own = project / "node_modules" / ".bin" / "node"
    if "JSII_NODE" not in os.environ and own.is_file():
        os.environ["JSII_NODE"] = str(own)
    return os.environ.get("JSII_NODE", "node")


def start_kernel(node: str, runtime: Path, assemblies: Sequence[Assembly]) -> subprocess.Popen[bytes]:
    """Start jsii's kernel and ask it to load the assemblies; its answers are read later, from `stdout`.

    jsii itself starts a second process that relays every message, and waits for each answer; without both, Node.js
    loads while Python imports.
    """
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            child = subprocess.Popen(
                ["/bin/sh", "-c", _ON_DESCRIPTOR_3, "sh", node, *_arguments(), str(runtime / PROGRAM)],
                stdin=theirs.fileno(),
                env=os.environ | {"JSII_AGENT": f"Python/{platform.python_version()}"},
            )
        child.stdin, child.stdout = ours.makefile("wb"), ours.makefile("rb")
    with contextlib.suppress(OSError):  # a process that ended at once is noticed when its greeting is read
        for assembly in assemblies:
            child.stdin.write(_load_request(assembly))
        child.stdin.flush()
    return child


def _load_request(assembly: Assembly) -> bytes:
    request = {"name": assembly.name, "version": assembly.version, "tarball": str(assembly.tarball), "api": "load"}
    return json.dumps(request).encode() + b"\n"


def _arguments() -> list[str]:
    """The arguments that jsii and its relay give to Node.js, and one to keep quiet about deprecated calls in cdktf."""
    return ["--max-old-space-size=4069", "--preserve-symlinks", "--no-deprecation"]
