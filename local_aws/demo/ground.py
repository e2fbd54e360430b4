"""What the demo's environment stands on that it does not make itself, by architecture."""

from __future__ import annotations

from collections.abc import Mapping

from boto3 import Session

from local_aws.demo.taking import APPROVAL_THRESHOLD
from local_aws.server import LocalAws

DOMAIN = "payments-demo.net"
"""A domain that this local AWS owns, since load balancers need a certificate: a hosted zone there, and nowhere else."""

SCHEDULE_SPEED = "20"
"""Canaries run every five minutes and alarms look at ten: too long to wait for them here."""


class Ground:
    """The inputs that an architecture needs, and the hosted zone of an owned domain."""

    def __init__(self, aws: LocalAws, inputs: Mapping[str, str]) -> None:
        self._inputs = inputs
        self._containers = inputs.get("ARCHITECTURE") == "containers"
        keys = aws.environment()
        session = Session(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1")
        self._route53 = session.client("route53", endpoint_url=aws.endpoint_url)
        self._zone_id = ""

    def variables(self) -> dict[str, str]:
        """Make the zone where one is needed; return the inputs."""
        if not self._containers:
            return {"APPROVAL_THRESHOLD": str(APPROVAL_THRESHOLD)}
        domain = self._inputs.get("DOMAIN") or DOMAIN
        zone = self._route53.create_hosted_zone(Name=domain, CallerReference="demo")
        self._zone_id = zone["HostedZone"]["Id"].rpartition("/")[2]
        return {"DOMAIN": domain, "PARENT_ZONE_ID": self._zone_id}

    def clear(self) -> None:
        """Remove the zone."""
        if self._zone_id:
            self._route53.delete_hosted_zone(Id=self._zone_id)
