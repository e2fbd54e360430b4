"""What the deployment tells the recovery function, beside what it tells all code of the payments."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from payments.environment import EnvironmentVariableError, RuntimeEnvironment
from payments.region_role import Role


@dataclass(frozen=True, kw_only=True)
class OtherRegionEnvironment:
    """The other of two Regions, and the database of both.

    `deployed_role` says which of the failover records leads to this Region, whatever its role is now. The health check
    is that of the record PRIMARY; None where no name leads to either.
    """

    region: str
    global_cluster_id: str
    role_parameter: str
    deployed_role: Role
    primary_health_check_id: str | None


@dataclass(frozen=True, kw_only=True)
class RecoveryEnvironment:
    """`cluster_id` is this Region's cluster. `other` is None in an environment in one Region.

    `health_url` is where the service tells everyone that it is well, if it does. With `endpoint_url`, that is asked
    through the address at which all of AWS is, as AWS's own clients are.
    """

    runtime: RuntimeEnvironment
    cluster_id: str
    health_url: str | None
    endpoint_url: str | None
    other: OtherRegionEnvironment | None

    @classmethod
    def from_variables(cls, variables: Mapping[str, str]) -> Self:
        """Raises `EnvironmentVariableError`, naming the variable."""
        runtime = RuntimeEnvironment.from_variables(variables)
        return cls(
            runtime=runtime,
            cluster_id=_required(variables, "CLUSTER_ID"),
            health_url=variables.get("HEALTH_URL") or None,
            endpoint_url=variables.get("AWS_ENDPOINT_URL") or None,
            other=_other(variables, runtime) if variables.get("GLOBAL_CLUSTER_ID") else None,
        )


def _other(variables: Mapping[str, str], runtime: RuntimeEnvironment) -> OtherRegionEnvironment:
    if runtime.region_role_parameter is None:
        raise EnvironmentVariableError("REGION_ROLE_PARAMETER is not set; two Regions have roles")
    role = _required(variables, "DEPLOYED_ROLE")
    if role not in list(Role):
        raise EnvironmentVariableError(f"DEPLOYED_ROLE is {role!r}; primary or secondary is expected")
    return OtherRegionEnvironment(
        region=_required(variables, "OTHER_REGION"),
        global_cluster_id=_required(variables, "GLOBAL_CLUSTER_ID"),
        role_parameter=runtime.region_role_parameter,
        deployed_role=Role(role),
        primary_health_check_id=variables.get("PRIMARY_HEALTH_CHECK_ID") or None,
    )


def _required(variables: Mapping[str, str], name: str) -> str:
    value = variables.get(name, "")
    if not value:
        raise EnvironmentVariableError(f"{name} is not set; the deployment must give it to the function")
    return value
