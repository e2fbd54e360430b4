"""What a Region has before payments are taken in it: network, key of operations, topic for what goes wrong."""

from __future__ import annotations

from lib.encryption import operations_key
from lib.monitoring.alerts import Alerts
from lib.networking.egress import AwsServices
from lib.networking.flow_logs import FlowLogs
from lib.networking.network import Network
from lib.region import Region


class Foundation:
    """Composes the parts that everything else in a Region stands on."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.key = operations_key(region)
        self.network = Network(region)
        FlowLogs(region, vpc_id=self.network.vpc_id, key_arn=self.key.arn)
        self.aws_services = AwsServices(region, network=self.network)
        self.alerts = Alerts(region, key=self.key)

    def outputs(self) -> dict[str, str | list[str]]:
        return {**self.network.outputs(), "alerts_topic_arn": self.alerts.arn}
