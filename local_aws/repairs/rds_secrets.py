"""Master passwords that AWS manages: in Secrets Manager and in the database, always the same one."""

import json
import secrets
import string
from typing import Any

from moto.rds.models import DBCluster, MasterUserSecret, RDSBackend

from local_aws import databases
from local_aws.calls import Call
from local_aws.databases.service import SECONDS
from local_aws.registry import Output, Plain, installs, patch, repairs

CHARACTERS = string.ascii_letters + string.digits + "!#$%&()*+-.:;<=>?[]^_{|}~"
"""Without those that RDS does not take in a password (/, @, quotes, space)."""

LENGTH = 32


@installs
def make_real_passwords() -> None:
    """moto has one password for all, always for a user `admin`, and rotates it to a version without a value."""
    patch(MasterUserSecret, _generate_secret_string=_new_credentials, rotate_secret=_rotate)


@installs
def keep_the_secret_of_a_managed_password() -> None:
    """moto makes a new secret whenever a modification says that the password is managed, though it is already.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBCluster.html: it turns management on "if the
    DB cluster doesn't manage the master user password".
    """
    plain = RDSBackend.modify_db_cluster

    def modify_db_cluster(backend: RDSBackend, kwargs: dict[str, Any]) -> DBCluster:
        cluster = backend.clusters.get(kwargs["db_cluster_identifier"])
        if kwargs.get("manage_master_user_password") and hasattr(cluster, "master_user_secret"):
            kwargs = {name: value for name, value in kwargs.items() if name != "manage_master_user_password"}
        return plain(backend, kwargs)

    patch(RDSBackend, modify_db_cluster=modify_db_cluster)


@repairs("secretsmanager", "RotateSecret")
def rotate_managed_secret(call: Call, plain: Plain) -> Output:
    """A secret of RDS's own is rotated by RDS, without a function. The password changes at once."""
    for cluster in call.backend("rds").clusters.values():
        managed = getattr(cluster, "master_user_secret", None)
        if managed and call.params["SecretId"] in (managed.secret.arn, managed.secret.name):
            managed.rotate_secret()
            databases.running().apply(cluster).result(SECONDS)
            return {"ARN": managed.secret.arn, "Name": managed.secret.name, "VersionId": _version(managed)}
    return plain()


def _new_credentials(managed: Any) -> str:
    password = "".join(secrets.choice(CHARACTERS) for _ in range(LENGTH))
    return json.dumps({"username": managed.resource.master_username, "password": password})


def _rotate(managed: Any) -> None:
    managed._status = "rotating"
    managed.secretsmanager.put_secret_value(
        secret_id=managed.secret.arn,
        secret_string=_new_credentials(managed),
        secret_binary=None,
        client_request_token=None,
        version_stages=["AWSCURRENT"],
    )


def _version(managed: Any) -> str:
    """The current version's id."""
    versions: dict[str, Any] = managed.secretsmanager.secrets[managed.secret.arn].versions
    return next(name for name, version in versions.items() if "AWSCURRENT" in version["version_stages"])
