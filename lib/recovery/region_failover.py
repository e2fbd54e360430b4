"""The failover to this Region from the other: a state machine, which asks a person first, and its alarm."""

from __future__ import annotations

from lib.recovery.alarm_trigger import AlarmTrigger
from lib.recovery.means import Means, place
from lib.recovery.region_failover_definition import region_failover_definition
from lib.region import Region
from lib.workflow.state_machine import StateMachine


class RegionFailover:
    """Started by hand in the Region that is to take over, in the secondary also by an alarm."""

    def __init__(self, region: Region, *, means: Means, alarm: str | None = None) -> None:
        """`alarm` is the base of the name of the alarm that says that the other Region's ledger is away."""
        self._machine = StateMachine(
            region,
            "region_failover",
            definition=region_failover_definition(
                partition=region.partition,
                function_arn=means.function_arn,
                topic_arn=means.topic_arn,
                place=place(region),
                approval_hours=region.settings.approval_hours,
            ),
            key=means.key,
            access=means.access,
        )
        if alarm:
            AlarmTrigger(
                region,
                "region_failover_alarm",
                alarm=alarm,
                machine_arn=self._machine.arn,
                start_access=self._machine.start_access(),
                given={"mode": "failover"},
            )

    def outputs(self) -> dict[str, str]:
        return {"region_failover_state_machine_arn": self._machine.arn}
