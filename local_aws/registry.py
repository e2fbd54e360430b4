"""Where operations, repairs and refusals are registered, by service and operation."""

from collections.abc import Callable
from typing import Any, TypeVar

from local_aws.calls import Answer, Call

Output = dict[str, Any]
Operation = Callable[[Call], Output | Answer | None]
"""What answers an operation that moto lacks. It returns the operation's output, or the answer where it writes that
itself, or raises AwsError."""

Plain = Callable[[], Output]
Repair = Callable[[Call, Plain], Output]
"""Around an operation of moto's: `plain()` runs it and returns its output. What moto refuses passes through."""

Refusal = Callable[[Call], None]
"""What raises AwsError where AWS would refuse and moto would not."""

Key = tuple[str, str]
OPERATIONS: dict[Key, Operation] = {}
REPAIRS: dict[Key, list[Repair]] = {}
REFUSALS: dict[Key, list[Refusal]] = {}

INSTALLERS: list[Callable[[], None]] = []
"""Repairs of moto's own classes, run once before the server starts."""

Function = TypeVar("Function", bound=Callable[..., Any])


def operation(service: str, *names: str) -> Callable[[Function], Function]:
    """Registers the decorated function as the implementation of operations that moto lacks."""

    def register(function: Function) -> Function:
        OPERATIONS.update({(service, name): function for name in names})
        return function

    return register


def repairs(service: str, *names: str) -> Callable[[Function], Function]:
    """Registers the decorated function as a repair around operations of moto's."""

    def register(function: Function) -> Function:
        for name in names:
            REPAIRS.setdefault((service, name), []).append(function)
        return function

    return register


def refuses(service: str, *names: str) -> Callable[[Function], Function]:
    """Registers the decorated function as a check before operations."""

    def register(function: Function) -> Function:
        for name in names:
            REFUSALS.setdefault((service, name), []).append(function)
        return function

    return register


def installs(function: Callable[[], None]) -> Callable[[], None]:
    """Registers the decorated function as a repair of moto's classes."""
    INSTALLERS.append(function)
    return function


def patch(moto_class: type, **attributes: Any) -> None:
    """Sets attributes of one of moto's classes."""
    for name, value in attributes.items():
        setattr(moto_class, name, value)
