"""Replicates the items of DynamoDB's global tables between Regions, in the background; the last writer wins.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
"""

import copy
import os
import random
import time
from collections.abc import Iterator
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import StreamShard

from local_aws.functions.schedule import Schedule
from local_aws.registry import installs, patch
from local_aws.repairs.dynamodb_history import remember
from local_aws.turn import TURN

LONGEST_DELAY_SECONDS = float(os.environ.get("LOCAL_AWS_REPLICATION_SECONDS", "0.2"))
"""The longest wait between a write and its arrival in the other Regions; the shortest is a quarter of it."""

NEVER = (0, "")

Key = tuple[Any, Any]
"""Hash and range key of an item; the range key is None where the table has none."""


class GlobalTable:
    """The replicas of a table: `keys` has the KMS key of each by Region, `source` is where the first one was."""

    def __init__(self, account_id: str, name: str, source: str, key: str | None) -> None:
        self.account_id = account_id
        self.name = name
        self.source = source
        self.keys: dict[str, str | None] = {source: key}

    def __deepcopy__(self, memo: object) -> "GlobalTable":
        """moto copies tables to roll a transaction back; what they belong to stays the same."""
        return self

    def others(self, region: str) -> Iterator[Any]:
        """moto's tables in the other Regions."""
        for other in self.keys:
            table = dynamodb_backends[self.account_id][other].tables.get(self.name)
            if other != region and table is not None:
                yield table


def global_table_of(table: Any) -> GlobalTable | None:
    """What the table is a replica of, if it is one."""
    found: GlobalTable | None = getattr(table, "global_table", None)
    return found


def writes_of(table: Any) -> dict[Key, tuple[int, str]]:
    """When and in which Region each item was last written or deleted, by key. They live with moto's table."""
    found: dict[Key, tuple[int, str]] = vars(table).setdefault("writes", {})
    return found


@installs
def replicate_changes() -> None:
    """moto's tables know no replicas. Every change goes through the table's stream, as in AWS."""
    plain, schedule = StreamShard.add, Schedule(threads=1)

    def add(shard: Any, old: Any, new: Any) -> None:
        plain(shard, old, new)
        table, item = shard.table, old or new
        if global_table_of(table):
            key = item.hash_key, item.range_key
            region, name = table.region_name, table.name
            writes_of(table)[key] = (time.time_ns(), region)
            delay = random.uniform(LONGEST_DELAY_SECONDS / 4, LONGEST_DELAY_SECONDS)
            schedule.after(delay, lambda: _send(table.account_id, region, name, key))

    def _send(account_id: str, region: str, name: str, key: Key) -> None:
        with TURN:
            # What was written may have been rolled back or deleted since, with its table or alone.
            table = dynamodb_backends[account_id][region].tables.get(name)
            shared = global_table_of(table)
            if table is None or shared is None or key not in writes_of(table):
                return
            for replica in shared.others(region):
                if writes_of(replica).get(key, NEVER) < writes_of(table)[key]:
                    old, new = replica.get_item(*key), copy.deepcopy(table.get_item(*key))
                    _write(replica, key, new)
                    writes_of(replica)[key] = writes_of(table)[key]
                    if old or new:
                        plain(replica.stream_shard, old, new)

    patch(StreamShard, add=add)


def _write(table: Any, key: Key, item: Any) -> None:
    hash_key, range_key = key
    held, own = (table.items, hash_key) if range_key is None else (table.items[hash_key], range_key)
    if item is None:
        held.pop(own, None)
    else:
        held[own] = item
    remember(table, hash_key, range_key, item)
