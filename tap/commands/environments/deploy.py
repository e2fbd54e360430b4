"""`tap env deploy`: make an environment, or bring it up to date, also after a deploy that was killed."""

from __future__ import annotations

import time
from collections import Counter
from typing import Annotated, Any

import typer
from rich.console import Console

from lib.settings import load_settings
from local_aws.server import LocalAws, LocalAwsError
from tap.account import LOCAL_AWS_DIRECTORY
from tap.adoption.deploying import Deploying
from tap.adoption.proposal import Proposal
from tap.adoption.rollout import Outcome
from tap.commands.environments.asking import Yes, ask, need_somebody
from tap.commands.exit_codes import ExitCode
from tap.commands.options import AsJson, Local, Region, Suffix
from tap.commands.output import note, print_fields, print_json
from tap.deployment import Deployment
from tap.expiry.clock import aws_time
from tap.expiry.lifetime import Lifetime
from tap.progress import RunProgress

Ttl = Annotated[
    str | None,
    typer.Option(
        help="Time until `tap env expire` may remove it, such as 90m, 24h or 7d; EXPIRES_AT without it.",
        show_default=False,
    ),
]
Replace = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ADDRESS",
        help="Let this resource be replaced or removed although it holds data; once for each.",
        show_default=False,
    ),
]


def deploy(
    suffix: Suffix = None,
    region: Region = None,
    local: Local = False,
    yes: Yes = False,
    ttl: Ttl = None,
    replace: Replace = None,
    as_json: AsJson = False,
) -> None:
    """Make the environment that the inputs describe, or change it to be as they say. Shows what would be done first.

    Safe to repeat, also after a run that was interrupted or killed: what exists is taken over, and never made twice.
    """
    started = time.monotonic()
    if not yes:
        need_somebody()
    deployment = _deployment({"ENVIRONMENT_SUFFIX": suffix, "AWS_REGION": region}, local, ttl)
    deploying = Deploying(deployment, replaceable=replace or (), tell=note)
    settings = deployment.settings
    other = f" and {settings.secondary_region}" if settings.in_two_regions else ""
    note(f"environment {settings.environment_suffix!r} in {deployment.account.place}{other}")
    with RunProgress("plan", Console(stderr=True)) as deployment.terraform.on_event:
        proposal = deploying.propose()
    _show(proposal)
    if not proposal.empty and not yes:
        ask("Deploy this?")
    outcome = Outcome()
    if not proposal.empty:
        with RunProgress("deploy", Console(stderr=True)) as deployment.terraform.on_event:
            outcome = deploying.carry_out(proposal)
    deployment.terraform.on_event = lambda _: None
    outputs = deployment.terraform.output()
    _show_outcome(outcome)
    if as_json:
        changes = _changes(outcome, deploying.untainted)
        print_json({"outputs": outputs, "changes": changes, "seconds": round(time.monotonic() - started, 1)})
    else:
        print_fields(outputs)
    if outcome.failed:
        raise typer.Exit(ExitCode.FAILED)


def _deployment(given: dict[str, str | None], local: bool, ttl: str | None) -> Deployment:
    """Raises `SettingsError`, `LifetimeError`, `LocalAwsError`."""
    inputs = {name: value for name, value in given.items() if value is not None}
    lifetime = Lifetime.parse(ttl) if ttl else None
    # Validated before anything is reached.
    load_settings(**{name.lower(): value for name, value in inputs.items()})
    running = LocalAws.running(LOCAL_AWS_DIRECTORY) if local else None
    if local and running is None:
        raise LocalAwsError("--local: no local AWS runs for this folder; start it with `make local`")
    deployment = Deployment.of_operator(inputs, local=running)
    if lifetime is None:
        return deployment
    expires_at = lifetime.applied(aws_time(deployment.account), None, set_=True)
    return Deployment.of_operator({**inputs, "EXPIRES_AT": expires_at.isoformat()}, local=running)


def _show(proposal: Proposal) -> None:
    """What would be done: new resources counted by type, everything else one by one."""
    if proposal.empty:
        note("nothing to change")
        return
    taken = {adoption.address for adoption in proposal.adoptions}
    changes = [change for change in proposal.plan.changes if change.action != "read"]
    created = Counter(change.resource_type for change in changes if change.action == "create")
    for type_, number in sorted(created.items()):
        note(f"  create   {number:3} {type_}")
    for change in changes:
        if change.action != "create":
            reason = "exists, is taken over" if change.address in taken else change.reason.replace("_", " ")
            note(f"  {change.action:8} {change.address}" + (f" ({reason})" if reason else ""))
    for resource in (*proposal.broken, *proposal.strays):
        note(f"  sweep    {resource.arn} (not in the state)")
    summary = proposal.plan.summary
    note(
        f"{summary.add} to add, {summary.change} to change, {summary.remove} to remove, "
        f"{len(proposal.adoptions)} to take over"
    )


def _show_outcome(outcome: Outcome) -> None:
    for resource in outcome.swept:
        note(f"swept {resource.arn}, which was made twice")
    for resource in outcome.kept:
        note(f"kept {resource.arn}: nothing uses it, but it may hold data; `tap env destroy` removes it too")
    for resource, reason in outcome.failed:
        note(f"not removed: {resource.arn}: {reason}")


def _changes(outcome: Outcome, untainted: list[str]) -> dict[str, Any]:
    return {
        "added": outcome.summary.add,
        "changed": outcome.summary.change,
        "removed": outcome.summary.remove,
        "adopted": [{"address": adoption.address, "id": adoption.id} for adoption in outcome.adopted],
        "untainted": untainted,
        "swept": [resource.arn for resource in outcome.swept],
        "kept": [resource.arn for resource in outcome.kept],
        "failed": [{"arn": resource.arn, "reason": reason} for resource, reason in outcome.failed],
    }
