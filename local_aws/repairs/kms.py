"""Repairs of KMS: rotation, the form of multi-Region keys' ids, and ARNs of another Region."""

import re
from typing import Any

import moto.kms.models
from moto.kms.models import KmsBackend
from moto.kms.responses import KmsResponse
from moto.kms.utils import generate_key_id as plain_generate
from moto.moto_api._internal import mock_random

from local_aws.calls import Call
from local_aws.operations.kms import called_key, primary_of
from local_aws.registry import Output, Plain, installs, patch, repairs

DEFAULT_ROTATION_DAYS = 365
MULTI_REGION_ID = re.compile(r"mrk-[0-9a-f]{32}")


@installs
def shape_multi_region_ids_as_aws() -> None:
    """moto's ids of multi-Region keys are longer than what its ciphertexts have room for, so that nothing decrypts.

    https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
    """
    plain_validate = KmsResponse._validate_cmk_id

    def generate_key_id(multi_region: bool = False) -> str:
        return f"mrk-{mock_random.uuid4().hex}" if multi_region else plain_generate()

    def validate_cmk_id(response: Any, identity: str) -> None:
        known = MULTI_REGION_ID.fullmatch(identity)
        plain_validate(response, response._display_arn(identity) if known else identity)

    vars(moto.kms.models)["generate_key_id"] = generate_key_id
    patch(KmsResponse, _validate_cmk_id=validate_cmk_id)


@installs
def find_only_arns_of_the_region() -> None:
    """moto looks at the id alone, so that the ARN of a key in another Region means the replica in this one."""
    plain_key, plain_alias = KmsBackend.get_key_id, KmsBackend.get_alias_name

    def get_key_id(backend: Any, identity: str) -> str:
        return plain_key(identity) if _is_of(backend, identity) else identity

    def get_alias_name(backend: Any, identity: str) -> str:
        return plain_alias(identity) if _is_of(backend, identity) else identity

    patch(KmsBackend, get_key_id=get_key_id, get_alias_name=get_alias_name)


def _is_of(backend: Any, identity: str) -> bool:
    return not identity.startswith("arn:") or identity.split(":")[3] == backend.region_name


@repairs("kms", "EnableKeyRotation")
def keep_rotation_period(call: Call, plain: Plain) -> Output:
    """moto forgets the period."""
    output = plain()
    called_key(call).rotation_period = call.params.get("RotationPeriodInDays", DEFAULT_ROTATION_DAYS)
    return output


@repairs("kms", "GetKeyRotationStatus")
def show_rotation_period(call: Call, plain: Plain) -> Output:
    """moto does not show the period. A replica has its primary's rotation."""
    output, key = plain(), called_key(call)
    rotated = primary_of(key)
    output["KeyRotationEnabled"] = rotated.key_rotation_status
    if output["KeyRotationEnabled"]:
        output |= {"KeyId": key.id, "RotationPeriodInDays": getattr(rotated, "rotation_period", DEFAULT_ROTATION_DAYS)}
    return output


@repairs("kms", "ScheduleKeyDeletion")
def wait_for_replicas(call: Call, plain: Plain) -> Output:
    """moto deletes a primary key before its replicas. In AWS the window begins when the last replica is gone.

    https://docs.aws.amazon.com/kms/latest/developerguide/deleting-mrks.html
    """
    output, key = plain(), called_key(call)
    days = call.params.get("PendingWindowInDays", 30)
    if key.multi_region and primary_of(key) is key and key.multi_region_configuration["ReplicaKeys"]:
        key.key_state, key.deletion_date, key.window_after_replicas = "PendingReplicaDeletion", None, days
        output.pop("DeletionDate")
    return {**output, "KeyId": key.arn, "KeyState": key.key_state, "PendingWindowInDays": days}


@repairs("kms", "DescribeKey")
def show_window_after_replicas(call: Call, plain: Plain) -> Output:
    """moto knows no window without a date."""
    output, metadata = plain(), {}
    if output["KeyMetadata"]["KeyState"] == "PendingReplicaDeletion":
        metadata["PendingDeletionWindowInDays"] = called_key(call).window_after_replicas
    return {"KeyMetadata": {**output["KeyMetadata"], **metadata}}
