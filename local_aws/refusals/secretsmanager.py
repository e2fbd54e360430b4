"""What Secrets Manager refuses of replicas and moto accepts."""

from moto.secretsmanager.exceptions import OperationNotPermittedOnReplica
from moto.secretsmanager.models import ReplicaSecret

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.references import key_of
from local_aws.registry import refuses


@refuses("secretsmanager", "CreateSecret", "ReplicateSecretToRegions")
def missing_key_of_replica(call: Call) -> None:
    """A replica's key must exist in its own Region. AWS takes the call and calls the replica failed."""
    for replica in call.params.get("AddReplicaRegions") or []:
        key, region = replica.get("KmsKeyId"), replica["Region"]
        if key and key_of(call, key, region) is None:
            text = f"The KMS key {key} is not found or not enabled in {region}."
            raise AwsError("InvalidParameterException", text)


@refuses("secretsmanager", "UpdateSecret", "UpdateSecretVersionStage")
def changes_of_a_replica(call: Call) -> None:
    """A replica changes with its primary secret.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/standalone-secret.html
    """
    if isinstance(call.backend().secrets.get(call.params["SecretId"]), ReplicaSecret):
        raise OperationNotPermittedOnReplica
