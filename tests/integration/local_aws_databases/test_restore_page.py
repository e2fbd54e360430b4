"""The page about restoring the PostgreSQL ledger does what it says: its commands and queries in order."""

import time
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from tests.integration.local_aws_databases.conftest import Aws
from tests.integration.local_aws_databases.postgresql_cluster import ENGINE, MASTER, PostgreSqlCluster
from tests.integration.local_aws_databases.restore_page import PAGE, commands, execute, queries

SUFFIX = "page"
NAME = f"payment-cluster-{SUFFIX}"
SCHEMA = PAGE.parents[1] / "lib/lambda/payments/migrations/postgresql/0001_ledger.sql"
APART_SECONDS = 0.1


def surroundings(aws: Aws) -> dict[str, str]:
    """What the page has names in capitals for."""
    ec2, rds = aws.client("ec2"), aws.rds
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{aws.region}{zone}")
        for number, zone in enumerate("ab")
    ]
    given = {"DBSubnetGroupName": f"{SUFFIX}-subnets", "DBSubnetGroupDescription": "Database"}
    rds.create_db_subnet_group(**given, SubnetIds=[subnet["Subnet"]["SubnetId"] for subnet in subnets])
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName=f"{SUFFIX}-parameters",
        DBParameterGroupFamily="aurora-postgresql17",
        Description="Parameters",
    )
    return {
        "SUBNET_GROUP": f"{SUFFIX}-subnets",
        "PARAMETER_GROUP": f"{SUFFIX}-parameters",
        "SECURITY_GROUP": ec2.create_security_group(GroupName=SUFFIX, Description=SUFFIX, VpcId=vpc)["GroupId"],
        "KEY": aws.client("kms").create_key()["KeyMetadata"]["Arn"],
        "CLASS": "db.r6g.large",
    }


def ledger(aws: Aws, around: dict[str, str]) -> PostgreSqlCluster:
    """An environment's cluster with one instance and the ledger's tables."""
    aws.rds.create_db_cluster(
        **ENGINE,
        DBClusterIdentifier=NAME,
        DatabaseName="payments",
        MasterUsername=MASTER,
        ManageMasterUserPassword=True,
        DBSubnetGroupName=around["SUBNET_GROUP"],
        DBClusterParameterGroupName=around["PARAMETER_GROUP"],
        VpcSecurityGroupIds=[around["SECURITY_GROUP"]],
        StorageEncrypted=True,
        KmsKeyId=around["KEY"],
    )
    name = f"payment-instance-0-{SUFFIX}"
    aws.rds.create_db_instance(
        DBInstanceIdentifier=name, DBClusterIdentifier=NAME, Engine="aurora-postgresql", DBInstanceClass="db.r6g.large"
    )
    aws.rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier=name, WaiterConfig={"Delay": 1})
    cluster = PostgreSqlCluster(aws, NAME)
    cluster.execute(SCHEMA.read_text())
    return cluster


def pay(cluster: PostgreSqlCluster, payment: str) -> None:
    """Takes a payment."""
    with closing(cluster.connect()) as connection, connection.transaction():
        connection.execute(
            "INSERT INTO payments VALUES (%s, %s, %s, 10, 'EUR', 'a', 'b', 'COMMITTED', '{}', now(), now())",
            (payment, f"session-{payment}", "f" * 64),
        )
        for number, side in enumerate(("DEBIT", "CREDIT")):
            connection.execute(
                "INSERT INTO ledger_entries VALUES (%s, %s, 'a', %s, 10, 'EUR', now())", (payment, number, side)
            )


def payments(rows: list[tuple[Any, ...]]) -> list[str]:
    return [row[0] for row in rows]


def test_the_steps_of_the_page_restore_the_ledger(aws: Aws) -> None:
    around = surroundings(aws)
    cluster = ledger(aws, around)
    pay(cluster, "before")
    time.sleep(APART_SECONDS)
    moment = datetime.now(UTC).isoformat()
    time.sleep(APART_SECONDS)
    pay(cluster, "after")
    values = {**around, "SUFFIX": SUFFIX, "MOMENT": moment, "CLUSTER": NAME}
    (shown,) = [execute(aws.rds, words, values) for words in commands("Before")]
    assert shown["DBClusters"][0]["DBClusterIdentifier"] == NAME

    for words in commands("2. Restore"):
        execute(aws.rds, words, values)
    restored = PostgreSqlCluster(aws, f"{NAME}-restored")
    described = restored.described()
    assert described["DBSubnetGroup"] == around["SUBNET_GROUP"]
    assert [one["VpcSecurityGroupId"] for one in described["VpcSecurityGroups"]] == [around["SECURITY_GROUP"]]
    for query in queries("3. Verify", moment):
        assert restored.execute(query) == []
    (lost,) = queries("4. List", moment)
    assert payments(cluster.execute(lost)) == ["after"]
    assert payments(restored.execute("SELECT payment_id FROM payments")) == ["before"]

    for words in commands("5. Let the new"):
        execute(aws.rds, words, values)
    swapped, old = PostgreSqlCluster(aws, NAME), PostgreSqlCluster(aws, f"{NAME}-old")
    assert payments(swapped.execute("SELECT payment_id FROM payments")) == ["before"]
    assert payments(old.execute(lost)) == ["after"]
    assert swapped.writer == f"payment-instance-0-{SUFFIX}"
    pay(swapped, "later")

    for words in commands("7. Remove"):
        execute(aws.rds, words, values)
    assert {one["DBClusterIdentifier"] for one in aws.rds.describe_db_clusters()["DBClusters"]} >= {NAME}
    assert payments(swapped.execute("SELECT payment_id FROM payments ORDER BY 1")) == ["before", "later"]
    swapped.delete()
    aws.rds.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=f"{NAME}-old-final")
