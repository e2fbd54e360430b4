"""What is measured in the container architecture, for alarms and graphs alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lib.monitoring.payment_metrics import DataMeasured

# What the payment service calls itself in its logs and metrics.
SERVICE = "payment-service"

MOST_CONNECTIONS = 5000
# GiB of memory of the size `large`, by the letter that a family's name begins with; of others as of memory-optimized.
LARGE_MEMORY = {"t": 8.0, "r": 16.0, "x": 32.0}
MEMORY_OPTIMIZED = 16.0


@dataclass(frozen=True, kw_only=True)
class ContainerMeasured(DataMeasured):
    """The names that CloudWatch knows the parts by.

    `load_balancer` and the values of `target_groups` are ARN suffixes; each target group has an alarm by its key, such
    as `blue`. `web_acl` is the name of the web ACL's own metric, from its visibility configuration.
    """

    cluster_name: str
    service_name: str
    load_balancer: str
    target_groups: Mapping[str, str]
    web_acl: str
    service: str = SERVICE

    @property
    def tasks(self) -> dict[str, str]:
        """The dimensions of the service's tasks."""
        return {"ClusterName": self.cluster_name, "ServiceName": self.service_name}

    @property
    def firewall(self) -> dict[str, str]:
        """The dimensions of all rules of the web ACL.

        https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
        """
        return {"WebACL": self.web_acl, "Region": self.settings.aws_region, "Rule": "ALL"}

    @property
    def most_connections(self) -> int:
        """How many connections an instance of the ledger takes.

        https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Managing.html
        """
        _, family, size = self.settings.db_instance_class.split(".")
        gibibytes = LARGE_MEMORY.get(family[0], MEMORY_OPTIMIZED) * _large_instances(size)
        return min(int(gibibytes * 1_000_000_000 / 9_531_392), MOST_CONNECTIONS)


def _large_instances(size: str) -> float:
    """How many times the size `large` a size is: `xlarge` is two, `4xlarge` eight."""
    if size.endswith("xlarge"):
        return 2.0 * int(size.removesuffix("xlarge") or 1)
    return {"medium": 0.5}.get(size, 1.0)
