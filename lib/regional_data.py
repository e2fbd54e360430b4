"""What a Region holds of the payments' data, and the data of an environment that has one Region."""

from __future__ import annotations

from dataclasses import dataclass

from lib.compute.function import FunctionCode
from lib.database.aurora import AuroraCluster
from lib.database.ledger import LedgerDatabase
from lib.database.sessions import Sessions, SessionTable
from lib.database.user import LedgerUser, ledger_user_secret
from lib.encryption import EncryptionKey, Replica
from lib.foundation import Foundation
from lib.region import Region
from lib.schema import Schema


@dataclass(frozen=True, kw_only=True)
class RegionalData:
    """The data as one Region has them."""

    ledger: AuroraCluster
    master_secret_arn: str
    user: LedgerUser
    sessions: Sessions

    def outputs(self) -> dict[str, str]:
        return {**self.ledger.outputs(), **self.user.outputs(), "database_secret_arn": self.master_secret_arn}


class LocalData:
    """Composes the data of one Region: keys, ledger, its user and schema, sessions. Secrets have the ledger's key."""

    def __init__(self, region: Region, *, foundation: Foundation, code: FunctionCode) -> None:
        self.secrets_key = database_key = EncryptionKey(region, "database", purpose="Ledger")
        self.secrets_copy: Replica | None = None
        sessions_key = EncryptionKey(region, "sessions", purpose="Sessions")
        self.ledger = LedgerDatabase(
            region,
            vpc_id=foundation.network.vpc_id,
            subnet_ids=foundation.network.isolated_subnet_ids,
            key=database_key,
            log_key=foundation.key,
        )
        self.login = ledger_user_secret(region, key=database_key)
        user = LedgerUser(region, key=database_key, secret_arn=self.login.arn if self.login else None)
        self.schema = Schema(
            region,
            foundation=foundation,
            code=code,
            ledger=self.ledger,
            master_secret_arn=self.ledger.master_secret_arn,
            master_access=self.ledger.master_access(),
            user=user,
            version=self.login.version_id if self.login else "iam",
        )
        self._table = SessionTable(region, key=sessions_key)
        self.backed_up = [self.ledger.cluster.arn, self._table.table.arn]
        self.primary = RegionalData(
            ledger=self.ledger,
            master_secret_arn=self.ledger.master_secret_arn,
            user=user,
            sessions=self._table.sessions,
        )

    def outputs(self) -> dict[str, str]:
        return {**self.primary.outputs(), **self.schema.outputs(), **self._table.outputs()}
