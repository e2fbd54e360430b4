"""Imports generated bindings as compiled code that leaves out what only readers and type checkers need.

Docstrings are left out, and annotations stay text until somebody asks for them (PEP 563): evaluating those of 60
modules takes longer than everything else in their import. Line numbers and the runtime type checks stay as they are.
"""

from __future__ import annotations
import __future__

import ast
import hashlib
import marshal
import os
import sys
import tempfile
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

_HASH_BYTES = hashlib.sha256().digest_size


class SlimLoader(SourceFileLoader):
    """Loads one module, from `cache` once it has been compiled; as Python does where that is not possible."""

    def __init__(self, fullname: str, path: str, cache: Path) -> None:
        super().__init__(fullname, path)
        self._cache = cache

    def get_code(self, fullname: str) -> CodeType | None:
        try:
            return self._slim_code(fullname)
        except (OSError, ValueError, EOFError, TypeError):
            return super().get_code(fullname)

    def _slim_code(self, fullname: str) -> CodeType:
        status = Path(self.path).stat()
        identity = f"{self.path} {status.st_size} {status.st_mtime_ns} {sys.version}".encode()
        file = self._cache / f"{fullname}.{sys.implementation.cache_tag}"
        code = _stored(file, identity)
        if code is None:
            code = slim_code(self.get_data(self.path), self.path)
            _store(file, identity, code)
        return code


def slim_code(source: bytes, path: str) -> CodeType:
    """Compile a module without docstrings and with annotations as text."""
    tree = ast.parse(source, path)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            match node.body:
                case [ast.Expr(ast.Constant(str()) as docstring), *_]:
                    docstring.value = ""
    flags = __future__.annotations.compiler_flag
    code: CodeType = compile(tree, path, "exec", flags=flags, dont_inherit=True)
    return code


def _stored(file: Path, identity: bytes) -> CodeType | None:
    """Return what was stored for exactly this source and Python, if it is whole."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    checksum, data = content[:_HASH_BYTES], content[_HASH_BYTES:]
    if checksum != hashlib.sha256(identity + data).digest():
        return None
    code: CodeType = marshal.loads(data)
    return code


def _store(file: Path, identity: bytes, code: CodeType) -> None:
    data = marshal.dumps(code)
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=file.parent)
    with os.fdopen(descriptor, "wb") as output:
        output.write(hashlib.sha256(identity + data).digest() + data)
    Path(temporary).replace(file)
