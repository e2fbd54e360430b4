"""What an account has once: the audit of all that is done in it, whichever environments it holds."""

from __future__ import annotations

from cdktf import TerraformStack
from constructs import Construct

from lib.audit.configuration_history import ConfigurationHistory
from lib.audit.security_hub import SecurityHub
from lib.audit.threats import ThreatDetection
from lib.audit.trail import AuditTrail
from lib.outputs import HasOutputs, add_outputs
from lib.provider import configure_provider, configure_state
from lib.region import Region
from lib.settings import Settings


class AccountStack(TerraformStack):
    """The trail, and what the settings ask for beside it: AWS allows few of each in an account."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings) -> None:
        super().__init__(scope, id_)
        configure_state(self, settings)
        configure_provider(self, settings)
        region = Region(self, settings=settings)

        trail = AuditTrail(region)
        parts: list[HasOutputs] = [trail]
        recording = []
        if settings.account_config:
            history = ConfigurationHistory(
                region,
                bucket_name=trail.bucket.name,
                bucket_access=trail.bucket.delivery_access(ConfigurationHistory.PREFIX),
                key=trail.key,
            )
            recording.append(history.recording)
            parts.append(history)
        if settings.account_security_hub:
            parts.append(SecurityHub(region, after=recording))
        if settings.account_guardduty:
            parts.append(ThreatDetection(region))
        add_outputs(
            self,
            {
                "environment_suffix": settings.environment_suffix,
                "aws_region": settings.aws_region,
                **{name: value for part in parts for name, value in part.outputs().items()},
            },
        )
