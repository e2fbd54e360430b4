"""Reading what hadolint and checkov say of a Dockerfile; an answer about nothing is an error."""

import json
from typing import Any

import pytest

from policy import checkov_scan, dockerfile_linters
from policy.accepted import judge, read_accepted
from policy.findings import ScanError

TEXT = """# A comment \\
FROM image AS packages

RUN one \\
# within
    two
RUN three
USER 1:1
"""


def found(**changed: Any) -> dict[str, Any]:
    fault = {"code": "DL3059", "column": 1, "file": "Dockerfile", "level": "info", "line": 7, "message": "Join them."}
    return fault | changed


def test_hadolint_finding_names_its_line_and_where_the_rule_is_explained() -> None:
    result = dockerfile_linters.parse(json.dumps([found()]), TEXT)
    assert result.passed == 3
    (finding,) = result.findings
    assert (finding.check, finding.resource) == ("DL3059", "dockerfile.payment_service")
    assert (finding.title, finding.detail) == ("Join them.", "info, line 7")
    assert finding.link == "https://github.com/hadolint/hadolint/wiki/DL3059"


def test_finding_of_shellcheck_is_explained_there() -> None:
    (finding,) = dockerfile_linters.parse(json.dumps([found(code="SC2086")]), TEXT).findings
    assert finding.link == "https://www.shellcheck.net/wiki/SC2086"


def test_two_findings_of_one_instruction_are_one_instruction_that_did_not_pass() -> None:
    result = dockerfile_linters.parse(json.dumps([found(line=4), found(line=4, code="DL3013")]), TEXT)
    assert (result.passed, len(result.findings)) == (3, 2)


@pytest.mark.parametrize(
    ("output", "text", "message"),
    [
        ("hadolint: no such file", TEXT, "not JSON"),
        (json.dumps([found(code="DL1000", line=2, message="missing whitespace")]), TEXT, "line 2"),
        ("[]", "# nothing\n", "no instruction"),
    ],
)
def test_what_cannot_be_read_or_is_empty_is_an_error(output: str, text: str, message: str) -> None:
    with pytest.raises(ScanError, match=message):
        dockerfile_linters.parse(output, text)


@pytest.mark.parametrize(
    ("check_class", "link"),
    [
        ("checkov.dockerfile.checks.UserExists", "/3.3.30/checkov/dockerfile/checks/UserExists.py"),
        ("checkov.common.graph.check", "https://www.checkov.io/5.Policy%20Index/dockerfile.html"),
    ],
)
def test_checkov_failure_leads_to_the_checks_of_dockerfiles(check_class: str, link: str) -> None:
    failed = {
        "check_id": "CKV_DOCKER_3",
        "check_name": "A user",
        "resource": "/Dockerfile.",
        "check_class": check_class,
    }
    answer = {
        "check_type": "dockerfile",
        "results": {"failed_checks": [failed]},
        "summary": {"checkov_version": "3.3.30"},
    }
    (finding,) = checkov_scan.parse(json.dumps(answer), "scan", lambda _: [("scan", "dockerfile.one", "")]).findings
    assert finding.link.endswith(link)


def test_accepted_rules_hold_for_the_image_whatever_the_environments_class() -> None:
    result = dockerfile_linters.parse(json.dumps([found(), found(code="DL3002")]), TEXT)
    judgement = judge(result.findings, read_accepted())
    assert [finding.check for finding in judgement.failed] == ["DL3002"]
