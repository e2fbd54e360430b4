"""Whether payments are written at all: a parameter that a recovery closes while it moves the ledger."""

from __future__ import annotations

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter

from lib.iam import Statement
from lib.region import Region

WRITES = "payments/writes"
OPEN = "open"


class WritesSwitch:
    """Says `open`, or `stopped` while an operator has the writers stopped; later deploys leave what was written."""

    def __init__(self, region: Region) -> None:
        name = region.settings.parameter_name(WRITES)
        self._arn = region.arn("ssm", f"parameter{name}")
        self.parameter = region.add(
            SsmParameter,
            "parameter_payments_writes",
            name=name,
            type="String",
            value=OPEN,
            description="Whether payments are written: open or stopped",
            lifecycle=TerraformResourceLifecycle(ignore_changes=["value"]),
        )
        self.name = self.parameter.name

    def read_access(self) -> list[Statement]:
        """Return the statement that lets a role read the switch."""
        return [Statement(sid="ReadWritesSwitch", actions=["ssm:GetParameters"], resources=[self._arn])]

    def environment(self) -> dict[str, str]:
        """Return what tells the code of the switch."""
        return {"WRITES_PARAMETER": self.name}

    def outputs(self) -> dict[str, str]:
        return {"writes_parameter": self.name}
