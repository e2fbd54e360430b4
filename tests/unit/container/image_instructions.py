"""The Dockerfile as a list of instructions."""

import json
from dataclasses import dataclass
from pathlib import Path

DOCKERFILE = Path(__file__).resolve().parents[3] / "lib" / "container" / "Dockerfile"


@dataclass(frozen=True)
class Instruction:
    """`stage` counts from 0; what comes before the first FROM is of -1."""

    stage: int
    name: str
    text: str

    @property
    def command(self) -> list[str]:
        """The arguments of the exec form. Raises `ValueError` where it is another."""
        return [str(argument) for argument in json.loads(self.text[self.text.index("[") :])]


def instructions() -> list[Instruction]:
    """https://docs.docker.com/reference/dockerfile/#format"""
    lines = [line for line in DOCKERFILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    found: list[Instruction] = []
    stage = -1
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, text = line.partition(" ")
            stage += name == "FROM"
            found.append(Instruction(stage, name, " ".join(text.split())))
    return found
