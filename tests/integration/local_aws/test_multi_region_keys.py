"""Multi-Region keys: a replica is a key of its own in its Region, with the primary's id and material."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.server import LocalAws
from tests.integration.local_aws.conftest import ACCOUNT, OTHER_REGION, REGION, Cloud, Clouds, outcome
from tests.integration.local_aws.resources import policy

TAGS = [{"TagKey": "Project", "TagValue": "payment"}]
OTHER_POLICY = policy("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Sid="Replica")


def _primary(cloud: Cloud, **more: Any) -> str:
    key: str = cloud.kms.create_key(MultiRegion=True, **more)["KeyMetadata"]["KeyId"]
    return key


def _replicated(cloud: Cloud, **more: Any) -> str:
    key = _primary(cloud)
    cloud.kms.replicate_key(KeyId=key, ReplicaRegion=OTHER_REGION, **more)
    return key


def test_replica_has_its_own_region_and_knows_its_primary(clouds: Clouds) -> None:
    def described(cloud: Cloud) -> object:
        key = _replicated(cloud)
        replica, primary = (one.kms.describe_key(KeyId=key)["KeyMetadata"] for one in (cloud.other, cloud))
        members = {
            "PrimaryKey": {"Arn": primary["Arn"], "Region": REGION},
            "ReplicaKeys": [{"Arn": replica["Arn"], "Region": OTHER_REGION}],
        }
        return (
            primary["MultiRegionConfiguration"] == {"MultiRegionKeyType": "PRIMARY", **members},
            replica["MultiRegionConfiguration"] == {"MultiRegionKeyType": "REPLICA", **members},
            replica["Arn"] == f"arn:aws:kms:{OTHER_REGION}:{ACCOUNT}:key/{key}",
        )

    clouds.mends(described, (True, True, True))


def test_what_one_region_encrypts_the_other_decrypts(clouds: Clouds) -> None:
    def decrypted(cloud: Cloud) -> object:
        key = _replicated(cloud)
        sealed = cloud.kms.encrypt(KeyId=key, Plaintext=b"card")["CiphertextBlob"]
        opened = cloud.other.kms.decrypt(CiphertextBlob=sealed)
        back = cloud.other.kms.encrypt(KeyId=key, Plaintext=opened["Plaintext"])["CiphertextBlob"]
        return cloud.kms.decrypt(CiphertextBlob=back)["Plaintext"], opened["KeyId"].split(":")[3]

    clouds.mends(decrypted, (b"card", OTHER_REGION))


def test_replica_has_policy_description_tags_and_aliases_of_its_own(ours: Cloud) -> None:
    key = _replicated(ours, Policy=OTHER_POLICY, Description="replica", Tags=TAGS)
    ours.other.kms.create_alias(AliasName="alias/ledger", TargetKeyId=key)
    ours.kms.tag_resource(KeyId=key, Tags=[{"TagKey": "Project", "TagValue": "other"}])
    assert ours.other.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == OTHER_POLICY
    assert ours.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] != OTHER_POLICY
    assert ours.other.kms.describe_key(KeyId="alias/ledger")["KeyMetadata"]["Description"] == "replica"
    assert ours.other.kms.list_resource_tags(KeyId=key)["Tags"] == TAGS
    assert ours.kms.list_aliases(KeyId=key)["Aliases"] == []
    ours.other.kms.disable_key(KeyId=key)
    assert ours.kms.describe_key(KeyId=key)["KeyMetadata"]["Enabled"]


def test_rotation_is_the_primarys(ours: Cloud) -> None:
    key = _replicated(ours)
    ours.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    shown = ours.other.kms.get_key_rotation_status(KeyId=key)
    assert (shown["KeyRotationEnabled"], shown["RotationPeriodInDays"]) == (True, 180)
    assert outcome(lambda cloud: cloud.other.kms.disable_key_rotation(KeyId=key), ours) == (
        "UnsupportedOperationException"
    )


def test_primary_waits_for_the_deletion_of_its_replicas(ours: Cloud, aws: LocalAws) -> None:
    key = _replicated(ours)
    assert aws.leftovers() == {f"{region}/kms/keys": [key] for region in (REGION, OTHER_REGION)}
    replica = ours.other.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert (replica["KeyState"], "DeletionDate" in replica) == ("PendingDeletion", True)
    primary = ours.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=9)
    assert (primary["KeyState"], "DeletionDate" in primary) == ("PendingReplicaDeletion", False)
    shown = ours.kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (shown["KeyState"], shown["PendingDeletionWindowInDays"]) == ("PendingReplicaDeletion", 9)
    assert aws.leftovers() == {}


def test_key_of_one_region_does_not_exist_in_another_by_its_arn(clouds: Clouds) -> None:
    def found(cloud: Cloud) -> object:
        key = _replicated(cloud)
        arn = cloud.kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
        return cloud.other.kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyId"]

    clouds.mends(found, "NotFoundException")


def test_parameter_cannot_use_the_key_of_another_region(ours: Cloud) -> None:
    key = _replicated(ours)
    arn = ours.kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    with pytest.raises(ClientError, match="InvalidKeyId"):
        ours.other.ssm.put_parameter(Name="/a", Value="b", Type="SecureString", KeyId=arn)


def _replicate_replica(cloud: Cloud) -> None:
    cloud.other.kms.replicate_key(KeyId=_replicated(cloud), ReplicaRegion="eu-west-1")


def _replicate_twice(cloud: Cloud) -> None:
    cloud.kms.replicate_key(KeyId=_replicated(cloud), ReplicaRegion=OTHER_REGION)


def _replicate_single(cloud: Cloud) -> None:
    key = cloud.kms.create_key()["KeyMetadata"]["KeyId"]
    cloud.kms.replicate_key(KeyId=key, ReplicaRegion=OTHER_REGION)


def _replicate_disabled(cloud: Cloud) -> None:
    key = _primary(cloud)
    cloud.kms.disable_key(KeyId=key)
    cloud.kms.replicate_key(KeyId=key, ReplicaRegion=OTHER_REGION)


REFUSED: dict[str, tuple[Callable[[Cloud], object], str]] = {
    "replica of a replica": (_replicate_replica, "UnsupportedOperationException"),
    "replica of a key of one Region": (_replicate_single, "UnsupportedOperationException"),
    "replica of a disabled key": (_replicate_disabled, "DisabledException"),
    "second replica in a Region": (_replicate_twice, "AlreadyExistsException"),
    "replica in the primary's Region": (
        lambda cloud: cloud.kms.replicate_key(KeyId=_primary(cloud), ReplicaRegion=REGION),
        "AlreadyExistsException",
    ),
}


@pytest.mark.parametrize(("asked", "code"), REFUSED.values(), ids=REFUSED)
def test_refused_as_aws_does(clouds: Clouds, asked: Callable[[Cloud], object], code: str) -> None:
    clouds.mends(asked, code)
