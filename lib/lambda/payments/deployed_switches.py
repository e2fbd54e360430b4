"""The switches that the deployment's variables name."""

from dataclasses import dataclass

from payments import clients
from payments.environment import RuntimeEnvironment
from payments.region_role import RegionRole
from payments.switches import Switches
from payments.writes_switch import WritesSwitch


@dataclass(frozen=True, kw_only=True)
class DeployedSwitches:
    """`role` is None in an environment in one Region, `writes` where nothing can stop the writers."""

    role: RegionRole | None
    writes: WritesSwitch | None


def deployed_switches(environment: RuntimeEnvironment) -> DeployedSwitches:
    """Nothing is asked yet. They are read together, and there is no client where there is nothing to read."""
    role, writes = environment.region_role_parameter, environment.writes_parameter
    parameters = [parameter for parameter in (role, writes) if parameter]
    if not parameters:
        return DeployedSwitches(role=None, writes=None)
    switches = Switches(client=clients.ssm_for_switches(environment.region), parameters=parameters)
    return DeployedSwitches(
        role=RegionRole(switches, role) if role else None, writes=WritesSwitch(switches, writes) if writes else None
    )
