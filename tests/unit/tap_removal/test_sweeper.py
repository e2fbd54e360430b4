"""The sweep as a whole: retries, reports, its end."""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tap.account import Account
from tap.inventory.resource import Resource, environment_tags
from tap.removal.ownership import read_now
from tap.removal.remover import Reading, Remover, Scope, StillInUseError
from tap.removal.removers import REMOVERS
from tap.removal.retrying import may_pass
from tap.removal.sweep import Sweeper, SweepEvent, SweepReport, SweepStep
from tests.unit.tap_removal.maker import Maker
from tests.unit.tap_removal.makers import TAGGED

OURS, THEIRS = environment_tags("pr-1"), environment_tags("pr-12")


@pytest.fixture
def make(account: Account) -> Maker:
    return Maker(account, "pr-1", OURS)


def exists(account: Account, resource: Resource) -> bool:
    return read_now(Scope(account, "pr-1", REMOVERS), resource) is not None


def sweep(account: Account, *resources: Resource, **options: Any) -> SweepReport:
    return Sweeper(account).sweep("pr-1", resources, **{"timeout": 5, **options})


def refusing(code: str, *, times: int, message: str = "") -> Callable[[Scope, Resource, Reading], None]:
    """A removal that AWS refuses a number of times before it takes it."""
    plain, calls = REMOVERS["sqs:queue"].remove, []

    def remove(scope: Scope, resource: Resource, reading: Reading) -> None:
        calls.append(resource)
        if len(calls) <= times:
            raise ClientError({"Error": {"Code": code, "Message": message}}, "DeleteQueue")
        plain(scope, resource, reading)

    return remove


def replaced(monkeypatch: pytest.MonkeyPatch, remove: Callable[..., object]) -> None:
    monkeypatch.setitem(REMOVERS, "sqs:queue", Remover(REMOVERS["sqs:queue"].read, remove))


def test_a_type_without_a_remover_is_reported(account: Account) -> None:
    resource = Resource("arn:aws:athena:us-east-1:123456789012:workgroup/pr-1", "athena:workgroup", OURS)
    assert sweep(account, resource).failed == [(resource, "no remover for athena:workgroup: remove it by hand")]


def test_what_does_not_exist_counts_as_removed(account: Account) -> None:
    arns = {
        "sqs:queue": "arn:aws:sqs:us-east-1:123456789012:gone",
        "iam:role": "arn:aws:iam::123456789012:role/gone",
        "ec2:vpc": "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-0123456789abcdef0",
        "s3:bucket": "arn:aws:s3:::gone-for-good",
        "logs:log-group": "arn:aws:logs:us-east-1:123456789012:log-group:/gone",
        "rds:cluster": "arn:aws:rds:us-east-1:123456789012:cluster:gone",
        "dynamodb:table": "arn:aws:dynamodb:us-east-1:123456789012:table/gone",
        "ssm:parameter": "arn:aws:ssm:us-east-1:123456789012:parameter/payment/gone",
    }
    resources = [Resource(arn, type_, OURS) for type_, arn in arns.items()]
    report = sweep(account, *resources)
    assert report.failed == []
    assert {resource.type for resource in report.swept} == set(arns)


@pytest.mark.parametrize("suffix", ["", "pr_1", "pr-1*", "PR-1", "-pr", "a" * 21])
def test_what_cannot_be_a_suffix_is_refused(account: Account, suffix: str) -> None:
    with pytest.raises(ValueError, match="use at most 20 characters"):
        Sweeper(account).sweep(suffix, [])


def test_what_is_kept_is_reported_and_stays(account: Account, make: Maker) -> None:
    resource = Resource(make.queue(), "sqs:queue", OURS)
    assert sweep(account, resource, keep=[resource.arn]) == SweepReport(kept=[resource])
    assert exists(account, resource)


def test_the_same_resource_twice_is_one(account: Account, make: Maker) -> None:
    resource = Resource(make.queue(), "sqs:queue", OURS)
    assert sweep(account, resource, resource).swept == [resource]


@pytest.mark.parametrize("code", ["DependencyViolation", "ResourceInUseException", "InvalidDBClusterStateFault"])
def test_what_aws_refuses_first_is_tried_again(
    account: Account, make: Maker, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    replaced(monkeypatch, refusing(code, times=3))
    resource = Resource(make.queue(), "sqs:queue", OURS)
    events: list[SweepEvent] = []
    report = Sweeper(account, on_event=events.append).sweep("pr-1", [resource], timeout=20)
    assert report.swept == [resource]
    assert [event.step for event in events] == [
        SweepStep.REMOVING,
        *[SweepStep.RETRYING] * 3,
        SweepStep.SWEPT,
    ]
    assert {event.detail for event in events if event.step is SweepStep.RETRYING} == {code}


def test_what_aws_refuses_for_good_is_reported_at_once(
    account: Account, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced(monkeypatch, refusing("AccessDenied", times=9, message="not for you"))
    resource, other = Resource(make.queue(), "sqs:queue", OURS), Resource(make.key(), "kms:key", OURS)
    report = sweep(account, resource, other)
    assert report == SweepReport(swept=[other], failed=[(resource, "AccessDenied: not for you")])
    assert account.calls["sqs.GetQueueUrl"] == 1


def test_tags_that_change_between_two_tries_stop_the_removal(
    account: Account, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = Resource(make.queue(), "sqs:queue", OURS)

    def handed_over(_scope: Scope, _resource: Resource, reading: Reading) -> None:
        make.sqs.tag_queue(QueueUrl=reading.details["QueueUrl"], Tags=THEIRS)
        raise StillInUseError("a moment")

    replaced(monkeypatch, handed_over)
    [(_, reason)] = sweep(account, resource).failed
    assert reason.startswith("its tags are not those of environment pr-1: EnvironmentSuffix=pr-12")
    assert exists(account, resource)


def test_tags_that_change_before_their_turn_stop_the_removal(account: Account, make: Maker) -> None:
    queue, vpc = Resource(make.queue(), "sqs:queue", OURS), Resource(make.ec2_arn(f"vpc/{make.vpc()}"), "ec2:vpc", OURS)

    def hand_over(event: SweepEvent) -> None:
        if event.step is SweepStep.SWEPT and event.resource == queue:
            make.ec2.create_tags(Resources=[vpc.name], Tags=[{"Key": "EnvironmentSuffix", "Value": "pr-12"}])

    report = Sweeper(account, on_event=hand_over).sweep("pr-1", [vpc, queue], timeout=5)
    assert report.swept == [queue]
    assert exists(account, vpc)


def test_a_fault_of_one_does_not_stop_the_others(
    account: Account, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_scope: Scope, _resource: Resource, reading: Reading) -> None:
        raise KeyError(reading.details["Nonsense"])

    replaced(monkeypatch, broken)
    resources = [
        Resource(make.queue(), "sqs:queue", OURS),
        Resource(TAGGED["sns:topic"](make), "sns:topic", OURS),
        Resource(TAGGED["logs:log-group"](make), "logs:log-group", OURS),
    ]
    report = sweep(account, *resources)
    assert report.swept == resources[1:]
    assert report.failed == [(resources[0], "KeyError: 'Nonsense'")]


def test_a_sweep_ends_in_time_and_says_what_it_did_not_begin(
    account: Account, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced(monkeypatch, refusing("DependencyViolation", times=99, message="has dependents"))
    queue, key = Resource(make.queue(), "sqs:queue", OURS), Resource(make.key(), "kms:key", OURS)
    began = time.monotonic()
    report = sweep(account, queue, key, timeout=1)
    assert time.monotonic() - began < 3
    assert (queue, "DependencyViolation: has dependents") in report.failed
    again = sweep(account, queue, key, timeout=0)
    reason = "not begun: the time of the sweep was up; run it again"
    assert again.failed == [(queue, reason), (key, reason)]


def test_a_removal_that_never_ends_is_reported(account: Account, make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced(monkeypatch, lambda *_: None)
    resource = Resource(make.queue(), "sqs:queue", OURS)
    [(_, reason)] = sweep(account, resource, timeout=1).failed
    assert re.fullmatch(r"AWS took its removal, and still shows it [01] s later", reason)


def test_an_interruption_ends_the_sweep_soon(account: Account, make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced(monkeypatch, refusing("DependencyViolation", times=999))
    resource, key = Resource(make.queue(), "sqs:queue", OURS), Resource(make.key(), "kms:key", OURS)

    main = threading.main_thread().ident
    assert main

    def interrupt(event: SweepEvent) -> None:
        if event.step is SweepStep.RETRYING:
            signal.pthread_kill(main, signal.SIGINT)

    began = time.monotonic()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            Sweeper(account, on_event=interrupt).sweep("pr-1", [resource, key], timeout=120)
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - began < 30
    assert exists(account, resource)
    assert exists(account, key)


@pytest.mark.parametrize(
    ("code", "message", "passes"),
    [
        ("DependencyViolation", "", True),
        ("ResourceInUse", "", True),
        ("InvalidDBClusterStateFault", "", True),
        ("InvalidDBInstanceState", "", True),
        ("DeleteConflict", "", True),
        ("ThrottlingException", "", True),
        ("OperationAborted", "", True),
        ("InvalidRequestException", "Backup vault cannot be deleted (contains recovery points).", True),
        ("InvalidRequestException", "You can't delete this.", False),
        ("AccessDeniedException", "", False),
        ("UnauthorizedOperation", "", False),
        ("InvalidParameterCombination", "Cannot delete protected Cluster", False),
        ("ValidationException", "", False),
    ],
)
def test_what_is_tried_again(code: str, message: str, passes: bool) -> None:
    assert may_pass(ClientError({"Error": {"Code": code, "Message": message}}, "Delete")) is passes
