"""Remembers how the items of DynamoDB's tables change, for as long as their point-in-time recovery is on.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html
"""

import copy
import time
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

from local_aws.calls import Call
from local_aws.registry import Output, Plain, installs, patch, repairs

PERIOD_DAYS = 35
"""How long AWS remembers, unless a table says otherwise."""


class History:
    """The items that a table had at first, and what each change made of an item: its copy, or None where it went."""

    def __init__(self, items: Any) -> None:
        self.began = time.time()
        self._first = copy.deepcopy(items)
        self._changes: list[tuple[float, Any, Any, Any]] = []

    def __deepcopy__(self, memo: object) -> "History":
        """moto copies tables to roll a transaction back. What is remembered does not change."""
        twin = copy.copy(self)
        twin._changes = list(self._changes)
        return twin

    def add(self, hash_key: Any, range_key: Any, item: Any) -> None:
        """Remembers what an item is from now on."""
        self._changes.append((time.time(), hash_key, range_key, copy.deepcopy(item)))

    def items_at(self, moment: float) -> Any:
        """The items as they were at a moment, in seconds since 1970, in the form in which moto's tables have them."""
        items = copy.deepcopy(self._first)
        for when, hash_key, range_key, item in self._changes:
            if when > moment:
                break
            held, key = (items, hash_key) if range_key is None else (items[hash_key], range_key)
            if item is None:
                held.pop(key, None)
            else:
                held[key] = item
        # What is given away is changed in place by updates.
        return copy.deepcopy(items)


def history_of(table: Any) -> History | None:
    """What is remembered of a table; None if its point-in-time recovery is off. It lives with moto's table."""
    found: History | None = vars(table).get("item_history")
    return found


def remember(table: Any, hash_key: Any, range_key: Any, item: Any) -> None:
    """Remembers what an item is from now on, if the table's point-in-time recovery is on."""
    history = history_of(table)
    if history:
        history.add(hash_key, range_key, item)


def window_of(table: Any, history: History) -> tuple[float, float]:
    """The earliest and the latest moment to which a table can be restored now, in seconds since 1970.

    In AWS the latest is typically five minutes ago, and here it is now.
    """
    settings, now = table.continuous_backups["PointInTimeRecoveryDescription"], time.time()
    days = int(settings.get("RecoveryPeriodInDays") or PERIOD_DAYS)
    return max(history.began, now - days * 24 * 60 * 60), now


@installs
def remember_changes() -> None:
    """All writes come through these; replicas of global tables tell of theirs themselves."""
    put, delete, update = Table.put_item, Table.delete_item, DynamoDBBackend.update_item

    def put_item(table: Any, *arguments: Any, **options: Any) -> Any:
        item = put(table, *arguments, **options)
        remember(table, item.hash_key, item.range_key, item)
        return item

    def delete_item(table: Any, hash_key: Any, range_key: Any) -> Any:
        item = delete(table, hash_key, range_key)
        if item is not None:
            remember(table, item.hash_key, item.range_key, None)
        return item

    def update_item(backend: Any, table_name: str, *arguments: Any, **options: Any) -> Any:
        item = update(backend, table_name, *arguments, **options)
        remember(backend.get_table(table_name), item.hash_key, item.range_key, item)
        return item

    patch(Table, put_item=put_item, delete_item=delete_item)
    patch(DynamoDBBackend, update_item=update_item)


@repairs("dynamodb", "UpdateContinuousBackups", "DescribeContinuousBackups")
def show_the_window(call: Call, plain: Plain) -> Output:
    """Begins to remember with recovery, and forgets with its end. moto's latest moment is that of its beginning."""
    output, table = plain(), call.backend().get_table(call.params["TableName"])
    description = output["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    if description["PointInTimeRecoveryStatus"] != "ENABLED":
        vars(table)["item_history"] = None
        return output
    history = history_of(table) or History(table.items)
    vars(table)["item_history"] = history
    earliest, latest = window_of(table, history)
    description |= {"EarliestRestorableDateTime": earliest, "LatestRestorableDateTime": latest}
    return output
