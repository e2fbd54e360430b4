"""A resource with its tags, read and written where moto keeps them: each service's own operations see every change."""

from collections.abc import Mapping, MutableMapping
from typing import Any


class Tagged:
    """A resource whose tags are a dictionary: the attribute `key` of its `holder`."""

    __slots__ = ("arn", "holder", "key")

    def __init__(self, arn: str, holder: Any, key: str = "tags") -> None:
        self.arn = arn
        self.holder = holder
        self.key = key

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags as they are now."""
        found: Mapping[str, str] = getattr(self.holder, self.key) or {}
        return found

    def replace(self, tags: Mapping[str, str]) -> None:
        """Writes all tags anew."""
        held = getattr(self.holder, self.key)
        if isinstance(held, MutableMapping):
            # It may be of a class of its own, as ACM's is.
            held.clear()
            held.update(tags)
        else:
            setattr(self.holder, self.key, dict(tags))


class TaggedByKey(Tagged):
    """Tags that a service keeps apart from its resources, in the mapping `holder`: by ARN or by id."""

    __slots__ = ()

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags as they are now."""
        return self.holder.get(self.key) or {}

    def replace(self, tags: Mapping[str, str]) -> None:
        """Writes all tags anew."""
        self.holder[self.key] = dict(tags)


class TaggedByPairs(Tagged):
    """Tags that are a list of `{"Key": ..., "Value": ...}`."""

    __slots__ = ()
    names = ("Key", "Value")

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags as they are now."""
        key, value = self.names
        return {pair[key]: pair[value] for pair in getattr(self.holder, self.key) or ()}

    def replace(self, tags: Mapping[str, str]) -> None:
        """Writes all tags anew."""
        key, value = self.names
        setattr(self.holder, self.key, [{key: name, value: content} for name, content in tags.items()])


class TaggedByLowerPairs(TaggedByPairs):
    """Tags that are a list of `{"key": ..., "value": ...}`."""

    __slots__ = ()
    names = ("key", "value")


class TaggedByRecords(Tagged):
    """Tags of IAM policies and identity providers: pairs by their key in lower case."""

    __slots__ = ()

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags as they are now."""
        return {pair["Key"]: pair["Value"] for pair in getattr(self.holder, self.key).values()}

    def replace(self, tags: Mapping[str, str]) -> None:
        """Writes all tags anew."""
        records = {name.lower(): {"Key": name, "Value": content} for name, content in tags.items()}
        setattr(self.holder, self.key, records)


class TaggedThroughMoto(Tagged):
    """A resource that only moto's own tagging knows: its backend is the `holder`."""

    __slots__ = ("known",)

    def __init__(self, arn: str, backend: Any, known: Mapping[str, str]) -> None:
        super().__init__(arn, backend)
        self.known = known

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags as they were when moto was asked."""
        return self.known

    def replace(self, tags: Mapping[str, str]) -> None:
        """Writes what differs. Raises NotImplementedError where moto cannot."""
        dropped = [name for name in self.known if name not in tags]
        if dropped:
            self.holder.untag_resource(self.arn, dropped)
        changed = {name: content for name, content in tags.items() if self.known.get(name) != content}
        if changed:
            self.holder.tag_resource(self.arn, changed)
