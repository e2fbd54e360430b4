"""Whether the service of this Region is well, asked from its own network."""

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout, parse_url

from payments.database import Database, tls_context
from payments.health import DeepHealth
from payments.observability import logger
from payments.region_role import Role
from recovery.inputs import Answer
from recovery.writable import takes_writes

PATIENCE = Timeout(connect=3, read=10)


class ServiceUnhealthyError(Exception):
    """Something that payments need does not answer; the message names it."""


class PublicHealth:
    """The URL at which the service says to everyone that it is well.

    The certificate may be of another name, as for Route 53's checkers: a load balancer is asked by its AWS name.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
    """

    def __init__(self, url: str, endpoint_url: str | None) -> None:
        """With `endpoint_url` all hosts of AWS are there, and requests name the one that is meant."""
        asked = parse_url(url)
        self._host = asked.netloc or ""
        self._url = f"{endpoint_url}{asked.request_uri}" if endpoint_url else url
        self._pool = urllib3.PoolManager(ssl_context=tls_context(), assert_hostname=False, retries=False)

    def check(self) -> None:
        """Raises `ServiceUnhealthyError`, and urllib3's errors."""
        answer = self._pool.request("GET", self._url, headers={"host": self._host}, timeout=PATIENCE, redirect=False)
        if answer.status != 200:
            raise ServiceUnhealthyError(f"{self._host} answers {answer.status}")


class ServiceCheck:
    """`health` asks all that payments need; a Region that is not the secondary must take writes, too."""

    def __init__(self, *, health: DeepHealth, writer: Database, public: PublicHealth | None) -> None:
        self._health = health
        self._writer = writer
        self._public = public

    def check(self) -> Answer:
        """Raises `ServiceUnhealthyError`."""
        report = self._health.report()
        role = report.switches.get("role")
        failed = list(report.failed)
        if role != Role.SECONDARY and not takes_writes(self._writer):
            failed.append("writer")
        if self._public and not self._answers(self._public):
            failed.append("api")
        if failed:
            raise ServiceUnhealthyError(f"does not answer: {', '.join(failed)}")
        return {"healthy": True, "role": role, "writes": report.switches.get("writes")}

    def _answers(self, public: PublicHealth) -> bool:
        try:
            public.check()
        except (HTTPError, ServiceUnhealthyError) as error:
            logger.warning("the API does not answer", error=str(error))
            return False
        return True
