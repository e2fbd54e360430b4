"""What the payments' code is told by its environment and by SSM, wherever it runs."""

from __future__ import annotations

from lib.database.aurora import DATABASE_NAME, AuroraCluster
from lib.database.proxy import DatabaseProxy
from lib.database.sessions import Sessions
from lib.encryption import Key
from lib.parameters.configuration import Configuration
from lib.parameters.role import RoleParameter
from lib.region import Region


def payment_configuration(
    region: Region,
    *,
    key: Key,
    entrance: AuroraCluster | DatabaseProxy,
    ledger: AuroraCluster,
    master_secret_arn: str,
    sessions: Sessions,
    bus_name: str,
    same_as: Configuration | None = None,
) -> Configuration:
    """Return the configuration of one Region. `entrance` is where the code logs in: the ledger, or a proxy before it.

    In the second Region, `same_as` is the first one's.
    """
    settings = region.settings
    threshold = settings.approval_threshold
    return Configuration(
        region,
        key=key,
        values={
            "database/endpoint": entrance.endpoint,
            "database/reader_endpoint": ledger.reader_endpoint,
            "database/port": str(ledger.port),
            "database/name": DATABASE_NAME,
            "database/secret_arn": master_secret_arn,
            "sessions/table": sessions.name,
            "events/bus": bus_name,
            "sessions/ttl_seconds": str(settings.session_ttl_hours * 3600),
            "payments/amount_limit": str(settings.payment_amount_limit),
            "payments/approval_threshold": "none" if threshold is None else str(threshold),
        },
        same_as=same_as,
    )


def role_environment(role: RoleParameter | None, ledger: AuroraCluster) -> dict[str, str]:
    """Return what the code of one of two Regions is told: in the secondary, the ledger answers at its reader alone."""
    return {"REGION_ROLE_PARAMETER": role.name, "DB_READER_ENDPOINT": ledger.reader_endpoint} if role else {}
