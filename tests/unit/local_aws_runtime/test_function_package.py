"""What is on disk for a function's process."""

import io
import zipfile
from pathlib import Path

from local_aws.functions.package import link_runtime_client, unpack


def test_a_package_keeps_the_modes_of_its_files(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        entry = zipfile.ZipInfo("bin/run")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, "x")
    unpack(content.getvalue(), tmp_path / "package")
    assert (tmp_path / "package/bin/run").stat().st_mode & 0o777 == 0o755


def test_the_runtime_client_comes_alone(tmp_path: Path) -> None:
    link_runtime_client(tmp_path / "runtime")
    names = {path.name.split(".")[0] for path in (tmp_path / "runtime").iterdir() if not path.name.endswith("-info")}
    assert names == {"awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py"}
