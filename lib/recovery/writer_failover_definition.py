"""The failover of the ledger's writer within its Region, as an Amazon States Language document."""

from __future__ import annotations

from lib.recovery.states import RecoveryStates, every, is_text, is_true
from lib.workflow.states import State


def writer_failover_definition(*, partition: str, function_arn: str, topic_arn: str, place: str) -> State:
    """Return the state machine: its input is `{"requested_by": text}`. `place` says in notices which environment it is.

    Nothing is touched where the writer answers and the service is well.
    """
    do = RecoveryStates(
        partition=partition, function_arn=function_arn, topic_arn=topic_arn, what=f"Failover of the writer of {place}"
    )
    return {
        "Comment": "The ledger's writer is lost: another instance becomes the writer, and payments are checked",
        "StartAt": "Requested",
        "States": {
            "Requested": {
                "Type": "Choice",
                "Choices": [{**is_text("$.requested_by"), "Next": "ExamineCluster"}],
                "Default": "InputRefused",
            },
            "ExamineCluster": do.task(
                "examine-cluster", next_="WriterAnswers", keep=("cluster", ("status", "writer", "writer_answers"))
            ),
            "WriterAnswers": {
                "Type": "Choice",
                "Choices": [
                    {
                        "And": [is_true("$.cluster.writer_answers"), is_text("$.cluster.status", "available")],
                        "Next": "IsServiceWell",
                    }
                ],
                "Default": "FailOverWriter",
            },
            "IsServiceWell": do.is_service_well(next_="Healthy", otherwise="FailOverWriter"),
            "FailOverWriter": do.task("fail-over-writer", next_="AwaitWriter", from_writer_from="$.cluster.writer"),
            "AwaitWriter": do.task(
                "await-writer",
                next_="CheckService",
                until=("WriterNotReadyError", every(5, during=600)),
                from_writer_from="$.cluster.writer",
            ),
            "CheckService": do.check_service(next_="CheckLedger"),
            "CheckLedger": do.check_ledger(next_="ExamineAfter"),
            "ExamineAfter": do.task("examine-cluster", next_="TellRecovered", keep=("after", ("writer",))),
            "TellRecovered": do.tell(
                "done",
                "The writer is {} instead of {}, requested by {}. The ledger is balanced: {} payments; "
                "{} events wait to be published.",
                "$.after.writer",
                "$.cluster.writer",
                "$.requested_by",
                "$.ledger.payments",
                "$.ledger.outbox_waiting",
                next_="Recovered",
            ),
            **do.failure(),
            "Healthy": {"Type": "Succeed"},
            "Recovered": {"Type": "Succeed"},
            "InputRefused": {
                "Type": "Fail",
                "Error": "InputRefused",
                "Cause": 'The input is {"requested_by": "who or what asks for it"}',
            },
        },
    }
