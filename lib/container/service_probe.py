"""Whether the service in this container is well, for its health check: `python -m service_probe`.

Started every few seconds, it loads nothing of the service.
"""

import os
import sys
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException

HEALTH_PATH = "/health"
DEFAULT_PORT = "8080"
EVERYWHERE = "0.0.0.0"
PROBE_SECONDS = 3


def probe(variables: Mapping[str, str]) -> int:
    """The exit code."""
    port = int(variables.get("SERVICE_PORT") or DEFAULT_PORT)
    host = variables.get("SERVICE_HOST") or EVERYWHERE
    connection = HTTPConnection("127.0.0.1" if host == EVERYWHERE else host, port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", HEALTH_PATH)
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, HTTPException):
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(probe(os.environ))
