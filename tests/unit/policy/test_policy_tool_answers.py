"""Reading what checkov, cfn-lint and parliament say; an answer about nothing is an error."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from policy import cfn_linter, checkov_scan, parliament_linter, tools
from policy.accepted import Entry, judge
from policy.configuration import Configuration
from policy.findings import Finding, ScanError, ScanResult
from policy.policy_documents import PolicyDocument
from policy.report import print_report

STACK = Configuration("ephemeral", Path("cdk.tf.json"), {"resource": {"aws_sqs_queue": {"letters": {}}}})


def located(reported: str) -> list[tuple[str, str, str]]:
    return [("ephemeral", STACK.address(reported), "ephemeral")]


def checkov_answer(**results: Any) -> str:
    return json.dumps({"results": results, "summary": {"checkov_version": "3.3.30"}})


def check(**changed: Any) -> dict[str, Any]:
    values = {
        "check_id": "CKV_AWS_27",
        "check_name": "Encrypt queues",
        "resource": "resource.letters",
        "check_class": "checkov.terraform.checks.resource.aws.SQSQueueEncryption",
        "guideline": None,
    }
    return values | changed


def policy(resource_type: str, argument: str = "policy") -> PolicyDocument:
    text = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:SendMessage"}})
    return PolicyDocument(resource_type, "one", argument, text, [STACK])


def test_checkov_failure_names_the_resource_and_where_the_check_is_written_down() -> None:
    result = checkov_scan.parse(checkov_answer(failed_checks=[check()], passed_checks=[check()]), "scan", located)
    assert result.passed == 1
    (finding,) = result.findings
    assert (finding.check, finding.resource) == ("CKV_AWS_27", "aws_sqs_queue.letters")
    assert finding.link.endswith("/3.3.30/checkov/terraform/checks/resource/aws/SQSQueueEncryption.py")


def test_checkov_guideline_is_used_where_there_is_one() -> None:
    failed = [check(guideline="https://docs.example/queue"), check(check_class="checkov.common.graph.check")]
    first, second = checkov_scan.parse(checkov_answer(failed_checks=failed), "scan", located).findings
    assert first.link == "https://docs.example/queue"
    assert second.link == "https://www.checkov.io/5.Policy%20Index/terraform.html"


@pytest.mark.parametrize(
    "answer",
    ['{"passed": 0, "failed": 0, "resource_count": 0}', checkov_answer(passed_checks=[], failed_checks=[])],
)
def test_checkov_that_checked_nothing_is_an_error(answer: str) -> None:
    with pytest.raises(ScanError, match="scan: checkov found nothing to check"):
        checkov_scan.parse(answer, "scan", located)


def test_checkov_that_could_not_read_a_file_is_an_error() -> None:
    answer = checkov_answer(passed_checks=[check()], parsing_errors=["/cdk.tf.json"])
    with pytest.raises(ScanError, match=r"cannot read /cdk\.tf\.json"):
        checkov_scan.parse(answer, "scan", located)


@pytest.mark.parametrize("parse", [cfn_linter.parse, parliament_linter.parse])
def test_linter_answer_that_is_not_json_is_an_error(parse: Any) -> None:
    with pytest.raises(ScanError, match="not JSON: Traceback"):
        parse("Traceback", [policy("aws_iam_policy")])
    with pytest.raises(ScanError, match="not JSON: Traceback"):
        checkov_scan.parse("Traceback", "scan", located)


def cfn_match(rule: str, *path: str) -> dict[str, Any]:
    names = {"Id": rule, "ShortDescription": "Check IAM policies", "Source": "https://docs.aws.example"}
    return {"Rule": names, "Message": "'sqs:Snd' is unknown", "Location": {"Path": list(path)}}


def test_cfn_lint_match_becomes_a_finding_of_its_policy() -> None:
    matches = [
        cfn_match("W3037", "Resources", "Policy1", "Properties", "PolicyDocument", "Statement"),
        cfn_match("I3011", "Resources", "Policy0"),
    ]
    result = cfn_linter.parse(json.dumps(matches), [policy("aws_iam_policy"), policy("aws_sqs_queue_policy")])
    assert result.passed == 1
    (finding,) = result.findings
    assert (finding.check, finding.resource) == ("W3037", "aws_sqs_queue_policy.one")
    assert finding.detail == "'sqs:Snd' is unknown"


def test_cfn_lint_without_a_word_passes_all() -> None:
    assert cfn_linter.parse("", [policy("aws_iam_policy")]) == ScanResult(cfn_linter.SCAN, 1, ())


def test_cfn_lint_that_cannot_read_its_template_is_an_error() -> None:
    with pytest.raises(ScanError, match="cannot read the policies"):
        cfn_linter.parse(json.dumps([cfn_match("E0000")]), [policy("aws_iam_policy")])


def parliament_answer(*issues: str) -> list[dict[str, str]]:
    return [{"issue": issue, "title": "Wrong", "detail": "because"} for issue in issues]


def test_parliament_issue_becomes_a_finding() -> None:
    answers = [parliament_answer("UNKNOWN_CONDITION_FOR_ACTION"), parliament_answer()]
    result = parliament_linter.parse(json.dumps(answers), [policy("aws_iam_policy"), policy("aws_iam_policy")])
    assert result.passed == 1
    assert [(finding.check, finding.detail) for finding in result.findings] == [
        ("UNKNOWN_CONDITION_FOR_ACTION", "because")
    ]


def test_parliament_is_not_asked_about_action_names_nor_about_the_resource_of_a_resource_policy() -> None:
    answers = [parliament_answer("UNKNOWN_ACTION", "RESOURCE_STAR"), parliament_answer("RESOURCE_STAR")]
    result = parliament_linter.parse(json.dumps(answers), [policy("aws_kms_key"), policy("aws_iam_policy")])
    assert [finding.resource for finding in result.findings] == ["aws_iam_policy.one"]


def test_parliament_that_leaves_a_policy_out_is_an_error() -> None:
    with pytest.raises(ScanError, match="0 of 1"):
        parliament_linter.parse("[]", [policy("aws_iam_policy")])


def test_missing_tool_is_an_error_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "VENV", tmp_path)
    with pytest.raises(ScanError, match=r"checkov is missing: run `\./setup\.sh --policy`"):
        tools.run_tool("checkov", [])


def test_failing_tool_is_an_error_with_what_it_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin/checkov"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho no such option >&2\nexit 2\n")
    program.chmod(0o755)
    monkeypatch.setattr(tools, "VENV", tmp_path)
    with pytest.raises(ScanError, match=r"(?s)checkov failed with exit code 2.*no such option"):
        tools.run_tool("checkov", [])


def report(findings: list[Finding], entries: list[Entry]) -> str:
    console = Console(file=StringIO(), width=200)
    print_report(console, [ScanResult("ephemeral", 7, tuple(findings))], judge(findings, entries), 3.2)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_report_shows_failures_with_their_link_and_stale_entries() -> None:
    finding = Finding(
        "CKV_AWS_27", "aws_sqs_queue.letters", "ephemeral", "ephemeral", "Encrypt queues", "https://a.example"
    )
    stale = Entry(check="CKV_AWS_1", resource="aws_sqs_queue.*", reason="A queue without any message in it.")
    text = report([finding], [stale])
    assert "FAILED CKV_AWS_27 aws_sqs_queue.letters (ephemeral)" in text
    assert "https://a.example" in text
    assert "STALE  accepted.toml accepts CKV_AWS_1 of aws_sqs_queue.*, which no scan found: delete the entry" in text
    assert text.endswith("policy: failed (findings without a reason: 1, stale entries: 1), 3 s\n")


def test_report_shows_reasons_of_what_is_accepted() -> None:
    finding = Finding(
        "CKV_AWS_27", "aws_sqs_queue.letters", "ephemeral", "ephemeral", "Encrypt queues", "https://a.example"
    )
    entry = Entry(check="CKV_AWS_27", resource="aws_sqs_queue.*", reason="A queue without any message in it.")
    text = report([finding], [entry])
    assert "A queue without any message in it." in text
    assert "FAILED" not in text
    assert text.endswith("policy: ok, 3 s\n")
