"""What is measured in a payment environment, for alarms and graphs alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lib.settings import Settings

# The metrics that the payment function itself writes, in CloudWatch's embedded metric format.
NAMESPACE = "Payments"
# Powertools adds the name of the service to the dimensions of every metric.
SERVICE = "payment-processor"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The names that CloudWatch knows the parts by.

    `dead_letter_queues` maps what a queue serves to its name; `approval_arn` is the state machine's where there is one.
    """

    settings: Settings
    function_name: str
    cluster_id: str
    table_name: str
    api_id: str
    bus_rule: str
    vault_name: str
    dead_letter_queues: Mapping[str, str]
    approval_arn: str | None

    @property
    def payments(self) -> dict[str, str]:
        """The dimensions of the function's own metrics."""
        return {"environment": self.settings.environment_suffix, "service": SERVICE}
