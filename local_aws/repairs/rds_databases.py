"""RDS with databases behind it: processes that do what the calls say."""

import logging
from concurrent.futures import Future

from moto.rds.models import DBInstanceClustered

from local_aws import databases
from local_aws.calls import Call
from local_aws.databases.aurora import has_database
from local_aws.databases.service import SECONDS
from local_aws.registry import Output, Plain, repairs

log = logging.getLogger(__name__)


@repairs("rds", "CreateDBInstance")
def start_instance(call: Call, plain: Plain) -> Output:
    """The instance is `creating` until its database answers; `failed` if it does not come up."""
    output = plain()
    instance = call.backend().databases[call.params["DBInstanceIdentifier"]]
    if not isinstance(instance, DBInstanceClustered) or not has_database(instance.cluster):
        return output

    def started(done: "Future[None]") -> None:
        error = done.exception()
        if error:
            log.error("%s did not start: %s", instance.db_instance_identifier, error)
        if instance.status == "creating":
            instance.status = "failed" if error else "available"
            databases.running().replace_lost_writer(instance.cluster)

    databases.running().apply(instance.cluster).add_done_callback(started)
    return output


@repairs("rds", "DeleteDBInstance", "ModifyDBCluster", "FailoverDBCluster", "StartDBCluster", "StopDBCluster")
@repairs("rds", "CreateDBProxy", "ModifyDBProxy", "DeleteDBProxy")
@repairs("rds", "RegisterDBProxyTargets", "DeregisterDBProxyTargets")
def apply_changes(call: Call, plain: Plain) -> Output:
    """What runs follows: the writer, the master user's password, what is stopped or gone, where proxies lead."""
    output = plain()
    if call.params.get("NewDBClusterIdentifier"):
        # It starts again anyway.
        return output
    changes = [databases.running().apply(cluster) for cluster in call.backend().clusters.values()]
    for change in changes:
        change.result(SECONDS)
    return output


@repairs("rds", "RebootDBInstance")
def restart_instance(call: Call, plain: Plain) -> Output:
    """moto does nothing. Here the database is down for a moment, and its connections are lost."""
    output = plain()
    instance = call.backend().databases[call.params["DBInstanceIdentifier"]]
    if isinstance(instance, DBInstanceClustered) and has_database(instance.cluster):
        databases.running().reboot(instance)
    return output


@repairs("rds", "RegisterDBProxyTargets", "DescribeDBProxyTargets")
def show_port_of_targets(call: Call, plain: Plain) -> Output:
    """moto shows PostgreSQL's port."""
    output, backend = plain(), call.backend()
    for target in output.get("DBProxyTargets") or output.get("Targets") or []:
        cluster = backend.clusters.get(target.get("RdsResourceId"))
        if cluster is not None:
            target["Port"] = int(cluster.port)
    return output
