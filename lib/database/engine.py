"""The engines of the ledger's database: what differs between Aurora MySQL and Aurora PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lib.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Engine:
    """`parameters` require TLS and log what matters; of them `static_parameters` are taken only with a restart.

    The log exports go to log groups of their names.
    """

    port: int
    parameter_group_family: str
    parameters: Mapping[str, str]
    log_exports: tuple[str, ...]
    master_username: str
    static_parameters: tuple[str, ...] = ()


MYSQL = Engine(
    port=3306,
    parameter_group_family="aurora-mysql8.0",
    parameters={
        "require_secure_transport": "ON",
        "tls_version": "TLSv1.2,TLSv1.3",
        "server_audit_logging": "1",
        "server_audit_events": "CONNECT,QUERY_DCL,QUERY_DDL",
        "slow_query_log": "1",
        "long_query_time": "1",
        "general_log": "0",
    },
    static_parameters=("tls_version",),
    log_exports=("audit", "error", "general", "slowquery"),
    master_username="admin",
)


def engine(settings: Settings) -> Engine:
    """Return the engine that these settings ask for."""
    if settings.db_engine == "aurora-mysql":
        return MYSQL
    return Engine(
        port=5432,
        parameter_group_family=f"aurora-postgresql{settings.db_engine_version.partition('.')[0]}",
        parameters={
            "rds.force_ssl": "1",
            "ssl_min_protocol_version": "TLSv1.2",
            "log_connections": "1",
            "log_disconnections": "1",
            "log_statement": "ddl",
            "log_min_duration_statement": "1000",
        },
        # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.CloudWatch.html
        log_exports=("postgresql",),
        # "admin" is a word that RDS for PostgreSQL keeps for itself.
        master_username="payment_admin",
    )
