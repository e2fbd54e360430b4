"""Reads a Dockerfile (https://docs.docker.com/reference/dockerfile/)."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from local_aws.containers.errors import BuildError

KNOWN = frozenset(
    {
        *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "ONBUILD"),
        *("RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
    }
)
HEREDOC = re.compile(r"<<-?\s*[\"']?(\w+)[\"']?")
VARIABLE = re.compile(r"\\\$|\$(?:(\w+)|\{(\w+)(?::-([^}]*))?\})")
STAGE = re.compile(r"(?:--platform=\S+\s+)?(?P<base>\S+)(?:\s+AS\s+(?P<name>\S+))?", re.IGNORECASE)


@dataclass(frozen=True)
class Instruction:
    """An instruction, its name in upper case."""

    name: str
    value: str


@dataclass
class Stage:
    """What is built upon one base; `name` is empty where it has none."""

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)


def read_stages(text: str) -> list[Stage]:
    """The stages of a Dockerfile; the last one is the image. Raises BuildError."""
    stages: list[Stage] = []
    arguments: dict[str, str] = {}
    for instruction in _instructions(text):
        if instruction.name == "FROM":
            found = STAGE.fullmatch(expanded(instruction.value, arguments))
            if not found:
                raise BuildError(f"dockerfile parse error: FROM {instruction.value}")
            stages.append(Stage(found["base"], (found["name"] or "").lower()))
        elif stages:
            stages[-1].instructions.append(instruction)
        elif instruction.name == "ARG":
            name, _, default = instruction.value.partition("=")
            # The build's commands, which are not run here, give one without a default: its name stands for that.
            arguments[name] = default.strip("\"'") or name
        else:
            raise BuildError("dockerfile parse error: no build stage in current context")
    if not stages:
        raise BuildError("dockerfile parse error: file with no instructions")
    return stages


def _instructions(text: str) -> Iterator[Instruction]:
    lines = iter(text.splitlines())
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        whole = line
        while whole.rstrip().endswith("\\"):
            following = next(lines, "")
            if not following.lstrip().startswith("#"):
                whole = f"{whole.rstrip()[:-1]} {following.strip()}"
        name, _, value = whole.strip().partition(" ")
        if name.upper() not in KNOWN:
            raise BuildError(f"dockerfile parse error: unknown instruction: {name}")
        for end in HEREDOC.findall(value):
            while (following := next(lines, end).strip()) != end:
                value = f"{value}\n{following}"
        yield Instruction(name.upper(), value.strip())


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """The text with its variables replaced; unknown ones are empty."""

    def value(found: re.Match[str]) -> str:
        if found[0] == "\\$":
            return "$"
        return variables.get(found[1] or found[2]) or found[3] or ""

    return VARIABLE.sub(value, text)


def listed(value: str) -> list[str]:
    """A command: the exec form as it is, the shell form as the shell's."""
    if value.startswith("["):
        try:
            command = json.loads(value)
        except ValueError:
            command = None
        if isinstance(command, list) and all(isinstance(word, str) for word in command):
            return command
    return ["/bin/sh", "-c", value] if value else []
