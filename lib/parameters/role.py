"""Which of two Regions this one is now: a parameter that the function reads and a failover changes."""

from __future__ import annotations

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter

from lib.iam import Statement
from lib.region import Region

ROLE = "region/role"


class RoleParameter:
    """Says `primary` or `secondary`: at first as the Region is deployed; later deploys leave what a failover wrote."""

    def __init__(self, region: Region) -> None:
        role = region.settings.role
        assert role is not None  # Only one of two Regions has a role.
        self._role = role
        self._arn = region.arn("ssm", f"parameter{region.settings.parameter_name(ROLE)}")
        self.parameter = region.add(
            SsmParameter,
            "parameter_region_role",
            name=region.settings.parameter_name(ROLE),
            type="String",
            value=role.value,
            description="Whether this Region takes payments: primary or secondary",
            lifecycle=TerraformResourceLifecycle(ignore_changes=["value"]),
        )
        self.name = self.parameter.name

    def read_access(self) -> list[Statement]:
        """Return the statement that lets a role read the parameter."""
        return [Statement(sid="ReadRegionRole", actions=["ssm:GetParameters"], resources=[self._arn])]

    def write_access(self) -> list[Statement]:
        """Return the statement that lets a role of either Region read the parameter and turn it round."""
        return [
            Statement(
                sid=f"Turn{self._role.value.title()}Role",
                actions=["ssm:GetParameter", "ssm:GetParameters", "ssm:PutParameter"],
                resources=[self._arn],
            )
        ]

    def outputs(self) -> dict[str, str]:
        return {"role_parameter": self.name}
