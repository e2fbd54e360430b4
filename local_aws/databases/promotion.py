"""How a secondary cluster of a global database becomes a primary.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html
"""

import logging

import psycopg
import pymysql
from moto.rds.models import DBCluster, GlobalCluster

from local_aws.databases.errors import DatabaseError
from local_aws.databases.global_databases import leave, make_primary, primary_of
from local_aws.databases.service import SECONDS, DatabaseService

FAULTS = (DatabaseError, pymysql.MySQLError, psycopg.Error)
"""What says that a database could not do its part."""

log = logging.getLogger(__name__)


def change_primary(
    service: DatabaseService, global_cluster: GlobalCluster, target: DBCluster, *, allow_data_loss: bool
) -> None:
    """Makes a secondary the primary, and the primary a secondary that follows it.

    A switchover first takes over all that was committed, or leaves everything as it was and raises DatabaseError. A
    failover that allows data loss takes over what it can; the other members are made anew, from the new primary.
    """
    primary = primary_of(global_cluster)
    if primary:
        try:
            service.take_over(target, primary, freeze=True)
        except FAULTS as error:
            if not allow_data_loss:
                service.apply(primary).result(SECONDS)
                raise DatabaseError(f"{target.arn} could not take over from {primary.arn}: {error}") from error
            log.warning("%s takes over from %s with loss of data: %s", target.arn, primary.arn, error)
    make_primary(global_cluster, target)
    service.apply(target).result(SECONDS)
    for member in global_cluster.members:
        if member is not target:
            if allow_data_loss:
                service.discard(member)
            service.apply(member).result(SECONDS)


def detach(service: DatabaseService, global_cluster: GlobalCluster, cluster: DBCluster) -> None:
    """Makes a member stand alone; a secondary has taken over what it could before that, and takes writes after it."""
    primary = primary_of(global_cluster)
    if primary and primary is not cluster:
        try:
            service.take_over(cluster, primary, freeze=False)
        except FAULTS as error:
            log.warning("%s leaves %s with loss of data: %s", cluster.arn, global_cluster.arn, error)
        leave(global_cluster, cluster)
        service.apply(primary).result(SECONDS)
    else:
        leave(global_cluster, cluster)
    service.apply(cluster).result(SECONDS)
