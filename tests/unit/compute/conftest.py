"""A project with one library, which is a wheel on this computer: packages are built without a network."""

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


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("wheels") / "tiny-1.0-py3-none-any.whl"
    record = "".join(f"{name},,\n" for name in [*WHEEL_FILES, "tiny-1.0.dist-info/RECORD"])
    with zipfile.ZipFile(path, "w") as archived:
        for name, text in {**WHEEL_FILES, "tiny-1.0.dist-info/RECORD": record}.items():
            archived.writestr(zipfile.ZipInfo(name), text)
    return path


@pytest.fixture
def project(tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose lock names the wheel, where pip looks for nothing else."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
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
    digest = f"sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}"
    section = {"tiny": {"version": "==1.0", "hashes": [digest], "markers": "sys_platform == 'nowhere'"}}
    (root / "Pipfile.lock").write_text(json.dumps({"_meta": {}, "default": {}, "lambda": section}), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def filled_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where one test's libraries wait for the next, since pip is slow."""
    return tmp_path_factory.mktemp("cache")
