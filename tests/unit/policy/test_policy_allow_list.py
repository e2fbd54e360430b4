"""The allow-list: what an entry covers, and which entries are refused or stale."""

from pathlib import Path

import pytest

from policy.accepted import ACCEPTED, AllowListError, Entry, judge, read_accepted
from policy.findings import Finding

REASON = "Logs of a short-lived environment go with it."


def finding(check: str = "CKV_AWS_338", resource: str = "aws_cloudwatch_log_group.api", **changed: str) -> Finding:
    values = {"scan": "ephemeral", "environment_class": "ephemeral", "title": "Keep logs", "link": "https://a.example"}
    return Finding(check=check, resource=resource, **(values | changed))


def entry(**changed: str) -> Entry:
    values = {"check": "CKV_AWS_338", "resource": "aws_cloudwatch_log_group.*", "reason": REASON}
    return Entry.model_validate(values | changed)


def written(folder: Path, text: str) -> Path:
    file = folder / "accepted.toml"
    file.write_text(text)
    return file


def test_finding_that_an_entry_covers_is_accepted() -> None:
    covered, other = finding(), finding(resource="aws_cloudwatch_log_group.flow")
    judgement = judge([covered, other], [entry()])
    assert judgement.accepted == {entry(): [covered, other]}
    assert not judgement.failed
    assert not judgement.stale


@pytest.mark.parametrize(
    "found",
    [
        finding(check="CKV_AWS_158"),
        finding(resource="aws_sqs_queue.api"),
        finding(environment_class="production"),
    ],
)
def test_finding_with_another_check_resource_or_class_fails(found: Finding) -> None:
    limited = entry(**{"class": "ephemeral"})
    judgement = judge([finding(), found], [limited])
    assert judgement.failed == [found]
    assert judgement.accepted == {limited: [finding()]}


def test_entry_without_class_covers_every_class() -> None:
    assert not judge([finding(environment_class="production"), finding()], [entry()]).failed


def test_entry_that_covers_nothing_is_stale() -> None:
    stale = entry(check="CKV_AWS_1")
    judgement = judge([finding()], [entry(), stale])
    assert judgement.stale == [stale]


def test_entry_whose_class_finds_nothing_is_stale() -> None:
    stale = entry(**{"class": "production"})
    assert judge([finding()], [entry(), stale]).stale == [stale]


def test_all_entries_are_stale_when_nothing_is_found() -> None:
    assert judge([], [entry()]).stale == [entry()]


def test_finding_of_two_tools_runs_counts_once() -> None:
    assert judge([finding(), finding()], []).failed == [finding()]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("", "reason"),
        ('reason = ""', "reason"),
        ('reason = "false positive"', "reason"),
        (f'reason = "{REASON}"\nresorce = "aws_s3_bucket.*"', "resorce"),
        (f'reason = "{REASON}"\nclass = "prod"', "class"),
    ],
)
def test_entry_that_is_not_whole_is_refused_by_number_and_field(tmp_path: Path, line: str, named: str) -> None:
    text = f'[[accepted]]\ncheck = "CKV_AWS_338"\nresource = "aws_cloudwatch_log_group.*"\n{line}\n'
    with pytest.raises(AllowListError, match=rf"entry 1: .*{named}"):
        read_accepted(written(tmp_path, text))


@pytest.mark.parametrize("resource", ["*", "*.api", "aws_*.api", "aws_sqs_queue"])
def test_entry_for_resources_of_any_type_is_refused(tmp_path: Path, resource: str) -> None:
    text = f'[[accepted]]\ncheck = "CKV_AWS_338"\nresource = "{resource}"\nreason = "{REASON}"\n'
    with pytest.raises(AllowListError, match="entry 1: resource"):
        read_accepted(written(tmp_path, text))


def test_entry_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    text = f'[[accepted]]\ncheck = "C"\nresource = "aws_sqs_queue.a"\nreason = "{REASON}"\n'
    with pytest.raises(AllowListError, match=r"entry 2 \(C, aws_sqs_queue.a\) stands there twice"):
        read_accepted(written(tmp_path, text * 2))


@pytest.mark.parametrize("text", ["accepted = ", "[[ignored]]\ncheck = 'C'\n", "accepted = 'all'"])
def test_file_that_is_no_allow_list_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(AllowListError, match=r"accepted\.toml"):
        read_accepted(written(tmp_path, text))


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AllowListError, match="cannot be read"):
        read_accepted(tmp_path / "accepted.toml")


def test_entries_of_the_project_are_whole() -> None:
    assert {accepted.check for accepted in read_accepted(ACCEPTED)} >= {"CKV_AWS_338"}
