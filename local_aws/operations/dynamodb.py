"""DynamoDB: tables made with the items that another had at a moment. moto copies those of now.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery.Tutorial.html
"""

import copy
from datetime import UTC, datetime
from typing import Any

from moto.dynamodb.models.table import RestoredPITTable

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.references import key_of
from local_aws.refusals.names import TABLE
from local_aws.registry import Output, operation
from local_aws.repairs.dynamodb_history import history_of, window_of


@operation("dynamodb", "RestoreTableToPointInTime")
def restore_table(call: Call) -> Output:
    """The new table has the source's keys, indexes, capacity and encryption, unless the call overrides them.

    Its time to live, stream, tags, deletion protection and recovery are those of a new table, as in AWS.
    """
    given, tables = call.params, call.backend().tables
    source, target = _source(call), given["TargetTableName"]
    if not TABLE.fullmatch(target):
        text = f"TableName must be 3 to 255 characters of a-z, A-Z, 0-9, '_', '-' and '.', and is {target}"
        raise AwsError("ValidationException", text)
    if target in tables:
        raise AwsError("TableAlreadyExistsException", f"Table already exists: {target}")
    moment, items = _state(given, source)
    make: Any = RestoredPITTable
    table = make(target, account_id=call.account_id, region=call.region, source=source)
    table.items = items
    table.restore_date_time = moment
    table.billing_mode = given.get("BillingModeOverride") or source.billing_mode
    table.sse_specification = _encryption(call, source)
    if "ProvisionedThroughputOverride" in given:
        table.throughput = {**given["ProvisionedThroughputOverride"], "NumberOfDecreasesToday": 0}
    for parameter, attribute in (
        ("GlobalSecondaryIndexOverride", "global_indexes"),
        ("LocalSecondaryIndexOverride", "indexes"),
    ):
        if parameter in given:
            wanted = {index["IndexName"] for index in given[parameter]}
            setattr(table, attribute, [index for index in getattr(table, attribute) if index.name in wanted])
    tables[target] = table
    described: Output = table.describe()
    return described


def _source(call: Call) -> Any:
    """The table to restore, by its name or ARN. Raises AwsError."""
    given, tables = call.params, call.backend().tables
    name = given.get("SourceTableName") or given.get("SourceTableArn", "").rpartition("/")[2]
    if name not in tables:
        raise AwsError("TableNotFoundException", f"Table not found: {name}")
    return tables[name]


def _state(given: Output, source: Any) -> tuple[datetime, Any]:
    """The moment to restore, and the items of then. Raises AwsError."""
    history, wanted = history_of(source), given.get("RestoreDateTime")
    if history is None:
        text = f"Point in time recovery is not enabled for table '{source.name}'"
        raise AwsError("PointInTimeRecoveryUnavailableException", text)
    if (wanted is None) != bool(given.get("UseLatestRestorableTime")):
        text = "Specify either RestoreDateTime or UseLatestRestorableTime."
        raise AwsError("ValidationException", text)
    earliest, latest = window_of(source, history)
    moment = wanted.replace(tzinfo=UTC).timestamp() if wanted else latest
    if not earliest <= moment <= latest:
        raise AwsError(
            "InvalidRestoreTimeException",
            f"The restore time {_time(moment)} is not between {_time(earliest)} and {_time(latest)}.",
        )
    return datetime.fromtimestamp(moment, UTC).replace(tzinfo=None), history.items_at(moment)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _encryption(call: Call, source: Any) -> Any:
    """How the new table is encrypted. Raises AwsError."""
    wanted = call.params.get("SSESpecificationOverride")
    if wanted is None:
        return copy.deepcopy(source.sse_specification)
    key = wanted.get("KMSMasterKeyId")
    if key and key_of(call, key) is None:
        raise AwsError("ValidationException", f"KMS key {key} does not exist or is not enabled.")
    return dict(wanted)
