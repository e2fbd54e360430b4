"""The outbox relay: every minute the payment function publishes what a crash left in the ledger's outbox."""

from __future__ import annotations

import json

from cdktf_cdktf_provider_aws.scheduler_schedule import (
    SchedulerSchedule,
    SchedulerScheduleFlexibleTimeWindow,
    SchedulerScheduleTarget,
    SchedulerScheduleTargetRetryPolicy,
)

from lib.encryption import Key
from lib.iam import Statement, attach_policy, service_role
from lib.region import Region

TASK = {"task": "relay-outbox"}
RATE = "rate(1 minute)"
# The next minute comes anyway, so a call that Lambda did not take is tried again for a minute only, AWS's least.
RETRY_ATTEMPTS = 2
CALL_MAX_AGE_SECONDS = 60


class OutboxRelay:
    """An EventBridge schedule with a role of its own."""

    def __init__(self, region: Region, *, key: Key, alias_arn: str) -> None:
        name = region.settings.name("relay")
        # https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
        role = service_role(
            region, "relay_role", name=name, service="scheduler.amazonaws.com", of_account=region.account_id
        )
        calling = attach_policy(
            region,
            "relay_call",
            role=role,
            name=region.settings.name("relay-call"),
            statements=[
                Statement(sid="CallTheFunction", actions=["lambda:InvokeFunction"], resources=[alias_arn]),
                # https://docs.aws.amazon.com/scheduler/latest/UserGuide/encryption-rest.html
                Statement(sid="DecryptTheSchedule", actions=["kms:Decrypt"], resources=[key.arn]),
            ],
        )
        self.schedule = region.add(
            SchedulerSchedule,
            "relay_schedule",
            name=name,
            description="Publishes what is left in the outbox of the payment ledger",
            schedule_expression=RATE,
            flexible_time_window=SchedulerScheduleFlexibleTimeWindow(mode="OFF"),
            kms_key_arn=key.arn,
            target=SchedulerScheduleTarget(
                arn=alias_arn,
                role_arn=role.arn,
                input=json.dumps(TASK),
                retry_policy=SchedulerScheduleTargetRetryPolicy(
                    maximum_retry_attempts=RETRY_ATTEMPTS, maximum_event_age_in_seconds=CALL_MAX_AGE_SECONDS
                ),
            ),
            depends_on=[calling],
        )

    def outputs(self) -> dict[str, str]:
        return {"relay_schedule_name": self.schedule.name}
