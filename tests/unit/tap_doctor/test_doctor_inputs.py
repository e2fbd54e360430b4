"""Settings, their files, and what of them ends."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from lib.availability import LAMBDA_RUNTIME_ENDS
from lib.settings import load_settings
from tap.doctor import design as designs
from tap.doctor import inputs
from tap.doctor.check import Check, Status
from tap.doctor.design import Design, DesignError
from tap.doctor.examination import CannotCheckError
from tap.doctor.inputs import Inputs

TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def no_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_settings_name_what_was_given_and_not_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWNER", "somebody")
    [found] = Inputs.read("eu-west-1").checks()
    assert found == Check.ok("Inputs", "settings", "environment 'dev'; given: AWS_REGION, OWNER")
    assert Inputs.read("eu-west-1").usable().aws_region == "eu-west-1"


def test_nothing_given_is_well() -> None:
    [found] = Inputs.read(None).checks()
    assert found.found == "environment 'dev'; nothing is given, every input has its default"


def test_each_fault_is_a_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT_SUFFIX", "Dev_1")
    monkeypatch.setenv("LAMBDA_RUNTIME", "python3.9")
    read = Inputs.read(None)
    found = list(read.checks())
    assert [(check.name, check.status) for check in found] == [
        ("ENVIRONMENT_SUFFIX", Status.FAULT),
        ("LAMBDA_RUNTIME", Status.FAULT),
    ]
    assert found[1].found.startswith("LAMBDA_RUNTIME=python3.9: not a supported runtime")
    with pytest.raises(CannotCheckError, match="the inputs cannot be used"):
        read.usable()


def test_a_fault_between_inputs_has_a_name_too() -> None:
    found = list(Inputs(None, ("something about two inputs",)).checks())
    assert [check.name for check in found] == ["settings"]


def test_an_env_file_is_named(tmp_path: Path) -> None:
    assert [check.found for check in inputs.env_file(tmp_path)] == [f"none in {tmp_path}"]
    (tmp_path / ".env").write_text("OWNER=me\n")
    assert [check.found for check in inputs.env_file(tmp_path)] == [f"read from {tmp_path / '.env'}"]


def test_a_cli_configuration_that_is_not_there_is_a_note(tmp_path: Path) -> None:
    missing = tmp_path / "terraform.rc"
    [found] = inputs.cli_configuration_file({"TF_CLI_CONFIG_FILE": str(missing)})
    assert found.status is Status.OK
    assert found.found == f"{missing} does not exist; the project's own configuration is used"
    missing.write_text("")
    assert list(inputs.cli_configuration_file({"TF_CLI_CONFIG_FILE": str(missing)})) == []
    assert list(inputs.cli_configuration_file({})) == []


@pytest.mark.parametrize(
    ("today", "status", "remedy"),
    [
        (TODAY, Status.OK, None),
        (date(2028, 5, 1), Status.OK, None),
        (date(2028, 6, 1), Status.WARNING, "set LAMBDA_RUNTIME to one of python3.13"),
        (date(2028, 11, 1), Status.FAULT, "set LAMBDA_RUNTIME to one of python3.13"),
    ],
)
def test_what_ends_soon_is_a_warning_and_what_has_ended_a_fault(
    today: date, status: Status, remedy: str | None
) -> None:
    assert LAMBDA_RUNTIME_ENDS["python3.12"] == date(2028, 10, 31)
    found = {check.name: check for check in inputs.ends_of_life(load_settings(lambda_runtime="python3.12"), today)}
    assert (found["LAMBDA_RUNTIME"].status, found["LAMBDA_RUNTIME"].remedy) == (status, remedy)


def test_the_last_one_of_its_kind_has_no_later_one() -> None:
    found = {check.name: check for check in inputs.ends_of_life(load_settings(), date(2029, 6, 1))}
    assert found["LAMBDA_RUNTIME"].remedy == "add a later one to lib/availability.py"
    assert found["DB_ENGINE_VERSION"].status is Status.FAULT


def test_the_architecture_shows_its_size_or_its_fault() -> None:
    settings = load_settings()
    [found] = inputs.architecture(
        settings, Design({"resource": {"aws_vpc": {"vpc": {}}, "aws_eip": {"a": {}, "b": {}}}})
    )
    assert found.found == "single-region: 3 resources of 2 types"
    [fault] = inputs.architecture(settings, DesignError("no"))
    assert (fault.status, fault.found, fault.remedy) == (Status.FAULT, "no", DesignError.remedy)


def test_a_design_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(designs, "SYNTH_SECONDS", 0.01)
    with pytest.raises(DesignError, match="took more than"):
        Design.synthesize(None)


def test_settings_that_do_not_synthesize_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWNER", "")
    monkeypatch.setenv("VPC_CIDR", "10.0.0.0/8")
    with pytest.raises(DesignError, match=r"VPC_CIDR=10\.0\.0\.0/8"):
        Design.synthesize("eu-west-1")


def test_a_design_is_what_the_settings_ask_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NAT_GATEWAYS", "per-az")
    monkeypatch.setenv("LAMBDA_RESERVED_CONCURRENCY", "7")
    design = Design.synthesize("eu-west-1")
    assert design.nat_gateways == {"eu-west-1a": 1, "eu-west-1b": 1, "eu-west-1c": 1}
    assert design.vpc_endpoints == {"Gateway": 2}
    assert (design.count("aws_eip"), design.secrets, design.reserved_concurrency) == (3, 2, 7)
    assert list(tmp_path.iterdir()) == []
