"""An alarm that starts a state machine: a rule on the default bus, where CloudWatch tells of its alarms."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import (
    CloudwatchEventTarget,
    CloudwatchEventTargetInputTransformer,
)

from lib.iam import Statement, attach_policy, service_role
from lib.region import Region


class AlarmTrigger:
    """Starts the machine each time the alarm goes from OK to ALARM, so not when it has only just been made.

    The input is `given`, and `requested_by` with the name of the alarm.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
    """

    def __init__(
        self,
        region: Region,
        id_: str,
        *,
        alarm: str,
        machine_arn: str,
        start_access: Sequence[Statement],
        given: Mapping[str, str] | None = None,
    ) -> None:
        """`alarm` is the base of the alarm's name, `start_access` what starting the machine needs."""
        base = id_.replace("_", "-")
        alarm_name = region.settings.name(alarm)
        self.rule = region.add(
            CloudwatchEventRule,
            f"{id_}_rule",
            name=region.settings.name(base),
            description=f"The alarm {alarm_name} starts a recovery",
            event_pattern=json.dumps(
                {
                    "source": ["aws.cloudwatch"],
                    "detail-type": ["CloudWatch Alarm State Change"],
                    "resources": [region.arn("cloudwatch", f"alarm:{alarm_name}")],
                    "detail": {"state": {"value": ["ALARM"]}, "previousState": {"value": ["OK"]}},
                }
            ),
        )
        role = service_role(
            region,
            f"{id_}_role",
            name=region.settings.name(base),
            service="events.amazonaws.com",
            of_account=region.account_id,
        )
        starting = attach_policy(
            region,
            f"{id_}_start",
            role=role,
            name=region.settings.name(f"{base}-start"),
            statements=start_access,
        )
        region.add(
            CloudwatchEventTarget,
            f"{id_}_target",
            rule=self.rule.name,
            target_id="recovery",
            arn=machine_arn,
            role_arn=role.arn,
            input_transformer=CloudwatchEventTargetInputTransformer(
                input_paths={"alarm": "$.detail.alarmName"},
                input_template=json.dumps({**(given or {}), "requested_by": "alarm <alarm>"}),
            ),
            depends_on=[starting],
        )
