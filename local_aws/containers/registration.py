"""Where a service's tasks are registered: target groups of load balancers, services of Cloud Map."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.elbv2.models import FakeTargetGroup, elbv2_backends
from moto.servicediscovery.models import servicediscovery_backends

from local_aws.load_balancers import checks
from local_aws.load_balancers.targets import HEALTHY, UNHEALTHY, Member, members
from local_aws.turn import TURN


@dataclass(frozen=True)
class Registrations:
    """A service's load balancers and registries, as its API has them."""

    load_balancers: tuple[Mapping[str, Any], ...] = ()
    registries: tuple[Mapping[str, Any], ...] = ()

    def register(self, address: str, instance_id: str, attributes: Mapping[str, str]) -> None:
        """Adds a task everywhere."""
        with TURN:
            for group, port in self._groups():
                checks.register(group, address, port)
            for service in self._services():
                known = [one for one in service.instances if one.instance_id == instance_id]
                if not known:
                    backend = _cloud_map(service.arn)
                    backend.register_instance(service.id, instance_id, instance_id, dict(attributes))

    def deregister(self, address: str, instance_id: str) -> None:
        """Takes a task out everywhere, and waits until what is under way to it is done."""
        draining: list[Member | None] = []
        with TURN:
            for service in self._services():
                if any(one.instance_id == instance_id for one in service.instances):
                    _cloud_map(service.arn).deregister_instance(service.id, instance_id)
            for group, port in self._groups():
                draining.append(checks.deregister(group, address, port))
        for member in draining:
            if member:
                member.wait_until_drained()

    def healthy(self, address: str) -> bool:
        """Whether all load balancers send requests to a task."""
        return all(state == HEALTHY for state in self._states(address))

    def unhealthy_group(self, address: str) -> str:
        """The ARN of a target group whose health checks a task fails; empty where there is none."""
        for (group, _), state in zip(self._groups(), self._states(address), strict=True):
            if state == UNHEALTHY:
                return str(group.arn)
        return ""

    def set_health(self, instance_id: str, healthy: bool) -> None:
        """Says to Cloud Map how a task is, where its service wants to be told."""
        for service in self._services():
            for instance in list(service.instances):
                if instance.instance_id == instance_id and service.health_check_custom_config is not None:
                    instance.health_status = "HEALTHY" if healthy else "UNHEALTHY"

    def _states(self, address: str) -> list[str]:
        found = [members(group).get((address, port)) for group, port in self._groups()]
        return [member.state if member else "" for member in found]

    def _groups(self) -> list[tuple[FakeTargetGroup, int]]:
        found = []
        for balancer in self.load_balancers:
            arn = balancer["targetGroupArn"]
            backend = elbv2_backends[arn.split(":")[4]][arn.split(":")[3]]
            if arn in backend.target_groups:
                found.append((backend.target_groups[arn], int(balancer["containerPort"])))
        return found

    def _services(self) -> list[Any]:
        found = []
        for registry in self.registries:
            services = _cloud_map(registry["registryArn"]).services
            found.append(services.get(registry["registryArn"].rpartition("/")[2]))
        return [service for service in found if service]


def _cloud_map(arn: str) -> Any:
    return servicediscovery_backends[arn.split(":")[4]][arn.split(":")[3]]
