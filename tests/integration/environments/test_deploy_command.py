"""`tap env deploy` as an operator calls it, where it is refused before anything is made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from local_aws.server import LocalAws
from tests.integration.environments.deploy_operator import BUCKET, SUFFIX, Operator

KEY = f"payment/single-region/{SUFFIX}.tfstate"
LOCK = {
    "ID": "0a1b",
    "Operation": "OperationTypeApply",
    "Who": "kim@laptop",
    "Created": "2026-11-21T09:15:02Z",
    "Path": f"{BUCKET}/{KEY}",
}


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    directory = tmp_path_factory.mktemp("deploy_command")
    with LocalAws.started(directory / "local_aws") as aws:
        one = Operator(aws, directory)
        one.account.client("s3").create_bucket(Bucket=BUCKET)
        yield one


@pytest.fixture(autouse=True)
def nothing_is_made(operator: Operator) -> Iterator[None]:
    yield
    s3 = operator.account.client("s3")
    for key in (KEY, f"{KEY}.tflock"):
        s3.delete_object(Bucket=BUCKET, Key=key)
    assert operator.aws.leftovers() == {"aws/s3/buckets": [BUCKET]}


def test_who_holds_the_lock_is_told_and_how_to_release_it(operator: Operator) -> None:
    operator.account.client("s3").put_object(Bucket=BUCKET, Key=f"{KEY}.tflock", Body=json.dumps(LOCK))
    before = datetime.now(UTC)
    refused = operator.tap("deploy", "--suffix", SUFFIX, "--yes", "--ttl", "4h")
    message = " ".join(" ".join(refused.stderr).split())
    assert (refused.code, refused.stdout) == (1, "")
    assert "is locked by kim@laptop since 2026-11-21 09:15:02" in message
    assert f"tap env unlock {SUFFIX} --id 0a1b" in message
    # It got as far as to synthesize: the time to live has become a tag of every resource.
    document = json.loads((operator.directory / f"cdktf.out/stacks/TapStack{SUFFIX}/cdk.tf.json").read_text())
    expires_at = datetime.fromisoformat(document["provider"]["aws"][0]["default_tags"][0]["tags"]["ExpiresAt"])
    assert timedelta(hours=4) - timedelta(seconds=2) <= expires_at - before <= timedelta(hours=4, minutes=3)


def test_a_state_of_another_account_is_not_used(operator: Operator) -> None:
    attributes = {"id": "vpc-1", "arn": "arn:aws:ec2:us-east-1:999988887777:vpc/vpc-1"}
    vpc = {"mode": "managed", "type": "aws_vpc", "name": "vpc", "instances": [{"attributes": attributes}]}
    state = {"version": 4, "serial": 1, "lineage": "x", "outputs": {}, "resources": [vpc]}
    operator.account.client("s3").put_object(Bucket=BUCKET, Key=KEY, Body=json.dumps(state))
    refused = operator.deploy()
    assert refused.code == 1
    assert "lists resources of account 999988887777" in "".join(refused.stderr)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--suffix", "PR_1", "--yes"], "ENVIRONMENT_SUFFIX=PR_1"),
        (["--suffix", SUFFIX, "--yes", "--ttl", "soon"], "'soon' is no duration"),
        (["--suffix", SUFFIX], "nobody can be asked here"),
    ],
    ids=["suffix", "time to live", "nobody to ask"],
)
def test_what_cannot_be_used_is_refused_before_anything_is_reached(
    operator: Operator, arguments: list[str], message: str
) -> None:
    refused = operator.tap("deploy", *arguments)
    assert refused.code == 2
    assert message in "\n".join(refused.stderr)
    assert operator.states.find(SUFFIX) is None
