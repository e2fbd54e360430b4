"""KMS keys of the environment's own: one for each kind of data."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from constructs import Construct

from lib.account import Account
from lib.iam import Statement, policy_document
from lib.settings import Settings

# AWS's shortest waiting period; production keeps a key as long as AWS lets it, 30 days.
SHORTEST_DELETION_WINDOW_DAYS = 7
LONGEST_DELETION_WINDOW_DAYS = 30
CRYPTOGRAPHY = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*")


class EncryptionKey:
    """A key with rotation on, an alias, and the statements that let its users work with it."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: Settings,
        account: Account,
        purpose: str,
        services: Sequence[Statement] = (),
    ) -> None:
        administration = Statement(
            sid="AccountAdministersTheKeyThroughIam",
            actions=["kms:*"],
            resources=["*"],  # A key policy's only resource is the key itself.
            principals={"AWS": [account.root_arn]},
        )
        self.key = KmsKey(
            scope,
            f"{id_}_key",
            description=f"{purpose} of payment environment {settings.environment_suffix}",
            enable_key_rotation=True,
            deletion_window_in_days=LONGEST_DELETION_WINDOW_DAYS
            if settings.protected
            else SHORTEST_DELETION_WINDOW_DAYS,
            policy=policy_document(administration, *services),
        )
        self.alias = KmsAlias(
            scope, f"{id_}_key_alias", name=f"alias/{settings.name(id_)}", target_key_id=self.key.key_id
        )
        self.arn = self.key.arn

    def use(self, sid: str) -> Statement:
        """Return the statement that lets a role encrypt and decrypt with this key."""
        return Statement(sid=sid, actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[self.arn])


def operations_services(account: Account, dns_suffix: str, *, workflow: bool) -> list[Statement]:
    """Return the key-policy statements for the services that log, queue, notify, route events and back up.

    `workflow` adds the one that delivers the log of an encrypted state machine.
    """
    of_this_account = {"StringEquals": {"aws:SourceAccount": account.id}}
    log_groups = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": account.arn("logs", "log-group:*")}}
    statements = [
        # DescribeKey has no encryption context, so under this condition it would never be allowed.
        _service_may("CloudWatchLogs", f"logs.{account.region}.{dns_suffix}", CRYPTOGRAPHY, log_groups),
        _service_may("CloudWatchAlarms", "cloudwatch.amazonaws.com", CRYPTOGRAPHY, of_this_account),
        _service_may("EventBridge", "events.amazonaws.com", [*CRYPTOGRAPHY, "kms:DescribeKey"], of_this_account),
        # AWS Backup documents no condition that it meets when it sends notices to an encrypted topic.
        _service_may("Backup", "backup.amazonaws.com", CRYPTOGRAPHY, {}),
    ]
    if workflow:
        # https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
        statements.append(_service_may("LogDelivery", "delivery.logs.amazonaws.com", ["kms:Decrypt"], of_this_account))
    return statements


def _service_may(sid: str, service: str, actions: Sequence[str], conditions: dict[str, dict[str, str]]) -> Statement:
    return Statement(
        sid=sid,
        actions=actions,
        resources=["*"],  # A key policy's only resource is the key itself.
        principals={"Service": [service]},
        conditions=conditions,
    )
