"""An alarm's change of state, and the actions that it takes."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend
from moto.events.models import events_backends
from moto.sns.models import sns_backends

from local_aws import functions
from local_aws.alarms.notices import Change
from local_aws.functions.deployed import Target
from local_aws.functions.permission import service_may_invoke
from local_aws.functions.policy import allows, service_access, statements_of

SERVICE = "cloudwatch.amazonaws.com"
FUNCTION_SERVICE = "lambda.alarms.cloudwatch.amazonaws.com"
DEFAULT_POLICY = "__default_policy_ID"
"""The id of the policy that a topic has from the start. It lets in whom its owner's account lets in: alarms too."""

log = logging.getLogger(__name__)


def history_of(alarm: Alarm) -> list[dict[str, Any]]:
    """Items of DescribeAlarmHistory, the oldest first."""
    items: list[dict[str, Any]] = vars(alarm).setdefault("history_items", [])
    return items


def change_state(backend: CloudWatchBackend, alarm: Alarm, state: str, reason: str, reason_data: str) -> Change:
    """Puts an alarm into a state. `act` is to follow, once nobody waits for the local AWS any more."""
    before = alarm.state_value
    alarm.update_state(reason, reason_data, state)
    vars(alarm)["state_transitioned_timestamp"] = alarm.state_updated_timestamp
    change = Change(
        alarm, backend.account_id, backend.region_name, before, state, reason, reason_data, datetime.now(UTC)
    )
    data = {"oldState": {"stateValue": before}, "newState": {"stateValue": state, "stateReason": reason}}
    history_of(alarm).append(change.history_item("StateUpdate", f"Alarm updated from {before} to {state}", **data))
    return change


def act(change: Change) -> None:
    """Tells the bus, and does what the alarm says. What fails is in the history."""
    try:
        events_backends[change.account][change.region].put_events([change.event()])
    except Exception:
        log.exception("The change of alarm %s did not reach the bus", change.alarm.name)
    for arn in change.actions:
        try:
            problem = _do(arn, change)
        except Exception as error:
            log.exception("Action %s of alarm %s", arn, change.alarm.name)
            problem = f"{type(error).__name__}: {error}"
        outcome = "Failed to execute" if problem else "Successfully executed"
        data = {"actionState": "Failed" if problem else "Succeeded", "notificationResource": arn, "error": problem}
        history_of(change.alarm).append(change.history_item("Action", f"{outcome} action {arn}", **data))


def _do(arn: str, change: Change) -> str:
    """Why an action could not be done; empty if it was."""
    _, _, service, region, account, _ = arn.split(":", 5)
    match service:
        case "sns":
            topic = sns_backends[account][region].topics.get(arn)
            if topic is None:
                return "The topic does not exist."
            if not _may_publish(topic.policy, change, arn):
                return f"The policy of the topic does not let {SERVICE} publish."
            sns_backends[account][region].publish(change.message(), arn, subject=change.subject)
        case "lambda":
            if not service_may_invoke(Target.at(arn), FUNCTION_SERVICE, change.alarm.alarm_arn):
                return f"The policy of the function does not let {FUNCTION_SERVICE} invoke it."
            functions.invoke_later(Target.at(arn), json.dumps(change.event()).encode())
        case _:
            return f"The local AWS has no alarm actions of {service}."
    return ""


def _may_publish(policy: str, change: Change, arn: str) -> bool:
    if json.loads(policy).get("Id") == DEFAULT_POLICY:
        return True
    access = service_access("sns:Publish", arn, SERVICE, change.alarm.alarm_arn, change.account)
    return allows(statements_of(policy), access, resource_policy=True)
