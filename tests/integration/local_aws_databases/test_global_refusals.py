"""What AWS refuses of global databases is refused, with AWS's error code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_aws_databases.conftest import Aws, Cluster, MakeCluster
from tests.integration.local_aws_databases.global_database import (
    ENGINE,
    PASSWORD,
    PRIMARY_REGION,
    SECONDARY_REGION,
    GlobalDatabase,
    create_secondary,
    global_database,
)

COMBINATION, CLUSTER_STATE = "InvalidParameterCombination", "InvalidDBClusterStateFault"
GLOBAL_STATE = "InvalidGlobalClusterStateFault"
CREDENTIALS = {"MasterUsername": "admin", "MasterUserPassword": PASSWORD}

Refused = Callable[[GlobalDatabase], object]


@pytest.fixture(scope="module")
def pair(aws: Aws) -> Iterator[GlobalDatabase]:
    with global_database(aws) as made:
        yield made


def secondary(aws_region: str = "eu-west-1", **options: Any) -> Refused:
    """Makes a further secondary."""
    return lambda pair: create_secondary(Aws(pair.primary.aws.server, aws_region), "another", pair.name, **options)


def modified(role: str, **changes: Any) -> Refused:
    """Changes a member."""

    def modify(pair: GlobalDatabase) -> None:
        member = getattr(pair, role)
        member.aws.rds.modify_db_cluster(DBClusterIdentifier=member.name, ApplyImmediately=True, **changes)

    return modify


def on(role: str, operation: str, **parameters: Any) -> Refused:
    """Calls an operation with a member's name."""

    def call(pair: GlobalDatabase) -> None:
        member = getattr(pair, role)
        getattr(member.aws.rds, operation)(DBClusterIdentifier=member.name, **parameters)

    return call


def burstable(pair: GlobalDatabase) -> None:
    names = {"DBInstanceIdentifier": "small", "DBClusterIdentifier": pair.secondary.name}
    pair.secondary.aws.rds.create_db_instance(**names, DBInstanceClass="db.t4g.medium", Engine="aurora-mysql")


def shrunk(pair: GlobalDatabase) -> None:
    name = f"{pair.primary.name}-0"
    pair.primary.aws.rds.modify_db_instance(DBInstanceIdentifier=name, DBInstanceClass="db.t3.large")


def last_instance(pair: GlobalDatabase) -> None:
    pair.primary.aws.rds.delete_db_instance(DBInstanceIdentifier=f"{pair.primary.name}-0")


def primary_removed(pair: GlobalDatabase) -> None:
    pair.primary.aws.rds.remove_from_global_cluster(
        GlobalClusterIdentifier=pair.name, DbClusterIdentifier=pair.primary.arn
    )


def global_database_deleted(pair: GlobalDatabase) -> None:
    pair.primary.aws.rds.delete_global_cluster(GlobalClusterIdentifier=pair.name)


def made_twice(pair: GlobalDatabase) -> None:
    pair.secondary.aws.rds.create_global_cluster(GlobalClusterIdentifier=pair.name, **ENGINE)


def around_a_member(pair: GlobalDatabase) -> None:
    pair.primary.aws.rds.create_global_cluster(
        GlobalClusterIdentifier="around", SourceDBClusterIdentifier=pair.primary.arn
    )


def switched(role: str, **options: Any) -> Refused:
    def switch(pair: GlobalDatabase) -> None:
        target = getattr(pair, role).arn
        pair.primary.aws.rds.failover_global_cluster(
            GlobalClusterIdentifier=pair.name, TargetDbClusterIdentifier=target, **options
        )

    return switch


def upgraded(pair: GlobalDatabase) -> None:
    pair.primary.aws.rds.modify_global_cluster(
        GlobalClusterIdentifier=pair.name, EngineVersion="8.0.mysql_aurora.3.10.1"
    )


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        (COMBINATION, secondary(**CREDENTIALS)),
        (COMBINATION, secondary(MasterUserPassword=PASSWORD)),
        (COMBINATION, secondary(DatabaseName="payments")),
        (COMBINATION, secondary(StorageEncrypted=True)),
        (COMBINATION, secondary(ManageMasterUserPassword=True)),
        (COMBINATION, secondary(BacktrackWindow=3600)),
        (COMBINATION, secondary(Engine="aurora-postgresql", EngineVersion="17.4")),
        (COMBINATION, secondary(EngineVersion="8.0.mysql_aurora.3.10.1")),
        (GLOBAL_STATE, secondary(PRIMARY_REGION)),
        (GLOBAL_STATE, secondary(SECONDARY_REGION)),
        (COMBINATION, modified("primary", BacktrackWindow=3600)),
        (COMBINATION, modified("primary", ManageMasterUserPassword=True)),
        (COMBINATION, modified("secondary", MasterUserPassword="another password")),
        ("InvalidParameterValue", modified("primary", EngineVersion="8.0.mysql_aurora.3.10.1")),
        ("InvalidParameterValue", upgraded),
        (COMBINATION, burstable),
        (COMBINATION, shrunk),
        (CLUSTER_STATE, on("primary", "delete_db_cluster", SkipFinalSnapshot=True)),
        (CLUSTER_STATE, on("secondary", "delete_db_cluster", SkipFinalSnapshot=True)),
        (CLUSTER_STATE, on("primary", "stop_db_cluster")),
        (CLUSTER_STATE, on("secondary", "stop_db_cluster")),
        (CLUSTER_STATE, on("secondary", "failover_db_cluster")),
        (CLUSTER_STATE, last_instance),
        (GLOBAL_STATE, primary_removed),
        (GLOBAL_STATE, global_database_deleted),
        ("GlobalClusterAlreadyExistsFault", made_twice),
        (CLUSTER_STATE, around_a_member),
        (CLUSTER_STATE, switched("primary")),
        (COMBINATION, switched("secondary", AllowDataLoss=True, Switchover=True)),
    ],
)
def test_refused(pair: GlobalDatabase, code: str, refused: Refused) -> None:
    before = pair.described()
    with pytest.raises(ClientError) as caught:
        refused(pair)
    assert caught.value.response["Error"]["Code"] == code, caught.value
    assert pair.described() == before


def test_a_secondary_needs_a_primary_with_an_instance(aws: Aws) -> None:
    home = Aws(aws.server, PRIMARY_REGION)
    home.rds.create_global_cluster(GlobalClusterIdentifier="early", **ENGINE)
    home.rds.create_db_cluster(DBClusterIdentifier="early", GlobalClusterIdentifier="early", **ENGINE, **CREDENTIALS)
    with pytest.raises(ClientError, match="not valid for physical replication"):
        create_secondary(Aws(aws.server, SECONDARY_REGION), "late", "early")
    home.rds.remove_from_global_cluster(GlobalClusterIdentifier="early", DbClusterIdentifier=_arn(home, "early"))
    home.rds.get_waiter("db_cluster_available").wait(DBClusterIdentifier="early")
    home.rds.delete_db_cluster(DBClusterIdentifier="early", SkipFinalSnapshot=True)
    home.rds.delete_global_cluster(GlobalClusterIdentifier="early")


def test_a_secondary_of_an_encrypted_primary_needs_a_key_and_a_signed_url(aws: Aws) -> None:
    home, away = Aws(aws.server, PRIMARY_REGION), Aws(aws.server, SECONDARY_REGION)
    home.rds.create_global_cluster(GlobalClusterIdentifier="secret", StorageEncrypted=True, **ENGINE)
    primary = {"DBClusterIdentifier": "secret", "GlobalClusterIdentifier": "secret", **ENGINE, **CREDENTIALS}
    for unencrypted in ({}, {"StorageEncrypted": False}):
        with pytest.raises(ClientError, match="encrypted"):
            home.rds.create_db_cluster(**primary, **unencrypted)
    home.rds.create_db_cluster(**primary, StorageEncrypted=True)
    cluster = Cluster(home, "secret")
    cluster.add_instance(0)
    key = away.client("kms").create_key()["KeyMetadata"]["Arn"]
    with pytest.raises(ClientError, match="pre-signed URL has to be specified"):
        create_secondary(away, "copy", "secret", KmsKeyId=key)
    with pytest.raises(ClientError, match="KMS key has to be specified"):
        create_secondary(away, "copy", "secret", SourceRegion=PRIMARY_REGION)
    create_secondary(away, "copy", "secret", SourceRegion=PRIMARY_REGION, KmsKeyId=key)
    found = away.rds.describe_db_clusters(DBClusterIdentifier="copy")["DBClusters"][0]
    assert (found["StorageEncrypted"], found["KmsKeyId"]) == (True, key)
    for member in (Cluster(away, "copy"), cluster):
        for instance in member.described()["DBClusterMembers"]:
            member.aws.rds.delete_db_instance(DBInstanceIdentifier=instance["DBInstanceIdentifier"])
        member.aws.rds.remove_from_global_cluster(
            GlobalClusterIdentifier="secret", DbClusterIdentifier=_arn(member.aws, member.name)
        )
        member.aws.rds.get_waiter("db_cluster_available").wait(DBClusterIdentifier=member.name)
        member.delete()
    home.rds.delete_global_cluster(GlobalClusterIdentifier="secret")


def test_a_cluster_becomes_a_primary_without_backtrack_and_managed_password(make_cluster: MakeCluster) -> None:
    chosen = {"ManageMasterUserPassword": False, "MasterUserPassword": PASSWORD}
    for options in ({}, {**chosen, "BacktrackWindow": 3600}):
        made = make_cluster(0, **options)
        with pytest.raises(ClientError, match=COMBINATION):
            _around(made)
        made.delete()
    made = make_cluster(0, **chosen)
    name = _around(made)
    (found,) = made.aws.rds.describe_global_clusters(GlobalClusterIdentifier=name)["GlobalClusters"]
    assert [one["IsWriter"] for one in found["GlobalClusterMembers"]] == [True]
    assert made.described()["GlobalClusterIdentifier"] == name
    made.aws.rds.remove_from_global_cluster(GlobalClusterIdentifier=name, DbClusterIdentifier=_arn(made.aws, made.name))
    made.aws.rds.get_waiter("db_cluster_available").wait(DBClusterIdentifier=made.name)
    made.delete()
    made.aws.rds.delete_global_cluster(GlobalClusterIdentifier=name)


def test_a_minor_version_arrives_with_the_primary(pair: GlobalDatabase) -> None:
    version = "8.0.mysql_aurora.3.10.1"
    for member in (pair.secondary, pair.primary):
        assert pair.described()["EngineVersion"] != version
        member.aws.rds.modify_db_cluster(DBClusterIdentifier=member.name, EngineVersion=version, ApplyImmediately=True)
    assert pair.described()["EngineVersion"] == version


def test_a_missing_global_database_has_no_members(aws: Aws) -> None:
    with pytest.raises(aws.rds.exceptions.GlobalClusterNotFoundFault):
        create_secondary(aws, "another", "missing")


def _arn(aws: Aws, name: str) -> str:
    return str(aws.rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]["DBClusterArn"])


def _around(cluster: Cluster) -> str:
    """Makes a global database around a cluster; its name."""
    name = f"around-{uuid4().hex[:8]}"
    source = _arn(cluster.aws, cluster.name)
    cluster.aws.rds.create_global_cluster(GlobalClusterIdentifier=name, SourceDBClusterIdentifier=source)
    return name
