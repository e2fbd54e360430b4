"""Repairs of GuardDuty: the features of a detector.

https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html
"""

from collections.abc import Iterable
from typing import Any

from moto.core.utils import unix_time

from local_aws.calls import Call
from local_aws.registry import Output, Plain, repairs

FOUNDATION = ("CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS")
"""What every detector reads, and nothing turns off."""
ON_BY_DEFAULT = (
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
)
OFF_BY_DEFAULT = ("EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING")


def _merged(features: Iterable[Output], changes: Iterable[Output]) -> list[Output]:
    """The features with the changes, by name."""
    found = {feature["name"]: dict(feature) for feature in features}
    for change in changes:
        found[change["name"]] = {**found.get(change["name"], {}), **change, "updatedAt": unix_time()}
    return list(found.values())


def _all(status: dict[str, Any]) -> list[Output]:
    return [{"name": name, "status": value, "updatedAt": unix_time()} for name, value in status.items()]


@repairs("guardduty", "CreateDetector")
def give_every_feature_a_status(call: Call, plain: Plain) -> Output:
    """moto knows only the features that were named. AWS turns all optional ones on if none is."""
    output = plain()
    detector = call.backend().detectors[output["DetectorId"]]
    default = "DISABLED" if detector.features else "ENABLED"
    known = dict.fromkeys(FOUNDATION, "ENABLED") | dict.fromkeys(ON_BY_DEFAULT, default)
    detector.features = _merged(_all(known | dict.fromkeys(OFF_BY_DEFAULT, "DISABLED")), detector.features)
    return output


@repairs("guardduty", "UpdateDetector")
def keep_other_features(call: Call, plain: Plain) -> Output:
    """moto forgets all features that an update does not name."""
    detector = call.backend().detectors.get(call.params["DetectorId"])
    before = list(detector.features) if detector else []
    output = plain()
    if detector and detector.features is not before:
        detector.features = _merged(before, detector.features)
    return output
