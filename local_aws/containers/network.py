"""A task's network interface, whose address is one of this computer's."""

import itertools
import uuid
from collections.abc import Mapping
from typing import Any

from moto.ec2.models import ec2_backends

from local_aws.containers.errors import TaskStartError
from local_aws.databases.addresses import free_address
from local_aws.experiments import outages

_turns = itertools.count()


class TaskNetwork:
    """An interface in one of the subnets, with the security groups of the service.

    Its address is a loopback address on which the port is free, and not one of the subnet: the task can be reached
    there from everything on this computer, as it could be in the VPC.
    """

    def __init__(self, configuration: Mapping[str, Any], account: str, region: str, port: int) -> None:
        settings = configuration["awsvpcConfiguration"]
        subnets = [subnet for subnet in settings["subnets"] if not outages.is_cut(subnet)]
        if not subnets:
            raise TaskStartError("ResourceInitializationError", "every subnet of the task is cut off")
        self.address = free_address(port)
        self._backend = ec2_backends[account][region]
        self.attachment_id = str(uuid.uuid4())
        self.interface: Any = self._backend.create_network_interface(
            self._backend.get_subnet(subnets[next(_turns) % len(subnets)]),
            self.address,
            group_ids=settings.get("securityGroups") or [],
            description=f"arn:aws:ecs:{region}:{account}:attachment/{self.attachment_id}",
        )
        self.interface.status = "in-use"

    @property
    def zone(self) -> str:
        """The availability zone."""
        return str(self.interface.subnet.availability_zone)

    def remove(self) -> None:
        """Removes the interface."""
        self._backend.enis.pop(self.interface.id, None)

    def attachment(self, status: str) -> dict[str, Any]:
        """As DescribeTasks shows it."""
        details = {
            "subnetId": self.interface.subnet.id,
            "networkInterfaceId": self.interface.id,
            "macAddress": self.interface.mac_address,
            "privateDnsName": f"ip-{self.address.replace('.', '-')}.ec2.internal",
            "privateIPv4Address": self.address,
        }
        return {
            "id": self.attachment_id,
            "type": "ElasticNetworkInterface",
            "status": status,
            "details": [{"name": name, "value": value} for name, value in details.items()],
        }
