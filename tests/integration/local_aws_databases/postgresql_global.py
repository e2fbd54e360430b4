"""A global database of PostgreSQL in two Regions on a local AWS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tests.integration.local_aws_databases.global_database import Member
from tests.integration.local_aws_databases.postgresql_cluster import ENGINE, MASTER, PostgreSqlCluster


@dataclass(frozen=True)
class PostgreSqlMember(PostgreSqlCluster, Member):
    """A cluster of it, whose master password the user chose."""

    MASTER: ClassVar[str] = MASTER
    VERSION: ClassVar[str] = ENGINE["EngineVersion"]

    def secret(self) -> dict[str, str]:
        return Member.secret(self)

    def numbers(self, host: str | None = None) -> set[int]:
        """What is in the table `entries`; through the reader endpoint by default."""
        return super().numbers(host or self.reader_endpoint)
