"""Repairs of DynamoDB: global tables (version 2019.11.21), tags.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GlobalTables.html
"""

import copy
from typing import Any

from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import Table

from local_aws.calls import Call
from local_aws.registry import Output, Plain, installs, patch, repairs
from local_aws.repairs.dynamodb_replication import GlobalTable, global_table_of, writes_of

VERSION = "2019.11.21"
SHARED = ("attr", "billing_mode", "global_indexes", "throughput", "warm_throughput")
"""moto's attributes of what is the same in all replicas."""


@installs
def describe_replicas() -> None:
    """moto does not describe replicas. Each table names the others."""
    plain = Table.describe

    def describe(table: Any, base_key: str = "TableDescription") -> dict[str, Any]:
        shown, shared = plain(table, base_key), global_table_of(table)
        if shared:
            shown[base_key]["GlobalTableVersion"] = VERSION
            shown[base_key]["Replicas"] = [
                {"RegionName": region, "ReplicaStatus": "ACTIVE", **({"KMSMasterKeyId": key} if key else {})}
                for region, key in shared.keys.items()
                if region != table.region_name
            ]
        return shown

    patch(Table, describe=describe)


@installs
def replace_tags() -> None:
    """moto gives a table a second tag of the same key where the first is to change."""
    plain = DynamoDBBackend.tag_resource

    def tag_resource(backend: Any, arn: str, tags: dict[str, str]) -> None:
        backend.untag_resource(arn, list(tags))
        plain(backend, arn, tags)

    patch(DynamoDBBackend, tag_resource=tag_resource)


@repairs("dynamodb", "UpdateTable")
def update_replicas(call: Call, plain: Plain) -> Output:
    """moto does nothing for replicas."""
    plain()
    table = call.backend().get_table(call.params["TableName"])
    if call.params.get("SSESpecification"):
        table.sse_specification = call.params["SSESpecification"]
    for update in call.params.get("ReplicaUpdates") or []:
        for kind, given in update.items():
            _UPDATES[kind](table, given)
    shared = global_table_of(table)
    if shared:
        shared.keys[table.region_name] = _key(table)
        for replica in shared.others(table.region_name):
            vars(replica).update({name: copy.deepcopy(getattr(table, name)) for name in SHARED})
    described: Output = table.describe()
    return described


def _create(table: Any, given: dict[str, Any]) -> None:
    """A table of the same form in another Region, with the items that there are."""
    region, key = given["RegionName"], given.get("KMSMasterKeyId")
    encryption = table.sse_specification and {"Enabled": True, "SSEType": "KMS"}
    make: Any = Table
    replica = make(
        table.name,
        table.account_id,
        region,
        schema=copy.deepcopy(table.schema),
        attr=copy.deepcopy(table.attr),
        streams=dict(table.stream_specification),
        sse_specification={**encryption, "KMSMasterKeyId": key} if key else encryption,
    )
    for name in (*SHARED, "indexes", "items", "ttl"):
        setattr(replica, name, copy.deepcopy(getattr(table, name)))
    vars(replica)["writes"] = dict(writes_of(table))
    shared = global_table_of(table) or GlobalTable(table.account_id, table.name, table.region_name, _key(table))
    shared.keys[region] = key
    table.global_table = replica.global_table = shared
    dynamodb_backends[table.account_id][region].tables[table.name] = replica


def _update(table: Any, given: dict[str, Any]) -> None:
    """Another key for a replica. Throughput of their own is for provisioned replicas, which do not exist here."""
    key, region = given.get("KMSMasterKeyId"), given["RegionName"]
    if key:
        replica = dynamodb_backends[table.account_id][region].tables[table.name]
        replica.sse_specification = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
        table.global_table.keys[region] = key


def _delete(table: Any, given: dict[str, Any]) -> None:
    region = given["RegionName"]
    _leave(dynamodb_backends[table.account_id][region].tables.pop(table.name))


_UPDATES = {"Create": _create, "Update": _update, "Delete": _delete}


def _leave(table: Any) -> None:
    """Takes a table out of its global table. The last one that is left is no replica any more."""
    shared = table.global_table
    del shared.keys[table.region_name]
    left = list(shared.others(table.region_name))
    if len(left) == 1:
        left[0].global_table = None


def _key(table: Any) -> str | None:
    key: str | None = (table.sse_specification or {}).get("KMSMasterKeyId")
    return key


@repairs("dynamodb", "DeleteTable")
def leave_global_table(call: Call, plain: Plain) -> Output:
    """A replica that is deleted is a replica no more."""
    table = call.backend().tables.get(call.params["TableName"])
    output = plain()
    if global_table_of(table):
        _leave(table)
    return output


@repairs("dynamodb", "UpdateTimeToLive")
def share_time_to_live(call: Call, plain: Plain) -> Output:
    """Replicas have the same time to live."""
    output, table = plain(), call.backend().get_table(call.params["TableName"])
    shared = global_table_of(table)
    for replica in shared.others(call.region) if shared else ():
        replica.ttl = dict(table.ttl)
    return output
