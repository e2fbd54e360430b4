"""KMS keys of the environment's own: one for each kind of data, and their replicas where data go to another Region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.kms_replica_key import KmsReplicaKey

from lib.iam import Statement, policy_document
from lib.region import Region

# AWS's shortest waiting period; production keeps a key as long as AWS lets it, 30 days.
SHORTEST_DELETION_WINDOW_DAYS = 7
LONGEST_DELETION_WINDOW_DAYS = 30
CRYPTOGRAPHY = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*")


class Key:
    """What a key is to its users: ARN, id, and the statement that lets a role work with it."""

    def __init__(self, region: Region, id_: str, *, key: KmsKey | KmsReplicaKey) -> None:
        self.arn = key.arn
        self.key_id = key.key_id
        region.add(KmsAlias, f"{id_}_key_alias", name=f"alias/{region.settings.name(id_)}", target_key_id=key.key_id)

    def use(self, sid: str) -> Statement:
        """Return the statement that lets a role encrypt and decrypt with this key."""
        return Statement(sid=sid, actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[self.arn])


class EncryptionKey(Key):
    """A key with rotation on. Only one with `multi_region` can have replicas; AWS settles that when it is made."""

    def __init__(
        self, region: Region, id_: str, *, purpose: str, services: Sequence[Statement] = (), multi_region: bool = False
    ) -> None:
        key = region.add(
            KmsKey,
            f"{id_}_key",
            description=_description(region, purpose),
            enable_key_rotation=True,
            multi_region=multi_region or None,
            deletion_window_in_days=_deletion_window_days(region),
            policy=_policy(region, services),
        )
        super().__init__(region, id_, key=key)


class ReplicaKey(Key):
    """The same key in another Region: it reads there what was encrypted here. It rotates with its primary."""

    def __init__(self, region: Region, id_: str, *, of: Key, purpose: str) -> None:
        key = region.add(
            KmsReplicaKey,
            f"{id_}_key",
            primary_key_arn=of.arn,
            description=_description(region, purpose),
            deletion_window_in_days=_deletion_window_days(region),
            policy=_policy(region, ()),
        )
        super().__init__(region, id_, key=key)


@dataclass(frozen=True)
class Replica:
    """Another Region that holds the same data, and the key that they are encrypted with there."""

    region: Region
    key: Key


def operations_key(region: Region) -> EncryptionKey:
    """Return the key of what AWS's services write in this Region: logs, messages, configuration, backups."""
    of_this_account = {"StringEquals": {"aws:SourceAccount": region.account_id}}
    log_groups = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": region.arn("logs", "log-group:*")}}
    logs = f"logs.{region.name}.{region.settings.partition.dns_suffix}"
    services = [
        # DescribeKey has no encryption context, so under this condition it would never be allowed.
        _service_may("CloudWatchLogs", logs, CRYPTOGRAPHY, log_groups),
        _service_may("CloudWatchAlarms", "cloudwatch.amazonaws.com", CRYPTOGRAPHY, of_this_account),
        _service_may("EventBridge", "events.amazonaws.com", [*CRYPTOGRAPHY, "kms:DescribeKey"], of_this_account),
        # AWS Backup documents no condition that it meets when it sends notices to an encrypted topic.
        _service_may("Backup", "backup.amazonaws.com", CRYPTOGRAPHY, {}),
        # The logs of encrypted state machines.
        # https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
        _service_may("LogDelivery", "delivery.logs.amazonaws.com", ["kms:Decrypt"], of_this_account),
    ]
    purpose = "Logs, messages, configuration and backups"
    return EncryptionKey(region, "operations", purpose=purpose, services=services)


def _description(region: Region, purpose: str) -> str:
    return f"{purpose} of payment environment {region.settings.environment_suffix}"


def _deletion_window_days(region: Region) -> int:
    return LONGEST_DELETION_WINDOW_DAYS if region.settings.protected else SHORTEST_DELETION_WINDOW_DAYS


def _policy(region: Region, services: Sequence[Statement]) -> str:
    administration = Statement(
        sid="AccountAdministersTheKeyThroughIam",
        actions=["kms:*"],
        resources=["*"],  # A key policy's only resource is the key itself.
        principals={"AWS": [region.root_arn]},
    )
    return policy_document(administration, *services)


def _service_may(sid: str, service: str, actions: Sequence[str], conditions: dict[str, dict[str, str]]) -> Statement:
    return Statement(
        sid=sid,
        actions=actions,
        resources=["*"],  # A key policy's only resource is the key itself.
        principals={"Service": [service]},
        conditions=conditions,
    )
