"""Puts fast synth in place, or leaves everything as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from lib.fast_synth import bindings, node, packages
from lib.fast_synth.cache import Files, cached
from lib.fast_synth.errors import FastSynthError
from lib.fast_synth.packages import PROVIDER, Assembly
from lib.fast_synth.savings import apply_savings
from lib.fast_synth.sources import imported_modules

PROJECT = Path(__file__).resolve().parents[2]
FORMAT = "1"
ASSEMBLY_FILE = "assembly.tgz"


def install(project: Path = PROJECT) -> bool:
    """Make the provider's bindings load fast; tell whether they do. Calling it again changes nothing."""
    executable = node.use_own_node(project)
    if os.environ.get("FAST_SYNTH") == "0":
        return False
    if bindings.entered():
        return True
    try:
        _install(project, executable)
    except Exception as error:  # whatever it is, the plain import still works
        report(error)
        return False
    return True


def report(error: Exception) -> None:
    """Tell on one line of stderr why fast synth is not used, where FAST_SYNTH_DEBUG asks for it."""
    if os.environ.get("FAST_SYNTH_DEBUG") == "1":
        print(f"fast synth not used: {type(error).__name__}: {error}".replace("\n", " "), file=sys.stderr)


def _install(project: Path, executable: str) -> None:
    loaded = [name for name in (*packages.LOAD_ORDER, "jsii") if name in sys.modules]
    if loaded:
        raise FastSynthError(f"{loaded[0]} is imported already")
    if os.name != "posix" or "JSII_RUNTIME" in os.environ:
        raise FastSynthError("needs a POSIX system, and JSII_RUNTIME unset")
    constructs, cdktf, provider = (packages.installed_assembly(name) for name in packages.LOAD_ORDER)
    jsii = packages.installed_jsii()
    folder = packages.package_folder(PROVIDER)
    copies = _Copies(project, provider, jsii, f"{cdktf.version} {constructs.version}")
    used = imported_modules([project / "main.py", project / "lib"], folder)
    imports = bindings.ImportedModules(folder, packages.package_folder("cdktf"), used, copies.folder / "python")

    entry = copies.entry(imports.modules)
    copy = replace(provider, tarball=entry / ASSEMBLY_FILE)
    package = bindings.bare_package(folder)
    child = node.start_kernel(executable, entry, [constructs, cdktf, copy])
    try:
        _take_over(child, [constructs, cdktf, copy], imports, copies)
    except BaseException:
        child.kill()
        child.wait()
        raise
    bindings.enter(package, imports)
    apply_savings()


def _take_over(
    child: subprocess.Popen[bytes],
    assemblies: list[Assembly],
    imports: bindings.ImportedModules,
    copies: _Copies,
) -> None:
    """Have jsii talk to the kernel that is already starting; imported only now, since jsii takes 0.1 s to import."""
    import jsii

    from lib.fast_synth import process

    jsii.kernel.provider = process.EarlyProvider(
        process.DeferredProcess(
            process.EarlyProcess(child),
            assemblies,
            imports=imports,
            larger=lambda: copies.assembly(imports.modules),
            plain=process.plain_process,
            report=report,
        )
    )


class _Copies:
    """The trimmed copies of the provider's assembly, one per set of modules, each with the runtime that loads it."""

    def __init__(self, project: Path, provider: Assembly, jsii: packages.Jsii, versions: str) -> None:
        self.folder = Path(os.environ.get("FAST_SYNTH_CACHE") or project / ".cache" / "fast-synth")
        self._provider = provider
        self._jsii = jsii
        self._key = [FORMAT, provider.version, str(provider.tarball.stat().st_size), jsii.version, versions]

    def entry(self, modules: set[str]) -> Path:
        """Return the folder with the assembly and the runtime."""

        def make() -> Files:
            from lib.fast_synth.trim import trimmed_assembly

            return node.runtime_files(self._jsii.runtime) | {ASSEMBLY_FILE: trimmed_assembly(self._provider, modules)}

        return cached(self.folder / "assemblies", [*self._key, *sorted(modules)], make)

    def assembly(self, modules: set[str]) -> Assembly:
        """Return a copy with these modules, or the whole assembly where none can be made."""
        try:
            return replace(self._provider, tarball=self.entry(modules) / ASSEMBLY_FILE)
        except Exception as error:
            report(error)
            return self._provider
