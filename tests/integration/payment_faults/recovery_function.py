"""The recovery function of an environment, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast
from unittest.mock import Mock

import pytest

import payment_recovery

Ask = Callable[..., dict[str, Any]]


@contextmanager
def recovery(variables: Mapping[str, str]) -> Iterator[Ask]:
    """Asks the function of the environment that has these variables for a task."""
    context = Mock(function_name="payment-recovery", memory_limit_in_mb=512, aws_request_id="1")
    context.invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:payment-recovery"

    def ask(task: str, **parameters: object) -> dict[str, Any]:
        return payment_recovery.handler({"task": task, **parameters}, cast("Any", context))

    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"CLUSTER_ID": "payment-faults", **variables}.items():
            patch.setenv(name, value)
        _forget()
        try:
            yield ask
        finally:
            payment_recovery.composition().close()
            _forget()


def _forget() -> None:
    payment_recovery.composition.cache_clear()
    payment_recovery.tasks.cache_clear()
