"""Runs deployed Lambda functions: each in a process of its own, with AWS's Python runtime client."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_aws.functions.asynchronous import AsynchronousInvocations
    from local_aws.functions.deployed import Target
    from local_aws.functions.invocation import Outcome
    from local_aws.functions.service import FunctionService

_installed: "tuple[FunctionService, AsynchronousInvocations] | None" = None


def install() -> None:
    """Makes moto's Lambda run functions. Once per process; everything started ends with `stop` or the process."""
    global _installed
    from local_aws.functions.asynchronous import AsynchronousInvocations
    from local_aws.functions.lambda_api import patch
    from local_aws.functions.schedule import Schedule
    from local_aws.functions.service import FunctionService

    if _installed is None:
        service = FunctionService()
        asynchronous = AsynchronousInvocations(service, Schedule())
        patch(service, asynchronous)
        _installed = service, asynchronous


def invoke(target: "Target", payload: bytes) -> "Outcome":
    """Runs a function and waits for its answer; see FunctionService.invoke. Needs `install` first."""
    return _parts()[0].invoke(target, payload)


def invoke_later(target: "Target", payload: bytes) -> str:
    """Runs a function asynchronously; see AsynchronousInvocations.accept. Needs `install` first."""
    return _parts()[1].accept(target, payload)


def stop() -> None:
    """Ends all function processes and removes their files; functions can run again after that."""
    if _installed:
        _installed[0].stop()


def _parts() -> "tuple[FunctionService, AsynchronousInvocations]":
    if _installed is None:
        raise RuntimeError("Functions do not run yet: call local_aws.functions.install() first.")
    return _installed
