"""GuardDuty: threats that show in the account's events, traffic and logins."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.guardduty_detector import GuarddutyDetector
from cdktf_cdktf_provider_aws.guardduty_detector_feature import GuarddutyDetectorFeature

from lib.region import Region

PUBLISHING_FREQUENCY = "FIFTEEN_MINUTES"
# What watches parts that the architectures have is on; what watches others is off, since each is billed by itself.
# https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DetectorFeatureConfiguration.html
FEATURES = {
    "S3_DATA_EVENTS": "ENABLED",
    "RDS_LOGIN_EVENTS": "ENABLED",
    "LAMBDA_NETWORK_LOGS": "ENABLED",
    "EKS_AUDIT_LOGS": "DISABLED",
    "EBS_MALWARE_PROTECTION": "DISABLED",
}


class ThreatDetection:
    """The Region's detector. AWS takes one for each account and Region: a second is refused."""

    def __init__(self, region: Region) -> None:
        self.detector = region.add(
            GuarddutyDetector, "detector", enable=True, finding_publishing_frequency=PUBLISHING_FREQUENCY
        )
        for name, status in FEATURES.items():
            region.add(
                GuarddutyDetectorFeature,
                f"detector_{name.lower()}",
                detector_id=self.detector.id,
                name=name,
                status=status,
            )

    def outputs(self) -> dict[str, str]:
        return {"guardduty_detector_id": self.detector.id}
