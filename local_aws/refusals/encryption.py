"""KMS: what AWS refuses and moto accepts about keys, and about using them in other services."""

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.functions.policy import Access, allows, statements_of
from local_aws.references import key_of
from local_aws.registry import refuses

WINDOW_DAYS = range(7, 31)


@refuses("kms", "ScheduleKeyDeletion")
def deletion_outside_window(call: Call) -> None:
    """A key waits 7 to 30 days for its deletion."""
    days = call.params.get("PendingWindowInDays", WINDOW_DAYS[-1])
    if days not in WINDOW_DAYS:
        raise AwsError("ValidationException", f"PendingWindowInDays must be between 7 and 30, and is {days}")


@refuses("kms", "ScheduleKeyDeletion")
def key_that_waits_for_its_deletion(call: Call) -> None:
    """A deletion is scheduled once; moto puts it off each time."""
    backend = call.backend()
    key = backend.keys.get(backend.get_key_id(call.params["KeyId"]))
    if key is not None and key.key_state in ("PendingDeletion", "PendingReplicaDeletion"):
        raise AwsError("KMSInvalidStateException", f"{key.arn} is pending deletion.")


@refuses("logs", "CreateLogGroup", "AssociateKmsKey")
def key_closed_to_logs(call: Call) -> None:
    """The key's policy must let CloudWatch Logs use it for this log group.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    identity = call.params.get("kmsKeyId")
    if not identity:
        return
    key, name = key_of(call, identity), call.params.get("logGroupName", "")
    context = {
        "kms:encryptioncontext:aws:logs:arn": call.arn(f"log-group:{name}"),
        "aws:sourceaccount": call.account_id,
    }
    logs = Access("kms:Encrypt", key.arn if key else "", f"logs.{call.region}.amazonaws.com", context)
    if key is None or not allows(statements_of(key.policy), logs, resource_policy=True):
        raise AwsError("InvalidParameterException", "The specified KMS Key Id could not be found or is not accessible.")


@refuses("dynamodb", "CreateTable")
def missing_key_of_table(call: Call) -> None:
    """The table's key must exist."""
    identity = (call.params.get("SSESpecification") or {}).get("KMSMasterKeyId")
    if identity and key_of(call, identity) is None:
        raise AwsError("ValidationException", f"KMS key {identity} does not exist or is not enabled")


@refuses("backup", "CreateBackupVault")
def missing_key_of_vault(call: Call) -> None:
    """The vault's key must exist."""
    identity = call.params.get("EncryptionKeyArn")
    if identity and key_of(call, identity) is None:
        raise AwsError("InvalidParameterValueException", f"Invalid KMS key: {identity}")


@refuses("ssm", "PutParameter")
def missing_key_of_parameter(call: Call) -> None:
    """A SecureString's key must exist."""
    identity = call.params.get("KeyId")
    if call.params.get("Type") == "SecureString" and identity and key_of(call, identity) is None:
        raise AwsError("InvalidKeyId", f"Key {identity} is not found or not enabled")
