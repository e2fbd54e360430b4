"""What a schedule does when its time has come: its target gets its input, with the permissions of its role."""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.scheduler.models import Schedule as ScheduleResource

from local_aws.delivery import Delivery, DeliveryError, Failure
from local_aws.functions.destination import send_to_queue
from local_aws.functions.execution_role import role_allows, role_trusts
from local_aws.targets import send_to_target

SERVICE = "scheduler.amazonaws.com"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ScheduledDelivery(Delivery):
    """One time that a schedule calls its target."""

    scheduled: datetime
    execution_id: str

    @property
    def role(self) -> str:
        return str(self.settings.get("RoleArn", ""))


def delivery_of(schedule: ScheduleResource, scheduled: datetime, accepted: float) -> ScheduledDelivery:
    """The delivery for one time. Keywords in the input are replaced
    (https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html)."""
    execution_id = uuid.uuid4().hex[:16]
    context = {
        "schedule-arn": schedule.arn,
        "scheduled-time": f"{scheduled:%Y-%m-%dT%H:%M:%SZ}",
        "execution-id": execution_id,
        "attempt-number": "1",
    }
    settings: dict[str, Any] = schedule.target
    payload = str(settings.get("Input") or "{}")
    for name, value in context.items():
        payload = payload.replace(f"<aws.scheduler.{name}>", value)
    account = schedule.arn.split(":")[4]
    return ScheduledDelivery(schedule.arn, account, settings, payload, accepted, scheduled, execution_id)


def call_target(delivery: Delivery) -> None:
    """Calls the target. Raises DeliveryError."""
    role = str(delivery.settings.get("RoleArn", ""))
    if not role_trusts(role, SERVICE, group_arn(delivery.source_arn)):
        reason = f"The execution role {role} must let {SERVICE} assume it."
        raise DeliveryError("AccessDeniedException", reason, retriable=False)
    send_to_target(
        delivery.target_arn,
        delivery.payload,
        delivery.settings,
        sender=role,
        may=lambda action, arn: role_allows(role, action, arn),
    )


def group_arn(schedule_arn: str) -> str:
    """The ARN of a schedule's group, which is the source that a role's trust policy can name
    (https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html)."""
    return schedule_arn.rpartition("/")[0].replace(":schedule/", ":schedule-group/")


def give_up(delivery: Delivery, failure: Failure) -> None:
    """Sends what could not be delivered to the schedule's dead-letter queue, if its role may; else it is lost
    (https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html)."""
    queue, role = delivery.dead_letter_queue, str(delivery.settings.get("RoleArn", ""))
    log.warning("Schedule %s: no delivery to %s: %s", delivery.source_arn, delivery.target_arn, failure.error)
    if not queue:
        return
    if not role_allows(role, "sqs:SendMessage", queue):
        log.warning("A dead letter is lost: %s may not send to %s.", role, queue)
        return
    attributes = {
        "SCHEDULE_ARN": ("String", delivery.source_arn),
        "TARGET_ARN": ("String", delivery.target_arn),
        "RETRY_ATTEMPTS": ("String", str(failure.retries)),
        "IS_PAYLOAD_TRUNCATED": ("String", "false"),
        **failure.attributes(),
    }
    if isinstance(delivery, ScheduledDelivery):
        attributes["EXECUTION_ID"] = ("String", delivery.execution_id)
        attributes["SCHEDULED_TIME"] = ("String", f"{delivery.scheduled:%Y-%m-%dT%H:%M:%SZ}")
    send_to_queue(queue, delivery.payload, attributes)
