"""`tap doctor` as a whole: what it prints, how it ends, and that it only reads."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from moto import mock_aws
from rich.console import Console
from typer.testing import CliRunner, Result

from local_aws.server import LocalAwsError
from tap.account import Account
from tap.commands import doctor as commands
from tap.doctor import doctor as doctors
from tap.doctor.check import Check
from tap.doctor.design import Design, DesignError
from tap.doctor.doctor import Report
from tap.doctor.examination import Examination
from tap.doctor.permissions import ACTION_OF_OPERATION
from tap.doctor.tools import Tools
from tap.toolchain import ROOT

REGION = "eu-west-1"
GROUPS = ["Tools", "Inputs", "Account", "State", "Quotas", "Orders"]


class OneTool(Tools):
    """A computer with one tool, which is well."""

    def examinations(self) -> list[Examination]:
        return [Examination("Tools", "tool", lambda: [Check.ok("Tools", "tool", "there")])]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An account in memory, and a design without Node.js."""
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN", "TF_CLI_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "hidden-secret"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("COLUMNS", "200")
    document: dict[str, Any] = {"resource": {"aws_vpc": {"vpc": {}}, "aws_internet_gateway": {"gateway": {}}}}
    monkeypatch.setattr(Design, "synthesize", lambda _region: Design(document))
    monkeypatch.setattr(doctors, "Tools", OneTool)
    with mock_aws():
        yield


def tap_doctor(*arguments: str) -> Result:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(commands.doctor)
    result = CliRunner().invoke(app, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def checks(result: Result) -> list[dict[str, Any]]:
    document = json.loads(result.stdout)
    assert document["ok"] == all(check["status"] != "fault" for check in document["checks"])
    return list(document["checks"])


def test_an_account_without_faults_ends_with_0() -> None:
    result = tap_doctor("--json")
    found = checks(result)
    assert result.exit_code == 0
    assert list(dict.fromkeys(check["group"] for check in found)) == GROUPS[:5]
    assert all(list(check) == ["group", "name", "status", "found", "remedy"] for check in found)
    assert all((check["remedy"] is None) == (check["status"] == "ok") for check in found)
    vpcs = next(check for check in found if check["name"] == "VPCs")
    assert vpcs["found"] == "quota 5, used 1, needed 1: 4 more environments fit"


def test_a_fault_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCOUNT_ID", "444455556666")
    result = tap_doctor("--json")
    assert result.exit_code == 1
    [fault] = [check for check in checks(result) if check["status"] == "fault"]
    assert fault["found"] == "123456789012 instead of AWS_ACCOUNT_ID=444455556666"


def test_an_account_that_is_not_reached_ends_with_3_after_the_local_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    def reach(*_: object, **__: object) -> Account:
        raise LocalAwsError("--local: no local AWS runs for this folder; start it with `make local`")

    monkeypatch.setattr(Account, "reach", reach)
    result = tap_doctor("--local", "--json")
    found = checks(result)
    assert result.exit_code == 3
    assert [(check["group"], check["status"]) for check in found if check["group"] != "Inputs"] == [
        ("Tools", "ok"),
        ("Account", "fault"),
        ("State", "not checked"),
        ("Quotas", "not checked"),
        ("Orders", "not checked"),
        ("Backups", "not checked"),
    ]
    assert next(check for check in found if check["group"] == "Account")["remedy"] == "`make local`"


def test_inputs_that_cannot_be_used_do_not_hide_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPC_CIDR", "10.0.0.0/8")
    result = tap_doctor("--json")
    status = {(check["group"], check["name"]): check["status"] for check in checks(result)}
    assert result.exit_code == 1
    assert status["Inputs", "VPC_CIDR"] == "fault"
    assert status["Account", "credentials"] == "ok"
    assert {status["Account", "account"], status["Account", "zones"], status["State", "state"]} == {"not checked"}
    assert status["Quotas", "VPCs"] == status["Orders", "engine version"] == "not checked"


def test_a_region_that_does_not_exist_is_not_called() -> None:
    result = tap_doctor("--json", "--region", "eu-nowhere-1")
    status = {check["name"]: check["status"] for check in checks(result)}
    assert result.exit_code == 3
    assert (status["AWS_REGION"], status["credentials"]) == ("fault", "not checked")


def test_a_design_that_fails_is_a_fault_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_region: str | None) -> Design:
        raise DesignError("the name is too long")

    monkeypatch.setattr(Design, "synthesize", fail)
    result = tap_doctor("--json")
    found = checks(result)
    assert [check["name"] for check in found if check["status"] == "fault"] == ["architecture"]
    assert {check["status"] for check in found if check["group"] in ("Quotas", "Orders")} == {"not checked"}


def test_the_state_bucket_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_BUCKET", "payment-state")
    result = tap_doctor("--json")
    [bucket] = [check for check in checks(result) if check["group"] == "State"]
    assert (bucket["name"], bucket["status"]) == ("bucket", "fault")


def test_people_read_a_table_and_the_remedies_whole() -> None:
    result = tap_doctor()
    assert result.exit_code == 0
    for text in ("✓ ok", "! warning", "eu-west-1a, eu-west-1b, eu-west-1c"):
        assert text in result.stdout
    [remedy] = [line for line in result.stdout.splitlines() if line.startswith("! warning State, state: ")]
    assert remedy.endswith('README, "Deploy to AWS from CI", makes the bucket')
    assert re.search(r"^\d+ ok, 1 warning$", result.stdout, re.MULTILINE)


def test_a_terminal_without_symbols_gets_words() -> None:
    with Path("ascii.txt").open("w", encoding="ascii") as file:
        shown = commands._status(Check.fault("Tools", "tool", "gone", "get it"), Console(file=file))
    assert shown.plain == "fault"


def test_no_secret_is_printed() -> None:
    for result in (tap_doctor(), tap_doctor("--json")):
        assert "hidden-secret" not in result.output


def test_only_operations_with_a_documented_action_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[Account] = []
    reach = Account.reach

    def remember(*arguments: Any, **options: Any) -> Account:
        reached.append(reach(*arguments, **options))
        return reached[-1]

    monkeypatch.setattr(Account, "reach", remember)
    monkeypatch.setenv("STATE_BUCKET", "payment-state")
    tap_doctor("--json")
    called = {name.split(".")[1] for account in reached for name in account.calls}
    assert {"GetCallerIdentity", "DescribeVpcs", "GetServiceQuota", "HeadBucket"} <= called
    assert called - {"GetCallerIdentity"} <= set(ACTION_OF_OPERATION)


def test_a_report_is_well_without_faults() -> None:
    assert Report((Check.warning("State", "state", "local", "set STATE_BUCKET"),), reached=True).ok
    assert not Report((Check.fault("State", "state", "gone", "make it"),), reached=True).ok


def test_other_commands_do_not_wait_for_the_doctor() -> None:
    program = "import sys, tap.__main__; print(*{'cdktf', 'tap.doctor.doctor'} & set(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert answer.stdout.split() == []
