"""The runner with real Terraform on resources that need no provider."""

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tap.terraform import Terraform
from tap.terraform_errors import StateLockedError, TerraformError, TerraformInterruptedError
from tap.terraform_events import Event, Operation, PlannedChange
from tap.toolchain import ROOT


def data(command: str = "true", **more: Any) -> dict[str, Any]:
    """A resource that runs a shell command when it is created."""
    return {"input": "x", "provisioner": [{"local-exec": {"command": command}}], **more}


@pytest.fixture
def stack(configuration: Callable[..., Path]) -> Callable[..., Terraform]:
    """An initialized stack of `terraform_data` resources."""

    def make(resources: dict[str, Any], **options: Any) -> Terraform:
        content = {
            "resource": {"terraform_data": resources},
            "output": {"answer": {"value": "${terraform_data.a.output}", "sensitive": True}},
        }
        terraform = Terraform(configuration(content), **options)
        terraform.init()
        return terraform

    return make


def once(terraform: Terraform, action: Callable[[], None]) -> None:
    """Call `action` the first time an operation starts."""
    pending = [action]

    def on_event(event: Event) -> None:
        if isinstance(event, Operation) and event.kind == "apply" and pending:
            pending.pop()()

    terraform.on_event = on_event


def test_a_stack_is_planned_applied_read_and_destroyed(stack: Callable[..., Terraform]) -> None:
    events: list[Event] = []
    terraform = stack({"a": data(), "b": data()}, on_event=events.append)
    plan = terraform.plan()
    assert not plan.empty
    assert {change.address for change in plan.changes} == {"terraform_data.a", "terraform_data.b"}
    assert plan.summary.add == 2
    assert terraform.plan_json(plan)["resource_changes"][0]["change"]["actions"] == ["create"]
    assert terraform.apply(plan).add == 2
    assert terraform.output() == {"answer": "x"}
    assert len(terraform.state_json()["values"]["root_module"]["resources"]) == 2
    assert terraform.plan().empty
    assert terraform.destroy().remove == 2
    assert terraform.state_json().get("values") is None
    assert Operation("apply", "complete", "terraform_data.a", "create") in events
    assert any(isinstance(event, PlannedChange) and event.action == "delete" for event in events)


def test_a_plan_to_destroy_lists_what_would_go(stack: Callable[..., Terraform]) -> None:
    terraform = stack({"a": data()})
    terraform.apply()
    plan = terraform.plan(destroy=True)
    assert [(change.address, change.action) for change in plan.changes] == [("terraform_data.a", "delete")]


def test_a_failed_apply_names_the_resource_and_keeps_what_was_made(stack: Callable[..., Terraform]) -> None:
    terraform = stack({"a": data(), "b": data("echo out of luck; exit 7", depends_on=["terraform_data.a"])})
    with pytest.raises(TerraformError, match=r"terraform_data\.b.*exit status 7") as caught:
        terraform.apply()
    assert "out of luck" in caught.value.diagnostics[0].detail
    assert terraform.output() == {"answer": "x"}


def test_a_fault_in_the_configuration_is_an_error_of_init(configuration: Callable[..., Path]) -> None:
    terraform = Terraform(configuration({"terraform": {"required_version": "< 1.0.0"}}))
    with pytest.raises(TerraformError, match="Unsupported Terraform Core version"):
        terraform.init()


def test_a_second_run_is_refused_while_one_holds_the_state(stack: Callable[..., Terraform], tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    terraform = stack({"a": data(f"cat '{gate}'")})
    second = Terraform(terraform.directory)
    refused: list[TerraformError] = []

    def run_second() -> None:
        try:
            second.destroy()
        except TerraformError as error:
            refused.append(error)
        finally:
            gate.write_text("go on")

    thread = threading.Thread(target=run_second)
    once(terraform, thread.start)
    terraform.apply()
    thread.join()
    assert isinstance(refused[0], StateLockedError)
    assert refused[0].lock.operation == "apply"
    assert "@" in refused[0].lock.who
    assert terraform.plan().empty


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_lets_terraform_finish_what_it_began(stack: Callable[..., Terraform], number: signal.Signals) -> None:
    # The second resource waits for the first, so it must not be there afterwards.
    terraform = stack({"a": data("sleep 1"), "b": data(depends_on=["terraform_data.a"])})
    before = signal.getsignal(number)
    once(terraform, lambda: os.kill(os.getpid(), number))
    with pytest.raises(TerraformInterruptedError) as caught:
        terraform.apply()
    assert (caught.value.signal_number, caught.value.killed) == (number, False)
    assert signal.getsignal(number) is before
    terraform.on_event = lambda _: None
    terraform.apply()
    assert terraform.plan().empty


def test_a_second_signal_kills_terraform_and_what_it_started(stack: Callable[..., Terraform], tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    terraform = stack({"a": data(f"exec 3> '{pipe}'; echo up >&3; exec sleep 600")})
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    def interrupt_twice() -> None:
        select.select([reader], [], [], 30)
        assert os.read(reader, 3) == b"up\n"
        terraform.interrupt()
        terraform.interrupt()

    once(terraform, threading.Thread(target=interrupt_twice).start)
    with pytest.raises(TerraformInterruptedError) as caught:
        terraform.apply()
    assert caught.value.killed
    # The pipe ends when the last process that has it open is gone.
    assert select.select([reader], [], [], 10)[0]
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_terraform_ends_well_when_its_starter_is_killed(stack: Callable[..., Terraform], tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    slow = f"exec 3> '{pipe}'; echo up >&3; exec sleep 600"
    terraform = stack({"a": data(slow), "b": data(depends_on=["terraform_data.a"])})
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    program = "import sys; from pathlib import Path; from tap.terraform import Terraform; Terraform(Path()).apply()"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    starter = subprocess.Popen([sys.executable, "-c", program], cwd=terraform.directory, env=environment)
    assert select.select([reader], [], [], 30)[0]
    starter.kill()
    starter.wait()
    # The plan waits for the lock that Terraform still holds. What it had begun is in the state, the rest was not begun.
    patient = Terraform(terraform.directory, lock_timeout="30s")
    planned = {change.address: change.action for change in patient.plan().changes}
    assert planned == {"terraform_data.a": "replace", "terraform_data.b": "create"}
    os.close(reader)


def test_an_error_in_the_listener_stops_terraform_before_it_is_passed_on(stack: Callable[..., Terraform]) -> None:
    terraform = stack({"a": data("sleep 1"), "b": data(depends_on=["terraform_data.a"])})

    def fail() -> None:
        raise ValueError("listener")

    once(terraform, fail)
    with pytest.raises(ValueError, match="listener"):
        terraform.apply()
    terraform.on_event = lambda _: None
    assert not terraform.plan().empty
