"""What is measured in a payment environment, for alarms and graphs alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lib.settings import Settings

# The metrics that the payment code itself writes, in CloudWatch's embedded metric format.
NAMESPACE = "Payments"
# Powertools adds the name of the service to the dimensions of every metric.
SERVICE = "payment-processor"


@dataclass(frozen=True, kw_only=True)
class DataMeasured:
    """The names that CloudWatch knows by what every architecture has: what holds payments and what moves their events.

    `service` is what the payment code calls itself; `dead_letter_queues` maps what a queue serves to its name.
    """

    settings: Settings
    cluster_id: str
    table_name: str
    bus_rule: str
    vault_name: str
    dead_letter_queues: Mapping[str, str]
    service: str = SERVICE

    @property
    def payments(self) -> dict[str, str]:
        """The dimensions of the payment code's own metrics."""
        return {"environment": self.settings.environment_suffix, "service": self.service}


@dataclass(frozen=True, kw_only=True)
class Measured(DataMeasured):
    """With the function and its API; `approval_arn` is the state machine's where there is one."""

    function_name: str
    api_id: str
    approval_arn: str | None
