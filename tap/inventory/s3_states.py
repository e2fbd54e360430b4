"""States in a bucket, as Terraform's backend `s3` keeps and locks them: `{key}.tflock` beside `{key}`.

https://developer.hashicorp.com/terraform/language/backend/s3#state-locking
"""

from __future__ import annotations

import getpass
import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from lib.input_rules import SUFFIX_MAX_LENGTH, SUFFIX_PATTERN
from lib.provider_options import state_key
from tap.account import Account
from tap.inventory.errors import InventoryError
from tap.inventory.listing import asking
from tap.inventory.state import State
from tap.inventory.state_file import parse_state
from tap.inventory.stored_state import StoredState, the_one
from tap.terraform_errors import LockInfo

PREFIX = "payment/"
KEY = re.compile(rf"{PREFIX}(?P<architecture>[a-z][a-z-]*)/(?P<suffix>[^/]+)\.tfstate")
LOCK_SUFFIX = ".tflock"


class S3States:
    """The states in `bucket`, which is in `region`."""

    def __init__(self, account: Account, bucket: str, region: str) -> None:
        self.account = account
        self.bucket = bucket
        self.region = region

    def list(self) -> list[StoredState]:
        """All states under `payment/`, page by page, sorted by suffix."""
        return sorted(self._listed(PREFIX), key=lambda stored: (stored.suffix, stored.architecture))

    def find(self, suffix: str) -> StoredState | None:
        """The state of an environment; of several architectures' the one that is not empty.

        Raises `InventoryError` if more than one is not: one suffix is one environment.
        """
        found = [stored for architecture in self._architectures() for stored in self._exact(architecture, suffix)]
        return the_one(found, self.read_stored)

    def read(self, suffix: str) -> State | None:
        """The state of an environment, None if there is none."""
        stored = self.find(suffix)
        return self.read_stored(stored) if stored else None

    def read_stored(self, stored: StoredState) -> State:
        """A state of the list; an empty one if it was removed since."""
        body = self._get(state_key(stored.architecture, stored.suffix))
        return parse_state(body, stored.location) if body is not None else State(0, "")

    def lock(self, suffix: str) -> LockInfo | None:
        """Who holds the state, None if nobody does. The lock comes before the state when an environment is new."""
        for architecture in self._architectures():
            key = state_key(architecture, suffix) + LOCK_SUFFIX
            body = self._get(key)
            if body is not None:
                return parse_lock_file(body, f"s3://{self.bucket}/{key}")
        return None

    def remove_empty(self, suffix: str) -> bool:
        """Remove the state if no resource is left in it and nobody holds it. It is locked meanwhile."""
        stored = self.find(suffix)
        if stored is None:
            return False
        key = state_key(stored.architecture, suffix)
        with self._locked(key) as locked:
            if not locked or not self.read_stored(stored).is_empty:
                return False
            with asking("s3.DeleteObject", self._place(key)):
                self._s3.delete_object(Bucket=self.bucket, Key=key)
        return True

    @contextmanager
    def _locked(self, key: str) -> Iterator[bool]:
        """Hold the lock as Terraform would, or yield False: whoever comes first writes the file, the others get 412."""
        who = f"{getpass.getuser()}@{socket.gethostname()}"
        now = datetime.now(UTC).isoformat()
        path = f"{self.bucket}/{key}"
        lock = {"ID": str(uuid4()), "Operation": "remove-empty", "Who": who, "Created": now, "Path": path, "Info": ""}
        try:
            with asking("s3.PutObject", self._place(key + LOCK_SUFFIX)):
                self._s3.put_object(
                    Bucket=self.bucket, Key=key + LOCK_SUFFIX, Body=json.dumps(lock).encode(), IfNoneMatch="*"
                )
        except InventoryError as error:
            if _code(error.__cause__) in ("PreconditionFailed", "ConditionalRequestConflict", "412", "409"):
                yield False
                return
            raise
        try:
            yield True
        finally:
            with asking("s3.DeleteObject", self._place(key + LOCK_SUFFIX)):
                self._s3.delete_object(Bucket=self.bucket, Key=key + LOCK_SUFFIX)

    def _architectures(self) -> Iterator[str]:
        """The architectures that have states: the folders below `payment/`."""
        with asking("s3.ListObjectsV2", self._place(PREFIX)):
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=PREFIX, Delimiter="/")
            folders = [folder["Prefix"] for page in pages for folder in page.get("CommonPrefixes", [])]
        return (folder.removeprefix(PREFIX).rstrip("/") for folder in folders)

    def _exact(self, architecture: str, suffix: str) -> Iterator[StoredState]:
        return (found for found in self._listed(state_key(architecture, suffix)) if found.suffix == suffix)

    def _listed(self, prefix: str) -> Iterator[StoredState]:
        with asking("s3.ListObjectsV2", self._place(prefix)):
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
            objects = [item for page in pages for item in page.get("Contents", [])]
        for item in objects:
            match = KEY.fullmatch(item["Key"])
            if match and len(match["suffix"]) <= SUFFIX_MAX_LENGTH and SUFFIX_PATTERN.fullmatch(match["suffix"]):
                location = f"s3://{self.bucket}/{item['Key']}"
                yield StoredState(match["suffix"], match["architecture"], location, item["Size"], item["LastModified"])

    def _get(self, key: str) -> bytes | None:
        try:
            with asking("s3.GetObject", self._place(key)):
                body: bytes = self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except InventoryError as error:
            if _code(error.__cause__) == "NoSuchKey":
                return None
            raise
        return body

    def _place(self, key: str) -> str:
        return f"for s3://{self.bucket}/{key}"

    @property
    def _s3(self) -> Any:
        return self.account.client("s3", self.region)


def parse_lock_file(text: str | bytes, location: str) -> LockInfo:
    """What Terraform's lock file says. Raises `InventoryError` for a file that says nothing."""
    try:
        lock = json.loads(text)
        return LockInfo(
            id=lock["ID"],
            path=lock.get("Path") or location,
            operation=str(lock.get("Operation", "")).removeprefix("OperationType").lower(),
            who=lock.get("Who", ""),
            created=lock.get("Created", ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InventoryError(
            f"{location} is no lock of Terraform: see who works on this state, then remove it"
        ) from None


def _code(error: BaseException | None) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""
