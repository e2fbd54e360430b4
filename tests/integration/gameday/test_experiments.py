"""The experiments as the project defines them: deployed, planned again, and what they take away is really away."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing, suppress

import pymysql
import pytest
from botocore.exceptions import ClientError

from tests.integration.gameday.conftest import ENDED, FAST, Experimented

SECONDS = 40


def eventually(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def answers(experimented: Experimented, name: str) -> bool:
    """Whether the database of an instance answers."""
    cluster = experimented.cluster
    password, host = cluster.secret()["password"], cluster.instance(name)["Endpoint"]["Address"]
    with suppress(pymysql.MySQLError), closing(cluster.connect(host, password=password)):
        return True
    return False


def writes(experimented: Experimented) -> bool:
    """Whether the cluster takes writes."""
    with suppress(pymysql.MySQLError):
        experimented.cluster.execute("CREATE TABLE IF NOT EXISTS written (number INT PRIMARY KEY)")
        return True
    return False


def ended(experimented: Experimented, identity: str) -> str:
    """The state in which an experiment ends."""
    eventually(lambda: experimented.experiment(identity)["state"]["status"] in ENDED)
    state = experimented.experiment(identity)["state"]
    assert state["status"] != "failed", state["reason"]
    return str(state["status"])


def test_a_second_plan_is_empty(experimented: Experimented) -> None:
    assert experimented.terraform.plan().empty


def test_templates_have_the_tags_of_the_environment(experimented: Experimented) -> None:
    tagging = experimented.cluster.aws.client("resourcegroupstaggingapi")
    found = tagging.get_resources(TagFilters=[{"Key": "EnvironmentSuffix", "Values": ["it-7"]}])
    arns = [one["ResourceARN"] for one in found["ResourceTagMappingList"]]
    assert sum(":experiment-template/" in arn for arn in arns) == 2


def test_a_lost_writer_is_replaced_and_comes_back_as_a_reader(experimented: Experimented) -> None:
    cluster = experimented.cluster
    lost = cluster.writer
    identity = experimented.start("writer_lost")
    eventually(lambda: not answers(experimented, lost))
    assert ended(experimented, identity) == "completed"
    assert cluster.writer != lost
    eventually(lambda: answers(experimented, lost))
    assert writes(experimented)


def test_a_lost_zone_is_down_for_its_time_and_then_comes_back(experimented: Experimented) -> None:
    cluster = experimented.cluster
    if cluster.writer != "ledger-0":
        cluster.aws.rds.failover_db_cluster(DBClusterIdentifier="ledger", TargetDBInstanceIdentifier="ledger-0")
        eventually(lambda: cluster.writer == "ledger-0")
    began = time.monotonic()
    identity = experimented.start("zone_lost")
    eventually(lambda: cluster.writer == "ledger-1")
    assert not answers(experimented, "ledger-0")
    eventually(lambda: writes(experimented))
    assert experimented.experiment(identity)["state"]["status"] == "running"
    assert ended(experimented, identity) == "completed"
    assert time.monotonic() - began >= 300 / FAST
    eventually(lambda: answers(experimented, "ledger-0"))
    assert cluster.writer == "ledger-1"


def test_the_writer_elsewhere_is_left_alone_and_a_stopped_experiment_ends_at_once(experimented: Experimented) -> None:
    assert experimented.cluster.writer == "ledger-1"
    identity = experimented.start("zone_lost")
    eventually(lambda: not answers(experimented, "ledger-0"))
    with pytest.raises(ClientError) as refused:
        experimented.start("zone_lost")
    assert refused.value.response["Error"]["Code"] == "ConflictException"
    experimented.fis.stop_experiment(id=identity)
    assert ended(experimented, identity) == "stopped"
    actions = experimented.experiment(identity)["actions"]
    assert actions["fail-over"]["state"]["status"] == "skipped"
    assert answers(experimented, "ledger-0")
    assert experimented.cluster.writer == "ledger-1"


def test_what_the_local_aws_cannot_do_is_refused(experimented: Experimented) -> None:
    template = experimented.fis.get_experiment_template(id=experimented.outputs["experiment_zone_lost_id"])
    with pytest.raises(ClientError, match="aws:ec2:stop-instances"):
        experimented.fis.create_experiment_template(
            clientToken="other",
            description="stops instances",
            roleArn=template["experimentTemplate"]["roleArn"],
            stopConditions=[{"source": "none"}],
            actions={"stop": {"actionId": "aws:ec2:stop-instances"}},
        )
    assert len(experimented.fis.list_experiment_templates()["experimentTemplates"]) == 2


def test_destroyed_templates_leave_nothing(experimented: Experimented) -> None:
    experimented.terraform.destroy()
    left = experimented.cluster.aws.server.leftovers()
    assert not [collection for collection in left if "/fis/" in collection]
