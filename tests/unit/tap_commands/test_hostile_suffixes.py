"""What is no suffix gets nowhere: not to Terraform, not to AWS, not to a file, from any command that takes one."""

from __future__ import annotations

import random
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from botocore.session import Session as BotocoreSession

from tap.__main__ import app, main
from tap.commands.exit_codes import ExitCode

# Written down here once more: a fault in the rule itself must not make the tests agree with it.
USABLE = re.compile(r"(?=[a-z0-9-]{1,20}\Z)[a-z0-9]+(-[a-z0-9]+)*\Z", re.ASCII)
CORPUS = 10_000
PARTS = 4
SEED = 4
WHOLE = ["pr-1", "dev", "a", "pr-12", "x" * 20]
SHELL = [
    "; rm -rf /",
    "$(id)",
    "`id`",
    "| cat",
    "&& true",
    "> file",
    "'",
    '"',
    "\\",
    "${HOME}",
    "$IFS",
    "#",
    "!1",
    "&",
    "~",
]
PATHS = [
    "../",
    "..",
    "/etc/passwd",
    "..\\",
    "./",
    "/",
    "//",
    "%2e%2e%2f",
    "..%00",
    "a/b",
    ".tfstate",
    "file:///",
    "C:\\",
]
GLOBS = ["*", "?", "[a-z]", "{a,b}", "**", "pr-*", "[!a]"]
FORMATS = [
    "%s",
    "%n",
    "{0}",
    "{suffix}",
    "${aws_vpc.vpc.id}",
    "%{ for }",
    "{{7*7}}",
    "<%= 1 %>",
    "%(x)s",
    "{0.__class__}",
]
SPACES = ["\n", "\r\n", "\t", " ", "\x00", "\x0b", "\x1b[31m", "\u00a0", "\u2028", "\u200b", "\ufeff", "\u202e", "\x7f"]
LOOKALIKES = [
    "\u0430",
    "\u0435",
    "\u043e",
    "\u0440",
    "\uff41",
    "\uff11",
    "\u0661",
    "\u00b2",
    "\u2460",
    "\u00df",
    "\u0131",
    "\u2010",
    "\u2011",
    "\u2212",
    "\uff0d",
    "\U0001d41a",
    "\u1e9e",
    "e\u0301",
    "\u212a",
]
DASHES = ["-", "--", "---", "-h", "--help", "--yes", "--suffix", "-rf", "--region=eu-west-1", "--"]
OTHERS = [
    "A",
    "PR-1",
    "_",
    ".",
    ":",
    "@",
    ",",
    "=",
    "+",
    "arn:aws:iam::123456789012:role/x",
    "EnvironmentSuffix",
    "\ud800",
    "\U0001f4a5",
    "<script>",
    "' OR 1=1 --",
    "*)(uid=*",
    "null\x00",
    "None",
    "NaN",
]
LONG = ["a" * 21, "a" * 64, "a" * 255, "a-" * 40 + "a", "pr-1" * 2000, "-".join("a" * 30)]
PIECES = [*SHELL, *PATHS, *GLOBS, *FORMATS, *SPACES, *LOOKALIKES, *DASHES, *OTHERS]


def corpus() -> list[str]:
    """`CORPUS` different texts that are no suffixes: hostile pieces alone, within suffixes, and with one another."""
    generator = random.Random(SEED)
    found = dict.fromkeys(["", *PIECES, *LONG])
    while len(found) < CORPUS + CORPUS // 10:
        good, piece, other = generator.choice(WHOLE), generator.choice(PIECES), generator.choice(PIECES + LONG)
        cut = generator.randint(0, len(good))
        shape = generator.choice(["{a}{p}{b}", "{p}{a}{b}", "{a}{b}{p}", "{p}{o}", "{a}{p}{o}", "{a}{b}-{o}"])
        text = shape
        for mark, value in {"{a}": good[:cut], "{b}": good[cut:], "{p}": piece, "{o}": other}.items():
            text = text.replace(mark, value)
        found[text] = None
    return [text for text in found if not USABLE.match(text)][:CORPUS]


HOSTILE = corpus()
TAP: Any = typer.main.get_command(app)


class Touched(BaseException):
    """Not an `Exception`: nothing on the way may take it for an error of AWS and explain it."""


@pytest.fixture(autouse=True)
def nothing_is_touched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No client can be made, no process started, no connection opened; no file is written to the present folder."""

    def touched(*arguments: object, **_: object) -> None:
        raise Touched(repr(arguments))

    monkeypatch.setattr(BotocoreSession, "create_client", touched)
    monkeypatch.setattr(subprocess, "Popen", touched)
    monkeypatch.setattr(socket.socket, "connect", touched)
    # Else `env unlock` would look at a file alone.
    monkeypatch.setenv("STATE_BUCKET", "states")
    # Built once, and without printing the same ten thousand times, which takes longer than the check.
    monkeypatch.setattr("tap.__main__.app", TAP)
    monkeypatch.setattr("tap.__main__.note", lambda _text: None)
    yield
    assert list(tmp_path.iterdir()) == []


def commands() -> dict[str, Any]:
    """Every command that takes a suffix, by the words that call it."""

    def below(words: tuple[str, ...], command: Any) -> Iterator[tuple[str, Any]]:
        if hasattr(command, "commands"):
            for name, child in command.commands.items():
                yield from below((*words, name), child)
        elif any(parameter.name == "suffix" for parameter in command.params):
            yield " ".join(words), command

    return dict(below((), TAP))


COMMANDS = commands()
# What the commands need besides, so that the suffix alone is at fault.
VALUES = {
    "time": "4h",
    "begin": "2030-01-01T00:00Z",
    "end": "2030-01-02T00:00Z",
    "to": "2020-01-01T00:00Z",
    "scenario": "writer-lost",
}
# They look for a journal on this computer first, and end where there is none.
JOURNALS = {"recover list", "recover discard", "recover resume", "recover abandon"}


def words_for(name: str, suffix: str) -> list[str]:
    """A call with everything that the command needs; what follows `--` is no option, whatever it looks like."""
    options: list[str] = []
    arguments: list[str] = []
    for parameter in COMMANDS[name].params:
        value = suffix if parameter.name == "suffix" else VALUES.get(parameter.name, "1")
        if parameter.param_type_name == "argument":
            arguments.append(value)
        elif parameter.name == "suffix" or parameter.required:
            options.append(f"{parameter.opts[0]}={value}")
        elif parameter.name == "yes":
            options.append("--yes")
        elif parameter.name == "confirm":
            options.append(f"--confirm={suffix}")
    return [*name.split(), *options, "--", *arguments]


def test_the_corpus_is_what_it_claims() -> None:
    assert len(set(HOSTILE)) == CORPUS
    for pieces in (SHELL, PATHS, GLOBS, FORMATS, SPACES, LOOKALIKES, DASHES):
        assert all(any(piece in text for text in HOSTILE) for piece in pieces)
    assert any(len(text) > 1000 for text in HOSTILE)
    assert all(USABLE.match(text) for text in WHOLE)


def test_the_commands_are_those_that_take_a_suffix() -> None:
    assert {"env show", "env verify", "env extend", "env destroy", "env unlock", "env deploy", "pay"} <= COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_trap_is_sprung_by_a_usable_suffix(name: str) -> None:
    """Else the tests below would prove nothing."""
    if name in JOURNALS:
        assert main(words_for(name, "pr-1")) in (ExitCode.OK, ExitCode.FAILED)
        return
    with pytest.raises(Touched):
        main(words_for(name, "pr-1"))


# Measuring coverage takes longer than the calls; one of each kind is measured below.
@pytest.mark.no_cover
@pytest.mark.parametrize("part", range(PARTS))
def test_ten_thousand_hostile_suffixes_are_refused(part: int) -> None:
    names = list(COMMANDS)
    for number, suffix in enumerate(HOSTILE[part::PARTS]):
        assert main(words_for(names[number % len(names)], suffix)) == ExitCode.USAGE, repr(suffix)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_refuses_each_kind(name: str) -> None:
    for suffix in [
        "",
        *(pieces[0] for pieces in (SHELL, PATHS, GLOBS, FORMATS, SPACES, LOOKALIKES, DASHES, OTHERS, LONG)),
    ]:
        assert main(words_for(name, suffix)) == ExitCode.USAGE, repr(suffix)


@pytest.mark.parametrize("name", [name for name in COMMANDS if not name.startswith("env")])
def test_without_an_option_the_variable_is_refused_too(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT_SUFFIX", "../pr-1")
    words = [word for word in words_for(name, "unused") if not word.startswith("--suffix")]
    assert main(words) == ExitCode.USAGE
