"""hadolint and checkov on the image's Dockerfile, and on one with faults put into it on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy import dockerfile_linters
from policy.accepted import judge, read_accepted
from policy.dockerfile_linters import DOCKERFILE
from policy.findings import ScanError

FAULTY = """ARG BASE_IMAGE
FROM ${BASE_IMAGE} AS packages
# hadolint ignore=DL3013
RUN pip install requests
FROM python:latest
WORKDIR service
RUN cd $HOME && pip install --trusted-host=example.org requests==2.32.3
ENTRYPOINT python -m payment_service
"""


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    file = tmp_path / "Dockerfile"
    file.write_text(FAULTY)
    return file


def test_the_dockerfile_passes_both() -> None:
    results = [dockerfile_linters.lint(DOCKERFILE), dockerfile_linters.scan(DOCKERFILE)]
    assert all(result.passed > 5 for result in results)
    assert judge((finding for result in results for finding in result.findings), read_accepted()).failed == []


def test_hadolint_finds_faults_of_instructions_and_of_the_shell_in_them(faulty: Path) -> None:
    found = {(finding.check, finding.detail) for finding in dockerfile_linters.lint(faulty).findings}
    assert {
        ("DL3013", "warning, line 4"),
        ("DL3007", "warning, line 5"),
        ("DL3000", "error, line 6"),
        ("SC2086", "info, line 7"),
        ("DL3025", "warning, line 8"),
    } <= found


def test_checkov_finds_that_there_is_no_user_and_no_health_check(faulty: Path) -> None:
    result = dockerfile_linters.scan(faulty)
    found = {finding.check: finding for finding in result.findings}
    assert {"CKV_DOCKER_2", "CKV_DOCKER_3", "CKV2_DOCKER_4"} <= found.keys()
    assert found["CKV_DOCKER_3"].link.endswith("/checkov/dockerfile/checks/UserExists.py")


def test_file_that_is_no_dockerfile_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text("FROM\nnothing\n")
    with pytest.raises(ScanError, match="cannot read line"):
        dockerfile_linters.lint(file)


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="hadolint failed"):
        dockerfile_linters.lint(tmp_path / "Dockerfile")
