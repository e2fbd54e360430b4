"""What is in AWS against what is in the state."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tap.inspection.verification import Verification, WrongTags, verify
from tap.inventory.resource import Evidence
from tap.terraform_drift import Drift
from tests.unit.tap_inspection.environments import HOUR, NOW, found, known, part, queue, resource, state, tags

CLUSTER = "arn:aws:rds:eu-west-1:123456789012:cluster:payment-cluster-pr-1"
SNAPSHOT = "arn:aws:rds:eu-west-1:123456789012:cluster-snapshot:rds:payment-cluster-pr-1-2030"


def test_an_environment_as_its_state_says_is_clean() -> None:
    one, nat = queue(), resource("arn:aws:ec2:eu-west-1:123456789012:natgateway/nat-1", tags=tags())
    without_arn = replace(known(nat, "aws_nat_gateway.nat"), attributes={"id": "nat-1", "tags_all": tags()})
    verification = verify(found(one, nat), state(known(one, "aws_sqs_queue.queue"), without_arn), [])
    assert verification == Verification()
    assert verification.clean
    assert list(verification.findings()) == []


def test_drift_and_what_vanished_are_told_apart() -> None:
    one = queue()
    changed = Drift("aws_sqs_queue.queue", "aws_sqs_queue", "update", ("delay_seconds", "tags_all"))
    gone = Drift("aws_sqs_queue.gone", "aws_sqs_queue", "delete")
    verification = verify(found(one), state(known(one, changed.address)), [changed, gone])
    assert verification.drifted == (replace(changed, attributes=("delay_seconds",)),)
    assert verification.vanished == (gone,)
    assert verification.has_drift
    assert verification.leftovers == ()


def test_a_wrong_tag_is_told_once_and_by_its_value() -> None:
    one = queue()
    drift = Drift("aws_sqs_queue.queue", "aws_sqs_queue", "update", ("tags", "tags_all"))
    there = replace(one, tags={**tags(Owner="bob"), "aws:cloudformation:stack-id": "x"})
    verification = verify(found(there), state(known(one, drift.address)), [drift])
    assert verification.drifted == ()
    assert verification.wrong_tags == (WrongTags(drift.address, one.arn, {"Owner": "ada"}, {"Owner": "bob"}),)
    assert list(verification.findings()) == [("wrong tag", drift.address, "Owner: 'bob' instead of 'ada'")]
    assert verification.has_drift


def test_what_has_the_arn_of_another_is_not_taken_for_it() -> None:
    """A topic's policy has the topic's ARN and no tags."""
    one = queue(tags=tags(ExpiresAt=NOW.isoformat()))
    topic = known(one, "aws_sns_topic.topic", ExpiresAt=(NOW - HOUR).isoformat())
    policy = replace(topic, address="aws_sns_topic_policy.policy", attributes={"arn": one.arn, "id": one.arn})
    drift = Drift(topic.address, "aws_sns_topic", "update", ("tags", "tags_all"))
    for order in ((topic, policy), (policy, topic)):
        assert verify(found(one), state(*order), [drift]).clean


def test_tags_that_nobody_read_in_aws_stay_drift() -> None:
    """A resource that lost the environment's tags is not found by them."""
    drift = Drift("aws_sqs_queue.queue", "aws_sqs_queue", "update", ("tags", "tags_all"))
    verification = verify(found(queue("other")), state(known(queue(), drift.address)), [drift])
    assert verification.drifted == (drift,)


def test_when_it_ends_is_what_its_tags_say() -> None:
    """After `tap env extend`, which leaves the state as it is where there is drift; in whatever way it is written."""
    end = NOW + 4 * HOUR
    before = tags(ExpiresAt=NOW.isoformat())
    one = queue(tags={**before, "ExpiresAt": end.isoformat()})
    other = queue("other", tags={**before, "ExpiresAt": "2030-01-31T17:00:00+01:00"})
    old = [known(one, "a", ExpiresAt=NOW.isoformat()), known(other, "b", ExpiresAt=NOW.isoformat())]
    drift = [Drift(address, "aws_sqs_queue", "update", ("tags", "tags_all")) for address in "ab"]
    assert verify(found(one, other), state(*old), drift).clean


@pytest.mark.parametrize("text", [NOW.isoformat(), None, "2030-01-31T16:00"])
def test_a_resource_that_was_not_given_more_time_is_told(text: str | None) -> None:
    end = NOW + 4 * HOUR
    one = queue(tags=tags(ExpiresAt=end.isoformat()))
    late = queue("late", tags=tags() if text is None else tags(ExpiresAt=text))
    environment = replace(found(one, late), expires_at=end)
    verification = verify(environment, state(known(one, "a"), known(late, "b")), [])
    assert verification.wrong_tags == (WrongTags("b", late.arn, {"ExpiresAt": end.isoformat()}, {"ExpiresAt": text}),)


def test_what_the_state_does_not_list_is_left_over() -> None:
    one, stray = queue(), queue("stray")
    verification = verify(found(one, stray), state(known(one, "aws_sqs_queue.queue")), [])
    assert verification.leftovers == (stray,)
    assert not verification.has_drift
    assert not verification.clean
    assert list(verification.findings()) == [("leftover", stray.arn, "in AWS, not in the state")]


def test_without_a_state_everything_is_left_over() -> None:
    one = queue()
    assert verify(found(one, with_state=False), None, []).leftovers == (one,)


def test_parts_of_what_the_state_lists_are_not_left_over() -> None:
    cluster = resource(CLUSTER, tags=tags())
    snapshot, export = part(SNAPSHOT, CLUSTER), part("arn:aws:s3:::export", SNAPSHOT)
    assert verify(found(cluster, snapshot, export), state(known(cluster, "aws_rds_cluster.cluster")), []).clean
    assert verify(found(snapshot, export), state(known(cluster, "aws_rds_cluster.cluster")), []).clean


def test_parts_of_what_is_left_over_are_too() -> None:
    cluster, snapshot = resource(CLUSTER, tags=tags()), part(SNAPSHOT, CLUSTER)
    assert set(verify(found(cluster, snapshot), state(), []).leftovers) == {cluster, snapshot}


def test_owners_that_own_each_other_end() -> None:
    first, second = part(CLUSTER, SNAPSHOT), part(SNAPSHOT, CLUSTER)
    assert set(verify(found(first, second), state(), []).leftovers) == {first, second}


def test_what_the_state_itself_vouches_for_is_not_left_over() -> None:
    log = resource("arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/x", evidence=Evidence.STATE)
    assert verify(found(log), state(), []).clean


def test_as_json() -> None:
    one, stray = queue(), queue("stray")
    drift = Drift("aws_sqs_queue.queue", "aws_sqs_queue", "update", ("delay_seconds",))
    gone = Drift("aws_sns_topic.topic", "aws_sns_topic", "delete")
    assert verify(found(one, stray), state(known(one, drift.address, Owner="bob")), [drift, gone]).as_json() == {
        "clean": False,
        "drift": [{"address": "aws_sqs_queue.queue", "type": "aws_sqs_queue", "attributes": ["delay_seconds"]}],
        "vanished": [{"address": "aws_sns_topic.topic", "type": "aws_sns_topic"}],
        "wrong_tags": [
            {"address": drift.address, "arn": one.arn, "expected": {"Owner": "bob"}, "found": {"Owner": "ada"}}
        ],
        "leftovers": [{"type": "sqs:queue", "arn": stray.arn, "evidence": "tags"}],
    }
