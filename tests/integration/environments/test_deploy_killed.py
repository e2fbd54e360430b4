"""The whole stack, its deploy and its destroy ended at random moments: the next command converges, and nothing is left.

`make test-long` does it with 40 seeds, half of them with SIGKILL and half with SIGINT; INTERRUPTION_RUNS
says how many, INTERRUPTION_SEED with which first. A failure names its seed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from local_aws.server import LocalAws
from tests.integration.environments.deploy_operator import BUCKET, Operator
from tests.integration.environments.interruption import Moment

FIRST_SEED = int(os.environ.get("INTERRUPTION_SEED", "0"))
RUNS = int(os.environ.get("INTERRUPTION_RUNS", "40"))
# For several workers.
PARTS = 4


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    directory = tmp_path_factory.mktemp("killed")
    with LocalAws.started(directory / "local_aws") as aws:
        one = Operator(aws, directory)
        one.account.client("s3").create_bucket(Bucket=BUCKET)
        yield one


def converges(operator: Operator, seed: int) -> None:
    """Deploy and destroy, each interrupted once, then finished."""
    interrupted = Moment.random("deploy", seed)
    first = operator.deploy(interrupted)
    print(f"seed {seed}: {interrupted}: {'interrupted' if first.interrupted else 'ended before'}")
    operator.unlock()
    second = operator.deploy()
    context = f"seed {seed}, {interrupted}\n" + "\n".join([*first.stderr[-20:], "---", *second.stderr])
    assert second.code == 0, context
    changes = json.loads(second.stdout)["changes"]
    print(
        f"seed {seed}: then {', '.join(f'{len(changes[name])} {name}' for name in ('adopted', 'untainted', 'swept'))}"
    )
    assert (changes["kept"], changes["failed"]) == ([], []), context
    third = operator.deploy()
    assert third.code == 0, f"{context}\n---\n" + "\n".join(third.stderr)
    assert "nothing to change" in third.stderr, f"{context}\n---\n" + "\n".join(third.stderr)

    interrupted = Moment.random("destroy", seed)
    first = operator.destroy(interrupted)
    print(f"seed {seed}: {interrupted}: {'interrupted' if first.interrupted else 'ended before'}")
    operator.unlock()
    second = operator.destroy()
    context = f"seed {seed}, {interrupted}\n" + "\n".join([*first.stderr[-20:], "---", *second.stderr])
    assert second.code == 0, context
    assert operator.aws.leftovers() == {"aws/s3/buckets": [BUCKET]}, context


def test_a_deploy_and_a_destroy_that_were_ended_are_finished_by_the_next(operator: Operator) -> None:
    converges(operator, FIRST_SEED)


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_so_are_those_that_were_ended_at_many_moments(operator: Operator, part: int) -> None:
    for seed in range(FIRST_SEED, FIRST_SEED + RUNS)[part::PARTS]:
        converges(operator, seed)
