"""What two Regions hold of the same data: keys, ledger, its users, sessions."""

from __future__ import annotations

from lib.compute.function import FunctionCode
from lib.database.global_ledger import GlobalLedger, master_secret
from lib.database.sessions import SessionTable
from lib.database.user import LedgerUser, ledger_user_secret
from lib.encryption import EncryptionKey, Replica, ReplicaKey
from lib.foundation import Foundation
from lib.generated_secret import read_secret
from lib.region import Region
from lib.regional_data import RegionalData
from lib.schema import Schema


class GlobalData:
    """Composes the data of both Regions. The primary writes; its schema and users reach the secondary as data do."""

    def __init__(self, both: Region, *, here: Foundation, there: Foundation, code: FunctionCode) -> None:
        """`here` is the primary Region's, `there` the secondary's; what spans them is made in `both`."""
        database_key, database_copy = _replicated_key("database", "Ledger", here.region, there.region)
        self.secrets_key, self.secrets_copy = database_key, database_copy
        sessions_key, sessions_copy = _replicated_key("sessions", "Sessions", here.region, there.region)

        master = master_secret(both, key=database_key, replica=database_copy)
        login = ledger_user_secret(both, key=database_key, replica=database_copy)
        self.global_ledger = GlobalLedger(both)
        ledger = self.global_ledger.primary(
            here.region,
            master=master,
            vpc_id=here.network.vpc_id,
            subnet_ids=here.network.isolated_subnet_ids,
            key=database_key,
            log_key=here.key,
        )
        standby = self.global_ledger.secondary(
            there.region,
            of=ledger,
            source_region=here.region.name,
            vpc_id=there.network.vpc_id,
            subnet_ids=there.network.isolated_subnet_ids,
            key=database_copy.key,
            log_key=there.key,
        )
        self._table = SessionTable(both, key=sessions_key, replica=sessions_copy)
        self.backed_up = [ledger.cluster.arn, self._table.table.arn]

        self.primary = RegionalData(
            ledger=ledger,
            master_secret_arn=master.arn,
            user=LedgerUser(here.region, key=database_key, secret_arn=login.arn if login else None),
            sessions=self._table.sessions,
        )
        self.secondary = RegionalData(
            ledger=standby,
            master_secret_arn=master.arn_in(there.region),
            user=LedgerUser(
                there.region, key=database_copy.key, secret_arn=login.arn_in(there.region) if login else None
            ),
            sessions=self._table.sessions_of(sessions_copy),
        )
        self.schema = Schema(
            here.region,
            foundation=here,
            code=code,
            ledger=ledger,
            master_secret_arn=master.arn,
            master_access=read_secret(master.arn, database_key, "MasterUser"),
            user=self.primary.user,
            version=login.version_id if login else "iam",
        )

    def outputs(self) -> dict[str, str]:
        return {**self.global_ledger.outputs(), **self._table.outputs(), **self.schema.outputs()}


def _replicated_key(id_: str, purpose: str, primary: Region, secondary: Region) -> tuple[EncryptionKey, Replica]:
    key = EncryptionKey(primary, id_, purpose=purpose, multi_region=True)
    return key, Replica(secondary, ReplicaKey(secondary, id_, of=key, purpose=purpose))
