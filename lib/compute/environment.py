"""What all code of an environment is told by its variables."""

from __future__ import annotations

from lib.database.aurora import DATABASE_NAME
from lib.database.engine import engine
from lib.region import Region


def workload_environment(region: Region, service: str) -> dict[str, str]:
    """Return the variables that all of it has; `service` is what their logs and metrics call them."""
    return {
        "DB_ENGINE": region.settings.db_engine,
        "DB_PORT": str(engine(region.settings).port),
        "DB_NAME": DATABASE_NAME,
        "REGION": region.name,
        "ENVIRONMENT_SUFFIX": region.settings.environment_suffix,
        "POWERTOOLS_LOG_LEVEL": region.settings.log_level,
        "POWERTOOLS_SERVICE_NAME": service,
    }
