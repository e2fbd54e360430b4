"""Where the API's name leads: to the Region of the record PRIMARY while its health check is well, else to the other.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""

from typing import Any

from payments.region_role import Role
from recovery.inputs import Answer

# Of Route 53's checkers, more than this part must see an endpoint well.
WELL = 0.18


class DnsNotMovedError(Exception):
    """The API's name leads to the other Region."""


class FailoverName:
    """The name that both Regions have. `deployed_role` says which of its records leads here.

    `health_check_id` is that of the record PRIMARY; None where there is no such name. Methods raise botocore's errors.
    """

    def __init__(self, *, route53: Any, health_check_id: str | None, deployed_role: Role) -> None:
        self._route53 = route53
        self._check = health_check_id
        self._deployed_role = deployed_role

    def move_here(self) -> Answer:
        """Makes the name lead here, whether the other Region's API still answers or not.

        Its check says the opposite while it answers. It must not where the API is gone: it would count as well.
        """
        if self._check is None:
            return {"inverted": None}
        inverted = self._deployed_role is Role.SECONDARY and self._answers()
        if self._config().get("Inverted", False) != inverted:
            self._route53.update_health_check(HealthCheckId=self._check, Inverted=inverted)
        return {"inverted": inverted}

    def require_here(self) -> Answer:
        """Raises `DnsNotMovedError`. Resolvers follow when what they keep has expired."""
        if self._check is None:
            return {"leads_here": None}
        leads_to = Role.PRIMARY if self._answers() != self._config().get("Inverted", False) else Role.SECONDARY
        if leads_to is not self._deployed_role:
            raise DnsNotMovedError(f"the API's name leads to the Region that was deployed as {leads_to}")
        return {"leads_here": True}

    def _answers(self) -> bool:
        """Whether Route 53's checkers see the API of the record PRIMARY answer; a check that is disabled is well."""
        if self._config().get("Disabled", False):
            return True
        seen = self._route53.get_health_check_status(HealthCheckId=self._check)["HealthCheckObservations"]
        well = sum(one["StatusReport"]["Status"].startswith("Success") for one in seen)
        return bool(well > WELL * len(seen))

    def _config(self) -> Any:
        return self._route53.get_health_check(HealthCheckId=self._check)["HealthCheck"]["HealthCheckConfig"]
