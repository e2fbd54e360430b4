"""What DynamoDB refuses of global tables and moto accepts.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_reqs_bestpractices.html
"""

from typing import Any

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.references import key_of
from local_aws.registry import refuses
from local_aws.repairs.dynamodb_replication import global_table_of

MANAGED_KEY = "alias/aws/dynamodb"


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)


def _table(call: Call) -> Any:
    """The table, or None where there is none, which moto refuses."""
    tables = call.backend().tables
    name = call.params["TableName"]
    return tables.get(name) or next((table for table in tables.values() if table.table_arn == name), None)


@refuses("dynamodb", "UpdateTable")
def updates_of_replicas(call: Call) -> None:
    """Replicas that cannot be made, or do not exist."""
    table = _table(call)
    for update in call.params.get("ReplicaUpdates") or [] if table else []:
        for kind, given in update.items():
            region = given["RegionName"]
            if region == table.region_name:
                raise _invalid("The table's own Region cannot be changed through ReplicaUpdates.")
            exists = region in getattr(global_table_of(table), "keys", ())
            if kind == "Create":
                _check_new(call, table, given)
            elif not exists:
                raise _invalid(f"Replica specified in the Replica {kind} action was not found: {region}")
            elif kind == "Delete" and call.backend(region=region).tables[table.name].deletion_protection_enabled:
                raise _invalid(f"Deletion protection is enabled for the replica in {region}.")


def _check_new(call: Call, table: Any, given: dict[str, Any]) -> None:
    region, key = given["RegionName"], given.get("KMSMasterKeyId")
    stream = call.params.get("StreamSpecification") or table.stream_specification or {}
    if table.name in call.backend(region=region).tables:
        raise _invalid(f"A table with the name {table.name} already exists in {region}.")
    if stream.get("StreamViewType") != "NEW_AND_OLD_IMAGES":
        raise _invalid("A global table needs a stream with the view type NEW_AND_OLD_IMAGES.")
    if (call.params.get("BillingMode") or table.billing_mode) != "PAY_PER_REQUEST":
        raise _invalid("Table write capacity should either be Pay-Per-Request or AutoScaled.")
    if key and key_of(call, key, region) is None:
        raise _invalid(f"KMS key {key} does not exist or is not enabled in {region}.")
    own = key_of(call, (table.sse_specification or {}).get("KMSMasterKeyId") or "")
    if bool(key) != bool(own and MANAGED_KEY not in own.aliases):
        raise _invalid("All replicas must use the same type of KMS key.")


@refuses("dynamodb", "UpdateTable")
def stream_that_replication_needs(call: Call) -> None:
    """The stream of a replica stays on."""
    stream = call.params.get("StreamSpecification")
    if stream and not stream.get("StreamEnabled") and global_table_of(_table(call)):
        raise _invalid("The stream of a global table cannot be disabled.")


@refuses("dynamodb", "DeleteTable")
def table_with_replicas(call: Call) -> None:
    """The table that others were made from goes last. In AWS this lasts for a day after the last was made."""
    shared = global_table_of(_table(call))
    if shared and shared.source == call.region:
        raise _invalid(
            "Replica cannot be deleted because it has acted as a source region for new replica(s) being added to the "
            "table in the last 24 hours."
        )
