"""A local AWS on which the minutes of an experiment are seconds, with a ledger of two instances in two zones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local_aws.server import LocalAws
from tests.integration.gameday.experiment_stack import SUFFIX, experiment_stack
from tests.integration.local_aws_databases.conftest import REGION, Aws, Cluster

FAST = 30
ENDED = ("completed", "stopped", "failed")


@dataclass(frozen=True)
class Experimented:
    """The stack of the experiments, deployed."""

    cluster: Cluster
    terraform: Any
    outputs: dict[str, str]

    @property
    def fis(self) -> Any:
        return self.cluster.aws.client("fis")

    def start(self, name: str) -> str:
        """Begin an experiment; return its id."""
        experiment = self.fis.start_experiment(experimentTemplateId=self.outputs[f"experiment_{name}_id"])
        return str(experiment["experiment"]["id"])

    def experiment(self, identity: str) -> dict[str, Any]:
        found: dict[str, Any] = self.fis.get_experiment(id=identity)["experiment"]
        return found


@pytest.fixture(scope="package")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOCAL_AWS_WAIT_SPEED", str(FAST))
        with LocalAws.started(tmp_path_factory.mktemp("local_aws")) as server:
            yield Aws(server)


@pytest.fixture(scope="package")
def experimented(aws: Aws, tmp_path_factory: pytest.TempPathFactory) -> Experimented:
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]
        for number, zone in enumerate("abc")
    ]
    ids = [subnet["SubnetId"] for subnet in subnets]
    aws.rds.create_db_subnet_group(DBSubnetGroupName="ledger", DBSubnetGroupDescription="ledger", SubnetIds=ids)
    tags = [{"Key": "Project", "Value": "payment"}, {"Key": "EnvironmentSuffix", "Value": SUFFIX}]
    aws.rds.create_db_cluster(
        DBClusterIdentifier="ledger",
        Engine="aurora-mysql",
        EngineVersion="8.0.mysql_aurora.3.10.0",
        DatabaseName="payments",
        MasterUsername="admin",
        ManageMasterUserPassword=True,
        DBSubnetGroupName="ledger",
        Tags=tags,
    )
    cluster = Cluster(aws, "ledger")
    for number, zone in enumerate("ab"):
        cluster.add_instance(number, AvailabilityZone=f"{REGION}{zone}")
    terraform = experiment_stack(tmp_path_factory.mktemp("experiments"), cluster, [ids])
    terraform.init()
    terraform.apply()
    return Experimented(cluster, terraform, terraform.output())
