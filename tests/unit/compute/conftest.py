"""A project with two libraries, which are wheels on this computer: packages are built without a network."""

import hashlib
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from lib.compute import certificates as certificates_module
from lib.compute.package import ROOT

WHEEL_FILES = {
    "tiny/__init__.py": "VALUE = 1\n",
    "tiny/py.typed": "",
    "tiny/__init__.pyi": "VALUE: int\n",
    "boto3/__init__.py": "import tiny\n",
    "boto3/data/s3.json": "{}",
    "botocore/__init__.py": "",
    "botocore/data/endpoints.json": "{}",
    "botocore/data/dynamodb/2012-08-10/service-2.json.gz": "x",
    "botocore/data/dynamodb/2012-08-10/examples-1.json": "{}",
    "botocore/data/ec2/2016-11-15/service-2.json.gz": "x",
    "tiny-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
    "tiny-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "tiny-1.0.dist-info/entry_points.txt": "[console_scripts]\ntiny = tiny:main\n",
    "tiny-1.0.dist-info/licenses/LICENSE": "Free.\n",
}
COMPILED_FILES = {
    "fast/_fast.cpython-313-aarch64-linux-gnu.so": "",
    "fast-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: fast\nVersion: 1.0\n",
    "fast-1.0.dist-info/WHEEL": (
        "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp313-cp313-manylinux_2_28_aarch64\n"
    ),
}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One of pure Python, one that is compiled for the function's processor, by section of the lock."""
    folder = tmp_path_factory.mktemp("wheels")
    return {
        "lambda": _wheel(folder / "tiny-1.0-py3-none-any.whl", WHEEL_FILES),
        "postgresql": _wheel(folder / "fast-1.0-cp313-cp313-manylinux_2_28_aarch64.whl", COMPILED_FILES),
    }


def _wheel(path: Path, files: dict[str, str]) -> Path:
    listed = f"{path.name.split('-')[0]}-1.0.dist-info/RECORD"
    record = "".join(f"{name},,\n" for name in [*files, listed])
    with zipfile.ZipFile(path, "w") as archived:
        for name, text in {**files, listed: record}.items():
            archived.writestr(zipfile.ZipInfo(name), text)
    return path


@pytest.fixture
def project(tmp_path: Path, wheels: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose lock names the wheels, where pip looks for nothing else."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels["lambda"].parent))
    root = tmp_path / "project"
    sources = root / "lib" / "lambda"
    (sources / "payments").mkdir(parents=True)
    (sources / "payment_processor.py").write_text("import tiny\nfrom payments import NAME\n", encoding="utf-8")
    (sources / "payments" / "__init__.py").write_text("NAME = 'payments'\n", encoding="utf-8")
    (sources / "payments" / "migrations").mkdir()
    (sources / "payments" / "migrations" / "0001_first.sql").write_text("SELECT 1;\n", encoding="utf-8")
    certificates = root / certificates_module.SOURCE
    certificates.parent.mkdir(parents=True)
    shutil.copyfile(ROOT / certificates_module.SOURCE, certificates)
    sections = {
        section: {
            wheel.name.split("-")[0]: {
                "version": "==1.0",
                "hashes": [f"sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}"],
                "markers": "sys_platform == 'nowhere'",
            }
        }
        for section, wheel in wheels.items()
    }
    (root / "Pipfile.lock").write_text(json.dumps({"_meta": {}, "default": {}, **sections}), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def filled_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where one test's libraries wait for the next, since pip is slow."""
    return tmp_path_factory.mktemp("cache")
