"""Replicas of secrets: read in their Region under an ARN of it, changed and removed through the primary secret."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.server import LocalAws
from tests.integration.local_aws.conftest import ACCOUNT, OTHER_REGION, REGION, Cloud, Clouds

SECRET = {"SecretId": f"payment-{REGION}"}


def _key(cloud: Cloud) -> str:
    key: str = cloud.kms.create_key()["KeyMetadata"]["Arn"]
    return key


def _replicated(cloud: Cloud, **replica: Any) -> str:
    """A secret whose name has the primary's Region in it; its ARN."""
    made = cloud.secretsmanager.create_secret(
        Name=SECRET["SecretId"], SecretString="first", AddReplicaRegions=[{"Region": OTHER_REGION, **replica}]
    )
    return str(made["ARN"])


def test_replica_is_read_under_the_arn_of_its_region(clouds: Clouds) -> None:
    def read(cloud: Cloud) -> object:
        arn = _replicated(cloud)
        found = cloud.other.secretsmanager.get_secret_value(**SECRET)
        return found["SecretString"], found["ARN"] == arn.replace(f":{REGION}:", f":{OTHER_REGION}:")

    clouds.mends(read, ("first", True))


def test_replica_has_the_key_of_its_region(clouds: Clouds) -> None:
    def keys(cloud: Cloud) -> object:
        key = _key(cloud.other)
        _replicated(cloud, KmsKeyId=key)
        shown = cloud.secretsmanager.describe_secret(**SECRET)["ReplicationStatus"][0]["KmsKeyId"]
        return shown == key, cloud.other.secretsmanager.describe_secret(**SECRET).get("KmsKeyId") == key

    clouds.mends(keys, (True, True))


def test_versions_and_stages_are_replicated(ours: Cloud) -> None:
    _replicated(ours)
    second = ours.secretsmanager.put_secret_value(**SECRET, SecretString="second")["VersionId"]
    pending = ours.secretsmanager.put_secret_value(**SECRET, SecretString="third", VersionStages=["AWSPENDING"])
    ours.secretsmanager.update_secret_version_stage(
        **SECRET, VersionStage="AWSCURRENT", MoveToVersionId=pending["VersionId"], RemoveFromVersionId=second
    )
    here, there = (
        {
            stage: one.secretsmanager.get_secret_value(**SECRET, VersionStage=stage)["SecretString"]
            for stage in ("AWSCURRENT", "AWSPREVIOUS")
        }
        for one in (ours, ours.other)
    )
    assert here == there == {"AWSCURRENT": "third", "AWSPREVIOUS": "second"}


def test_replica_goes_when_its_region_is_removed(ours: Cloud, aws: LocalAws) -> None:
    arn = _replicated(ours)
    with pytest.raises(ClientError, match="replica regions"):
        ours.secretsmanager.delete_secret(**SECRET, ForceDeleteWithoutRecovery=True)
    other = arn.replace(f":{REGION}:", f":{OTHER_REGION}:")
    assert aws.leftovers()[f"{OTHER_REGION}/secretsmanager/secrets"] == [other]
    ours.secretsmanager.remove_regions_from_replication(**SECRET, RemoveReplicaRegions=[OTHER_REGION])
    ours.secretsmanager.delete_secret(**SECRET, ForceDeleteWithoutRecovery=True)
    assert aws.leftovers() == {}


def _stage_of_replica(cloud: Cloud) -> None:
    _replicated(cloud)
    version = cloud.other.secretsmanager.get_secret_value(**SECRET)["VersionId"]
    cloud.other.secretsmanager.update_secret_version_stage(**SECRET, VersionStage="own", MoveToVersionId=version)


def _key_of_the_primarys_region(cloud: Cloud) -> None:
    _replicated(cloud, KmsKeyId=_key(cloud))


def _missing_key(cloud: Cloud) -> None:
    _replicated(cloud, KmsKeyId=f"arn:aws:kms:{OTHER_REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555")


REFUSED: dict[str, tuple[Callable[[Cloud], object], str]] = {
    "stage of a replica's version": (_stage_of_replica, "InvalidParameterException"),
    "replica with a key of another Region": (_key_of_the_primarys_region, "InvalidParameterException"),
    "replica with a key that is missing": (_missing_key, "InvalidParameterException"),
}


@pytest.mark.parametrize(("asked", "code"), REFUSED.values(), ids=REFUSED)
def test_refused_as_aws_does(clouds: Clouds, asked: Callable[[Cloud], object], code: str) -> None:
    clouds.mends(asked, code)
