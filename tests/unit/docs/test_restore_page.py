"""The page on restoring the PostgreSQL ledger: its commands exist in AWS's API, its queries fit the ledger."""

from __future__ import annotations

import re

import pytest
from botocore import xform_name
from botocore.session import Session

from docs.markers import ROOT

TEXT = (ROOT / "docs" / "restore-postgresql.md").read_text().replace("\\\n", "")
SCHEMA = (ROOT / "lib/lambda/payments/migrations/postgresql/0001_ledger.sql").read_text()
GLOBAL_OPTIONS = {"query"}
COMMANDS = re.findall(r"^aws ([a-z-]+) ([a-z0-9-]+) (.*)", TEXT, re.MULTILINE)
WAITS = [(service, rest.split()[0]) for service, operation, rest in COMMANDS if operation == "wait"]
CALLS = [command for command in COMMANDS if command[1] != "wait"]


@pytest.mark.parametrize(("service", "operation", "options"), CALLS, ids=lambda value: value[:40])
def test_each_command_and_its_options_exist(service: str, operation: str, options: str) -> None:
    model = Session().get_service_model(service)
    (name,) = (name for name in model.operation_names if xform_name(name, "-") == operation)
    parameters = model.operation_model(name).input_shape
    assert parameters
    known = {xform_name(parameter, "-") for parameter in parameters.members} | GLOBAL_OPTIONS
    used = {option.removeprefix("no-") for option in re.findall(r"(?<!\S)--([a-z0-9-]+)", options)}
    assert used
    assert used <= known
    assert {xform_name(parameter, "-") for parameter in parameters.required_members} <= used


@pytest.mark.parametrize(("service", "waiter"), sorted(set(WAITS)))
def test_what_is_waited_for_can_be(service: str, waiter: str) -> None:
    names = Session().get_waiter_model(service).waiter_names
    assert waiter in {xform_name(name, "-") for name in names}


def test_the_queries_name_tables_and_columns_of_the_ledger() -> None:
    queries = "\n".join(re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL))
    assert set(re.findall(r"(?:FROM|JOIN) ([a-z_]+)", queries)) == {"payments", "ledger_entries"}
    columns = set(
        re.findall(r"\b(?:payment_id|session_id|status|amount|currency|side|recorded_at|decided_at)\b", queries)
    )
    assert columns == {name for name in columns if re.search(rf"^    {name} ", SCHEMA, re.MULTILINE)}
    assert len(columns) == 8
