"""The failover to this Region from the other, as an Amazon States Language document."""

from __future__ import annotations

from lib.recovery.states import TELL_FAILURE, RecoveryStates, every, is_text, is_true
from lib.workflow.states import PATIENCE, State

REGIONS = ("primary", "this", "other_reachable", "already_primary", "lag_seconds")


def region_failover_definition(
    *, partition: str, function_arn: str, topic_arn: str, place: str, approval_hours: int
) -> State:
    """Return the state machine: its input is `{"mode": "switchover" | "failover", "requested_by": text}`.

    A switchover loses nothing and needs both Regions; a failover gives up what had not arrived here. `place` says in
    notices which environment it is, and in which Region. Nothing is touched before a person approves.
    """
    do = RecoveryStates(
        partition=partition, function_arn=function_arn, topic_arn=topic_arn, what=f"Failover to {place}"
    )
    return {
        "Comment": "This Region takes over from the other: approved, fenced, promoted, checked",
        "StartAt": "Mode",
        "States": {
            **_examination(do),
            **_approval(do, approval_hours),
            **_promotion(do),
            **_checks(do),
            **_way_back(do),
            **do.failure(),
            "AlreadyPrimary": {"Type": "Succeed"},
            "NotApproved": {"Type": "Succeed"},
            "Recovered": {"Type": "Succeed"},
        },
    }


def _examination(do: RecoveryStates) -> dict[str, State]:
    """What is asked for, and whether it can be done."""
    unreachable = (
        "The other Region cannot be reached, so that a switchover would not stop its payments: where it is lost, start "
        "this again with the mode failover, which gives up what had not arrived here"
    )
    return {
        "Mode": {
            "Type": "Choice",
            "Choices": [
                {"And": [is_text("$.mode", mode), is_text("$.requested_by")], "Next": next_}
                for mode, next_ in (("switchover", "LoseNothing"), ("failover", "GiveUpWhatIsAway"))
            ],
            "Default": "InputRefused",
        },
        "InputRefused": {
            "Type": "Fail",
            "Error": "InputRefused",
            "Cause": 'The input is {"mode": "switchover" or "failover", "requested_by": "who or what asks for it"}',
        },
        "LoseNothing": _allow(False),
        "GiveUpWhatIsAway": _allow(True),
        "ExamineRegions": do.task("examine-regions", next_="Possible", keep=("regions", REGIONS)),
        "Possible": {
            "Type": "Choice",
            "Choices": [
                {**is_true("$.regions.already_primary"), "Next": "AlreadyPrimary"},
                {**is_true("$.regions.other_reachable"), "Next": "Summarize"},
                {**is_true("$.plan.loss"), "Next": "Summarize"},
            ],
            "Default": "TellUnreachable",
        },
        "TellUnreachable": do.tell(
            "refused", f"Requested by {{}}. Nothing was touched. {unreachable}.", "$.requested_by", next_="Unreachable"
        ),
        "Unreachable": {"Type": "Fail", "Error": "OtherRegionUnreachable", "Cause": unreachable},
    }


def _approval(do: RecoveryStates, hours: int) -> dict[str, State]:
    """A person decides, always."""
    summary = (
        "A {} to {} is requested by {}. Now {} is the primary; the other Region is reachable: {}; the ledger here is "
        "{} s behind. The task token is in the session table under approval/recovery/{}; "
        f"without an answer nothing is touched, and the request ends after {hours} hours."
    )
    fields = (
        "$.mode, $.regions.this, $.requested_by, $.regions.primary, $.regions.other_reachable, $.regions.lag_seconds"
    )
    untouched = "Requested by {}. Nothing was touched."
    return {
        "Summarize": {
            "Type": "Pass",
            "Parameters": {"text.$": f"States.Format('{summary}', {fields}, $$.Execution.Name)"},
            "ResultPath": "$.summary",
            "Next": "AskApprovers",
        },
        "AskApprovers": do.tell("waits for approval", "{}", "$.summary.text", next_="RequestApproval"),
        "RequestApproval": do.approval(hours, next_="Approved", on_timeout="TellTimedOut"),
        "Approved": {
            "Type": "Choice",
            "Choices": [{**is_true("$.decision.approved"), "Next": "Fence"}],
            "Default": "TellNotApproved",
        },
        "TellNotApproved": do.tell("not approved", untouched, "$.requested_by", next_="NotApproved"),
        "TellTimedOut": do.tell("nobody approved in time", untouched, "$.requested_by", next_="ApprovalTimedOut"),
        "ApprovalTimedOut": {
            "Type": "Fail",
            "Error": "ApprovalTimedOut",
            "Cause": f"Nobody answered within {hours} hours; nothing was touched",
        },
    }


def _promotion(do: RecoveryStates) -> dict[str, State]:
    """The other Region stops taking payments, this one's ledger becomes the writer, and then this Region takes them."""
    return {
        "Fence": do.task(
            "fence",
            next_="LetPaymentsEnd",
            keep=("plan.fence", ("fenced", "wait_seconds")),
            on_failure="ExamineAfterFailure",
            allow_unreachable_from="$.plan.loss",
        ),
        "LetPaymentsEnd": {"Type": "Wait", "SecondsPath": "$.plan.fence.wait_seconds", "Next": "Promote"},
        "Promote": do.task(
            "promote",
            next_="AwaitPromotion",
            on_failure="ExamineAfterFailure",
            allow_data_loss_from="$.plan.loss",
        ),
        "AwaitPromotion": do.task(
            "await-promotion",
            next_="TakeRole",
            until=("PromotionPendingError", every(10, during=1800)),
            on_failure="ExamineAfterFailure",
        ),
        "TakeRole": {
            **do.task("take-role", next_="CheckService"),
            "Retry": [{"ErrorEquals": ["States.ALL"], **PATIENCE}],
        },
    }


def _checks(do: RecoveryStates) -> dict[str, State]:
    """Payments are taken here, none is missing a half, and clients find the way."""
    return {
        "CheckService": do.check_service(next_="CheckLedger"),
        "CheckLedger": do.check_ledger(next_="MoveDns"),
        "MoveDns": do.task("move-dns", next_="CheckDns"),
        "CheckDns": do.task("check-dns", next_="TellRecovered", until=("DnsNotMovedError", every(15, during=600))),
        "TellRecovered": do.tell(
            "done",
            "{} takes payments, requested by {}. The other Region was fenced: {}. The ledger is balanced: {} payments, "
            "the newest of {}; {} events wait to be published.",
            "$.regions.this",
            "$.requested_by",
            "$.plan.fence.fenced",
            "$.ledger.payments",
            "$.ledger.newest",
            "$.ledger.outbox_waiting",
            next_="Recovered",
        ),
    }


def _way_back(do: RecoveryStates) -> dict[str, State]:
    """A promotion that failed: where the other Region still leads, it takes payments again. Else this one goes on."""
    return {
        "ExamineAfterFailure": {
            **do.task("examine-regions", next_="PromotedAfterAll", keep=("after", ("primary", "this"))),
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.unexamined", "Next": TELL_FAILURE}],
        },
        "PromotedAfterAll": {
            "Type": "Choice",
            "Choices": [
                {
                    "And": [
                        is_text("$.after.primary"),
                        {"Variable": "$.after.primary", "StringEqualsPath": "$.after.this"},
                    ],
                    "Next": "TakeRole",
                }
            ],
            "Default": "Unfence",
        },
        "Unfence": {
            **do.task("unfence", next_=TELL_FAILURE),
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.still_fenced", "Next": TELL_FAILURE}],
        },
    }


def _allow(loss: bool) -> State:
    """Return the state that says whether payments may be lost; the other Region may be unreachable only then."""
    plan = {"loss": loss, "fence": {"fenced": False, "wait_seconds": 0}}
    return {"Type": "Pass", "Result": plan, "ResultPath": "$.plan", "Next": "ExamineRegions"}
