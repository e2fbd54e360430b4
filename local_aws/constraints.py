"""Checks a call's parameters against the limits in AWS's service model: required, length, range, pattern, choice."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from local_aws.calls import Call
from local_aws.errors import AwsError

CODES = {
    "ec2": "InvalidParameterValue",
    "query": "ValidationError",
    "rest-xml": "InvalidInput",
}
"""Error code by protocol, where it is not ValidationException."""

TOKENS = frozenset({"marker", "nexttoken", "paginationtoken"})
"""Parameters, in lower case, that hand back what the page before gave: moto's are longer than AWS's."""


def check(call: Call) -> None:
    """Raises AwsError for the first parameter that the service model does not allow. Bodies of objects are not read."""
    if call.service.service_name == "s3" or call.model.input_shape is None:
        return
    params = {name: value for name, value in call.params.items() if name.lower() not in TOKENS}
    fault = next(_faults(call.model.input_shape, params, ""), None)
    if fault:
        code = CODES.get(call.protocol, "ValidationException")
        raise AwsError(code, f"1 validation error detected: {fault}")


def _faults(shape: Any, value: Any, path: str) -> Iterator[str]:
    """Faults of a value and of all that it holds."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        for name in shape.required_members:
            if value.get(name) is None:
                yield _text("null", f"{path}.{name}", "Member must not be null")
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from _faults(member, value[name], f"{path}.{name}")
    elif kind == "list" and isinstance(value, list):
        yield from _limits(shape, len(value), value, path, "length")
        for number, item in enumerate(value, 1):
            yield from _faults(shape.member, item, f"{path}.{number}.member")
    elif kind == "map" and isinstance(value, dict):
        for key, item in value.items():
            yield from _faults(shape.key, key, f"{path}.key")
            yield from _faults(shape.value, item, f"{path}.{key}")
    elif kind == "string" and isinstance(value, str):
        yield from _limits(shape, len(value), value, path, "length")
        yield from _form(shape, value, path)
    elif kind in ("integer", "long") and isinstance(value, int):
        yield from _limits(shape, value, value, path, "value")


def _limits(shape: Any, size: int, value: Any, path: str, what: str) -> Iterator[str]:
    if size < shape.metadata.get("min", size):
        yield _text(value, path, f"Member must have {what} greater than or equal to {shape.metadata['min']}")
    if size > shape.metadata.get("max", size):
        yield _text(value, path, f"Member must have {what} less than or equal to {shape.metadata['max']}")


def _form(shape: Any, value: str, path: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield _text(value, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    pattern = _pattern(shape.metadata.get("pattern", ""))
    if pattern and not pattern.search(value):
        yield _text(value, path, f"Member must satisfy regular expression pattern: {pattern.pattern}")


@cache
def _pattern(source: str) -> re.Pattern[str] | None:
    """The pattern, or None where there is none or Python does not know its syntax (Java's character properties)."""
    try:
        return re.compile(rf"^(?:{source})$", re.DOTALL) if source else None
    except re.error:
        return None


def _text(value: Any, path: str, constraint: str) -> str:
    return f"Value '{value}' at '{path.lstrip('.')}' failed to satisfy constraint: {constraint}"
