"""Decides on logins with IAM tokens straight at a cluster
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html)."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from moto.rds.models import DBCluster, rds_backends

from local_aws.databases.iam_tokens import Entrance, verified_token
from local_aws.http_api.callers import identified

PREFIX, BETWEEN = "user=", ",cluster="
"""A bind's name has a user of the database and the cluster's address, in this form."""

log = logging.getLogger(__name__)


def opens(name: str, token: str) -> bool:
    """Whether a token opens a cluster for a user of its database; who has signed it must be allowed to.

    It must be for one of the cluster's endpoints: through which one a client came, PostgreSQL does not tell.
    """
    user, between, address = name.removeprefix(PREFIX).rpartition(BETWEEN)
    cluster = next((one for one in _clusters() if vars(one).get("local_address") == address), None)
    refusal = _refusal(cluster, user, token) if between and cluster else "there is no such cluster"
    if refusal:
        log.warning("%s: no login with IAM as %s: %s", address, user, refusal)
    return refusal is None


def _refusal(cluster: DBCluster, user: str, token: str) -> str | None:
    """Why a token does not open a cluster, or None."""
    own: Any = cluster
    if not own.iam_auth:
        return "IAM database authentication is not enabled"
    host = token.partition(":")[0]
    if host not in {own.local_address, own.local_reader_address, *(str(one.address) for one in cluster.members)}:
        return "the token is for another host"
    entrance = Entrance(host, int(cluster.port), user, cluster.region)
    caller = identified(lambda secret_of: verified_token(token, entrance, secret_of, datetime.now(UTC)))
    if caller is None:
        return "the token is not valid"
    resource = f"arn:aws:rds-db:{cluster.region}:{cluster.account_id}:dbuser:{cluster.db_cluster_resource_id}/{user}"
    return None if caller.may("rds-db:connect", resource) else f"{caller.arn} may not connect to {resource}"


def _clusters() -> Iterator[DBCluster]:
    backends: Any = rds_backends.iter_backends()
    for _, _, backend in backends:
        yield from list(backend.clusters.values())
