"""What every function of an environment is told by its variables."""

from __future__ import annotations

from lib.database.aurora import DATABASE_NAME, PORT
from lib.region import Region


def function_environment(region: Region, service: str) -> dict[str, str]:
    """Return the variables that all functions have; `service` is what their logs and metrics call them."""
    return {
        "DB_PORT": str(PORT),
        "DB_NAME": DATABASE_NAME,
        "REGION": region.name,
        "ENVIRONMENT_SUFFIX": region.settings.environment_suffix,
        "POWERTOOLS_LOG_LEVEL": region.settings.log_level,
        "POWERTOOLS_SERVICE_NAME": service,
    }
