"""The page for operators says what `tap` really has, and its outputs are made by the script that says so."""

from __future__ import annotations

import getpass
import re
import socket
from pathlib import Path
from typing import Any

import pytest
import typer

from docs import operating
from docs.markers import ROOT
from docs.operating import FIRST_LINES, LAST_LINES, PAGE, shortened
from tap.__main__ import app
from tap.commands.exit_codes import ExitCode

TEXT = PAGE.read_text()
MARKERS = re.findall(r"<!-- begin: (\w+) -->\n(.*?)<!-- end: \1 -->", TEXT, re.DOTALL)
# What people wrote: everything but the outputs.
WRITTEN = re.sub(r"<!-- begin: (\w+) -->\n.*?<!-- end: \1 -->", "", TEXT, flags=re.DOTALL)
COMMANDS: dict[str, Any] = {
    "doctor": typer.main.get_command(app).commands["doctor"],  # type: ignore[attr-defined]
    **{f"env {name}": command for name, command in typer.main.get_command(app).commands["env"].commands.items()},  # type: ignore[attr-defined]
}


def options_of(command: Any) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts if option.startswith("--")} - {"--help"}


def test_every_command_is_on_the_page_and_nothing_else() -> None:
    rows = set(re.findall(r"^\| `tap (doctor|env [a-z]+)", WRITTEN, re.MULTILINE))
    assert rows == COMMANDS.keys()
    named = set(re.findall(r"tap (doctor|env [a-z]+)", TEXT))
    assert named <= COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_on_the_page(name: str) -> None:
    shown = set(re.findall(r"--[a-z][a-z-]*", WRITTEN))
    negations = {option for parameter in COMMANDS[name].params for option in parameter.secondary_opts}
    # An option that is on by default is named by what turns it off.
    missing = options_of(COMMANDS[name]) - shown - {option.replace("--no-", "--") for option in negations & shown}
    assert missing == set()


def test_every_option_on_the_page_exists() -> None:
    there = {option for command in COMMANDS.values() for option in options_of(command)}
    there |= {option for command in COMMANDS.values() for one in command.params for option in one.secondary_opts}
    assert set(re.findall(r"--[a-z][a-z-]*", WRITTEN)) <= there


def test_commands_on_the_page_have_their_options() -> None:
    lines = re.findall(r"(?:`|    |\$ )tap ((?:doctor|env [a-z]+)[^`|\n#]*)", TEXT)
    assert len(lines) > len(COMMANDS)
    for line in lines:
        words = line.split()
        name = words[0] if words[0] == "doctor" else " ".join(words[:2])
        command = COMMANDS[name]
        known = options_of(command) | {option for one in command.params for option in one.secondary_opts}
        assert {word for word in words if word.startswith("--")} <= known, line


def test_exit_codes_are_those_of_the_program() -> None:
    rows = {int(code) for code in re.findall(r"^\| (\d+) \|", WRITTEN, re.MULTILINE)}
    assert rows == {int(code) for code in ExitCode}


def test_every_output_is_made_by_the_script() -> None:
    source = Path(operating.__file__).read_text()
    made = set(re.findall(r'operator\.(?:tap|killed)\("(\w+)"', source))
    assert {name for name, _ in MARKERS} == made
    for name, content in MARKERS:
        assert content.startswith("\n```text\n$ tap "), f"{name}: run `python -m docs.operating`"


def test_nothing_of_a_computer_is_shown() -> None:
    root, somebody = str(ROOT), f"{getpass.getuser()}@{socket.gethostname()}"
    text = f"│ {root}/.venv/bin/python │ ok │\nlocked by {somebody} in FOLDER/x, free at {root}\nfrom /opt/x/plugins"
    shown = operating._anybodys(text, "FOLDER").splitlines()
    assert shown == [
        f"│ .venv/bin/python {' ' * (len(root) + 1)}│ ok │",
        "locked by ada@laptop in .../x, free at .",
        "from ...",
    ]
    assert set(re.findall(r"locked by (\S+)", TEXT)) == {"ada@laptop"}


def test_long_outputs_are_cut_in_the_middle() -> None:
    lines = [f"line {number}" for number in range(100)]
    cut = shortened("\n".join(lines))
    assert cut[:FIRST_LINES] == lines[:FIRST_LINES]
    assert cut[-LAST_LINES:] == lines[-LAST_LINES:]
    assert cut[FIRST_LINES] == "... 84 more lines ..."
    assert shortened("  a  \nb\n\n") == ["a", "b"]
