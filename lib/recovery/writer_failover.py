"""The failover of the ledger's writer within a Region: a state machine, and the alarm that starts it."""

from __future__ import annotations

from lib.recovery.alarm_trigger import AlarmTrigger
from lib.recovery.means import Means, place
from lib.recovery.writer_failover_definition import writer_failover_definition
from lib.region import Region
from lib.workflow.state_machine import StateMachine


class WriterFailover:
    """Started by an alarm, or by hand; touches nothing where the ledger is well."""

    def __init__(self, region: Region, *, means: Means, alarm: str) -> None:
        """`alarm` is the base of the name of the alarm that says that the ledger cannot be written."""
        self._machine = StateMachine(
            region,
            "writer_failover",
            definition=writer_failover_definition(
                partition=region.partition,
                function_arn=means.function_arn,
                topic_arn=means.topic_arn,
                place=place(region),
            ),
            key=means.key,
            access=means.access,
        )
        AlarmTrigger(
            region,
            "writer_failover_alarm",
            alarm=alarm,
            machine_arn=self._machine.arn,
            start_access=self._machine.start_access(),
        )

    def outputs(self) -> dict[str, str]:
        return {"writer_failover_state_machine_arn": self._machine.arn}
