"""Clusters as moto holds them, read as plans, and the parts of them that are this computer's."""

import json
from collections.abc import Iterator
from typing import Any

from moto.rds.models import DBCluster, DBInstanceClustered, RDSBackend, rds_backends

from local_aws.databases.errors import DatabaseError
from local_aws.databases.global_databases import global_cluster_of, source_of
from local_aws.databases.plan import ClusterPlan, ProxyPlan, Source

MYSQL, POSTGRESQL = "aurora-mysql", "aurora-postgresql"
PORTS = {MYSQL: 3306, POSTGRESQL: 5432}
"""Each engine's own port."""

FAMILY = "MYSQL"
PROXY_PORT = PORTS[MYSQL]
"""Proxies are those of MySQL here. A proxy has its family's own port, whatever the database's is."""


def has_database(cluster: DBCluster) -> bool:
    """Whether a cluster has processes here: Aurora."""
    return cluster.engine in PORTS


def cluster_by_arn(arn: str) -> DBCluster:
    """The cluster with this ARN, whatever its Region. Raises DatabaseError."""
    backends: Any = rds_backends.iter_backends()
    clusters = (cluster for _, _, backend in backends for cluster in backend.clusters.values())
    found: DBCluster | None = next((cluster for cluster in clusters if cluster.arn == arn), None)
    if found is None:
        raise DatabaseError(f"There is no cluster {arn}")
    return found


def instance_by_arn(arn: str) -> DBInstanceClustered:
    """The instance with this ARN, whatever its Region. Raises DatabaseError."""
    backends: Any = rds_backends.iter_backends()
    instances = (instance for _, _, backend in backends for instance in backend.databases.values())
    found = next((instance for instance in instances if instance.arn == arn), None)
    if not isinstance(found, DBInstanceClustered):
        raise DatabaseError(f"There is no instance {arn} of a cluster")
    return found


def plan_of(cluster: DBCluster) -> ClusterPlan:
    """What the cluster should be now."""
    own: Any = cluster
    members: list[DBInstanceClustered] = cluster.members
    addresses = [str(member.address) for member in members]
    writer = next((str(member.address) for member in members if member.is_cluster_writer), None)
    global_cluster: Any = global_cluster_of(cluster)
    primary: Any = source_of(cluster)
    return ClusterPlan(
        name=cluster.db_cluster_identifier,
        address=own.local_address,
        reader_address=own.local_reader_address,
        port=int(cluster.port),
        database=cluster.database_name,
        username=str(cluster.master_username),
        password=master_password(primary or cluster),
        # The writer is the first to be started: the others follow it.
        instances=tuple(sorted(addresses, key=lambda address: address != writer)),
        writer=writer,
        stopped=cluster._status == "stopped",
        proxies=tuple(_proxies_of(cluster)),
        source=Source(primary.local_address, int(primary.port)) if primary else None,
        global_address=global_cluster.local_address if global_cluster else None,
    )


def _proxies_of(cluster: DBCluster) -> Iterator[ProxyPlan]:
    for proxy in cluster.backend.db_proxies.values():
        targets = proxy.proxy_target_groups["default"].targets
        if (
            proxy.engine_family == FAMILY
            and cluster.engine == MYSQL
            and cluster.db_cluster_identifier in {target.rds_resource_id for target in targets}
        ):
            yield ProxyPlan(f"{cluster.region}/{proxy.db_proxy_name}", proxy.endpoint, PROXY_PORT)


def master_password(cluster: DBCluster) -> str:
    """The master user's password: from its secret in Secrets Manager, if AWS manages it."""
    if not cluster.manage_master_user_password:
        return cluster._master_user_password
    return credentials(cluster.backend, cluster.master_user_secret.secret_arn)["password"]


def credentials(backend: RDSBackend, secret: str) -> dict[str, str]:
    """The user name and the password that a secret holds. Raises moto's errors of Secrets Manager."""
    manager: Any = backend.secretsmanager
    value = manager.get_secret_value(secret_id=secret, version_id=None, version_stage="AWSCURRENT")
    found: dict[str, str] = json.loads(value["SecretString"])
    return found
