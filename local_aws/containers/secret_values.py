"""Values of a container's secrets, which ECS fetches with the execution role before it starts the container.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
"""

import json
from typing import Any

from moto.core.exceptions import JsonRESTError, ServiceException
from moto.kms.models import kms_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ssm_backends

from local_aws.containers.errors import TaskStartError
from local_aws.functions.execution_role import role_allows

CODE = "ResourceInitializationError"
UNABLE = "unable to pull secrets or registry auth: execution resource retrieval failed"


def secret_value(value_from: str, execution_role: str, account: str, region: str) -> str:
    """The value that `valueFrom` names: a parameter by name or ARN, a secret by ARN. Raises TaskStartError."""
    try:
        if value_from.startswith("arn:") and ":secretsmanager:" in value_from:
            return _secret(value_from, execution_role)
        return _parameter(value_from, execution_role, account, region)
    except (ServiceException, JsonRESTError) as error:
        raise TaskStartError(CODE, f"{UNABLE}: {value_from}: {error}") from None


def _secret(value_from: str, role: str) -> str:
    """Of `arn:aws:secretsmanager:region:account:secret:name[:json-key:version-stage:version-id]`."""
    parts = value_from.split(":")
    region, account = parts[3:5]
    key, stage, version = (*parts[7:], "", "", "")[:3]
    backend = secretsmanager_backends[account][region]
    arn = ":".join(parts[:7])
    secret: Any = backend.secrets.get(arn)
    _require(role, "secretsmanager:GetSecretValue", secret.arn if secret else arn)
    found = backend.get_secret_value(arn, version, stage)
    _require_key(role, getattr(secret, "kms_key_id", None), account, region)
    text = str(found["SecretString"])
    if not key:
        return text
    try:
        return str(json.loads(text)[key])
    except (ValueError, KeyError, TypeError):
        raise TaskStartError(
            CODE, f"{UNABLE}: retrieved secret from Secrets Manager did not contain json key {key}"
        ) from None


def _parameter(value_from: str, role: str, account: str, region: str) -> str:
    if value_from.startswith("arn:"):
        _, _, _, region, account, name = value_from.split(":", 5)
        name = name.removeprefix("parameter")
    else:
        name = f"/{value_from.removeprefix('/')}"
    _require(role, "ssm:GetParameters", f"arn:aws:ssm:{region}:{account}:parameter{name}")
    backend = ssm_backends[account][region]
    found = backend.get_parameters([name, name.removeprefix("/")])
    if not found:
        raise TaskStartError(CODE, f"{UNABLE}: invalid ssm parameters: {name}")
    parameter: Any = next(iter(found.values()))
    if parameter.parameter_type == "SecureString":
        _require_key(role, parameter.keyid, account, region)
    return str(parameter.response_object(decrypt=True, region=region)["Value"])


def _require(role: str, action: str, resource: str) -> None:
    if not role_allows(role, action, resource):
        raise TaskStartError(CODE, f"{UNABLE}: {role} is not authorized to perform: {action} on resource: {resource}")


def _require_key(role: str, key_id: str | None, account: str, region: str) -> None:
    """A key of one's own needs a permission, by the role or by the key's policy."""
    backend = kms_backends[account][region]
    if not key_id or "alias/aws/" in key_id:
        return
    key: Any = backend.keys.get(backend.any_id_to_key_id(key_id))
    if key and role not in str(key.policy):
        _require(role, "kms:Decrypt", key.arn)
