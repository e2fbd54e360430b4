import pytest

from tap.terraform_errors import StalePlanError, StateLockedError, TerraformInterruptedError, error_for, parse_lock
from tap.terraform_events import Diagnostic

LOCK_DETAIL = """Error message: operation error S3: PutObject, https response error StatusCode: 412
Lock Info:
  ID:        6f0e4a9c-3a1e-9d4f-8d5e-5d5a2f6f4c11
  Path:      states/payment/pr-12.tfstate
  Operation: OperationTypeApply
  Who:       kim@laptop
  Version:   1.11.4
  Created:   2026-11-21 09:15:02.123 +0000 UTC
  Info:\x20


Terraform acquires a state lock to protect the state from being written
by multiple users at the same time."""


def test_a_locked_state_is_told_from_other_errors_with_its_holder() -> None:
    error = error_for("apply", [Diagnostic("error", "Error acquiring the state lock", LOCK_DETAIL)])
    assert isinstance(error, StateLockedError)
    assert error.lock.who == "kim@laptop"
    assert error.lock.operation == "apply"
    assert "payment/pr-12.tfstate is locked by kim@laptop since 2026-11-21 09:15:02" in str(error)
    assert "`tap env unlock pr-12 --id 6f0e4a9c-3a1e-9d4f-8d5e-5d5a2f6f4c11`" in str(error)


def test_a_lock_that_does_not_tell_its_holder_stays_a_plain_error() -> None:
    detail = "Error message: 403 Forbidden"
    error = error_for("plan", [Diagnostic("error", "Error acquiring the state lock", detail)])
    assert not isinstance(error, StateLockedError)
    assert "403 Forbidden" in str(error)
    assert parse_lock(detail) is None


def test_an_error_names_each_fault_and_leaves_warnings_out() -> None:
    error = error_for(
        "apply",
        [
            Diagnostic("warning", "Deprecated"),
            Diagnostic("error", "creating VPC", "limit reached", "aws_vpc.main"),
            Diagnostic("error", "creating role"),
        ],
    )
    assert str(error) == ("terraform apply failed\n- creating VPC [aws_vpc.main]: limit reached\n- creating role")


def test_an_interrupted_run_says_whether_it_was_killed() -> None:
    assert "can be run again" in str(TerraformInterruptedError("apply", [], 2, killed=False))
    assert "stay locked" in str(TerraformInterruptedError("apply", [], 15, killed=True))


def test_a_lock_on_another_kind_of_state_is_released_by_terraform_itself() -> None:
    detail = LOCK_DETAIL.replace("states/payment/pr-12.tfstate", "elsewhere.json")
    error = error_for("apply", [Diagnostic("error", "Error acquiring the state lock", detail)])
    assert "run `terraform force-unlock 6f0e4a9c-3a1e-9d4f-8d5e-5d5a2f6f4c11`" in str(error)


def test_a_plan_of_what_has_changed_since_says_that_nothing_was_done() -> None:
    error = error_for("apply", [Diagnostic("error", "Saved plan is stale", "The given plan file can no longer...")])
    assert isinstance(error, StalePlanError)
    assert "nothing was done" in str(error)


@pytest.mark.parametrize("name", ["TapStackpr-12", "DisasterRecoveryStackpr-12"])
def test_the_suffix_is_told_from_the_name_of_a_state_in_a_file(name: str) -> None:
    detail = LOCK_DETAIL.replace("states/payment/pr-12.tfstate", f"/home/kim/terraform.{name}.tfstate")
    error = error_for("plan", [Diagnostic("error", "Error acquiring the state lock", detail)])
    assert "tap env unlock pr-12 --id" in str(error)
