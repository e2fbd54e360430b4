"""What is in an image: files that are copied together, and how they are started.

The local AWS has no container engine: nothing that RUN says is done. What it would install, the project has installed.
"""

import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from local_aws.containers.dockerfile import Instruction, Stage, expanded, listed, read_stages
from local_aws.containers.errors import BuildError

DOCKERFILE = "Dockerfile"


@dataclass(frozen=True)
class ImageContent:
    """The files of an image under `root`, and its settings."""

    root: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: str = "/"
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()

    def inside(self, path: str) -> Path:
        """Where a path of the image is on this computer."""
        return self.root / str(PurePosixPath(self.directory, path)).lstrip("/")


def assemble(context: Path, folder: Path) -> ImageContent:
    """Builds the image of a context into the folder. Raises BuildError."""
    file = context / DOCKERFILE
    if not file.is_file():
        raise BuildError("failed to read dockerfile: open Dockerfile: no such file or directory")
    built: dict[str, ImageContent] = {}
    for number, stage in enumerate(read_stages(file.read_text())):
        content = _built(stage, context, folder / str(number), built)
        built |= {str(number): content, **({stage.name: content} if stage.name else {})}
    return content


def _built(stage: Stage, context: Path, root: Path, before: Mapping[str, ImageContent]) -> ImageContent:
    root.mkdir(parents=True)
    content, arguments = ImageContent(root), dict[str, str]()
    base = before.get(stage.base.lower())
    if base:
        shutil.copytree(base.root, root, dirs_exist_ok=True)
        content = replace(base, root=root)
    for instruction in stage.instructions:
        value = instruction.value
        if instruction.name in ("ADD", "ARG", "COPY", "ENV", "WORKDIR"):
            value = expanded(value, {**arguments, **content.environment})
        match instruction.name:
            case "ARG":
                name, _, default = value.partition("=")
                arguments[name] = default.strip("\"'")
            case "ENV":
                content = replace(content, environment={**content.environment, **_pairs(value)})
            case "WORKDIR":
                content = replace(content, directory=str(PurePosixPath(content.directory, value)))
                content.inside("").mkdir(parents=True, exist_ok=True)
            case "COPY" | "ADD":
                _copy(Instruction(instruction.name, value), context, content, before)
            case "ENTRYPOINT":
                content = replace(content, entrypoint=tuple(listed(value)), command=())
            case "CMD":
                content = replace(content, command=tuple(listed(value)))
    return content


def _pairs(value: str) -> dict[str, str]:
    """`ENV name=value ...`, or the old form `ENV name value`."""
    words = shlex.split(value)
    if "=" not in words[0]:
        return {words[0]: value.partition(" ")[2].strip()}
    return dict(word.split("=", 1) for word in words)


def _copy(instruction: Instruction, context: Path, content: ImageContent, before: Mapping[str, ImageContent]) -> None:
    """COPY and ADD. What a stage's RUN would have made, or what is in images from elsewhere, is left out."""
    words = listed(instruction.value) if instruction.value.startswith("[") else shlex.split(instruction.value)
    options = dict(word[2:].partition("=")[::2] for word in words if word.startswith("--"))
    *sources, target = [word for word in words if not word.startswith("--")]
    origin = options.get("from")
    base = context.resolve() if origin is None else None
    if origin is not None and origin.lower() in before:
        base = before[origin.lower()].root.resolve()
    into = target.endswith("/") or target == "." or len(sources) > 1
    for source in sources if base else []:
        assert base
        found = sorted(base.glob(source.lstrip("/") or "*")) if source not in (".", "./") else [base]
        if not found and origin is None:
            raise BuildError(f'failed to calculate checksum: "/{source}": not found')
        for path in found:
            if not path.resolve().is_relative_to(base):
                raise BuildError(f"forbidden path outside the build context: {source}")
            _place(path, content.inside(target), into=into)


def _place(path: Path, target: Path, *, into: bool) -> None:
    if path.is_dir():
        shutil.copytree(path, target, dirs_exist_ok=True)
        return
    place = target / path.name if into or target.is_dir() else target
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, place)
