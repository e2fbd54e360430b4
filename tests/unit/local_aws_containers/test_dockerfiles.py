"""Dockerfiles are read, and images are copied together, as Docker would."""

from pathlib import Path

import pytest

from local_aws.containers.dockerfile import Instruction, expanded, listed, read_stages
from local_aws.containers.errors import BuildError
from local_aws.containers.image_content import ImageContent, assemble

TWO_STAGES = """\
# syntax=docker/dockerfile:1
ARG PYTHON=3.13
FROM --platform=linux/arm64 python:${PYTHON}-slim AS build
COPY requirements.txt ./
RUN pip install \\
    # with hashes
    --require-hashes -r requirements.txt
RUN <<END
echo FROM nowhere
END

from python:$PYTHON-slim
WORKDIR /srv
COPY --from=build /requirements.txt /etc/
COPY --from=build /packages /packages
COPY --chown=10001 app ./app/
ENV GREETING="good day" NAME=$PYTHON
ENV PLACE here and now
ENTRYPOINT ["python", "-m", "app"]
CMD ["--port", "8080"]
"""


def built(tmp_path: Path, dockerfile: str) -> ImageContent:
    """The image of a small context with this Dockerfile."""
    context = tmp_path / "context"
    (context / "app/inner").mkdir(parents=True)
    for name in ("requirements.txt", "app/main.py", "app/inner/more.py"):
        (context / name).write_text(name)
    (context / "Dockerfile").write_text(dockerfile)
    return assemble(context, tmp_path / "image")


def test_stages_have_their_instructions_without_comments_and_line_ends() -> None:
    first, second = read_stages(TWO_STAGES)
    assert (first.base, first.name, second.base, second.name) == ("python:3.13-slim", "build", "python:3.13-slim", "")
    assert first.instructions[0] == Instruction("COPY", "requirements.txt ./")
    assert first.instructions[1].value.split() == ["pip", "install", "--require-hashes", "-r", "requirements.txt"]
    assert first.instructions[2] == Instruction("RUN", "<<END\necho FROM nowhere")
    assert [one.name for one in second.instructions][-2:] == ["ENTRYPOINT", "CMD"]


def test_base_that_the_build_names_stands_under_its_arguments_name() -> None:
    assert [stage.base for stage in read_stages("ARG BASE\nFROM ${BASE} AS a\nFROM ${BASE}\n")] == ["BASE", "BASE"]


@pytest.mark.parametrize("text", ["", "# nothing\n", "RUN true\n", "FROM a b c\n", "FROM scratch\nRUNN true\n"])
def test_what_is_no_dockerfile_is_refused(text: str) -> None:
    with pytest.raises(BuildError, match="dockerfile parse error"):
        read_stages(text)


def test_variables_are_replaced_and_may_have_a_default() -> None:
    assert expanded("$A-${B}-${C:-c}-\\$A-$D", {"A": "a", "B": "b"}) == "a-b-c-$A-"


def test_commands_have_an_exec_form_and_a_shell_form() -> None:
    assert listed('["python", "-m", "app"]') == ["python", "-m", "app"]
    assert listed("exec python -m app") == ["/bin/sh", "-c", "exec python -m app"]
    assert listed("[ -f x ] && true") == ["/bin/sh", "-c", "[ -f x ] && true"]


def test_an_image_holds_what_was_copied_and_its_settings(tmp_path: Path) -> None:
    image = built(tmp_path, TWO_STAGES)
    files = sorted(str(path.relative_to(image.root)) for path in image.root.rglob("*") if path.is_file())
    assert files == ["etc/requirements.txt", "srv/app/inner/more.py", "srv/app/main.py"]
    assert image.environment == {"GREETING": "good day", "NAME": "", "PLACE": "here and now"}
    assert (image.directory, image.entrypoint, image.command) == (
        "/srv",
        ("python", "-m", "app"),
        ("--port", "8080"),
    )
    assert image.inside("app") == image.root / "srv/app"
    assert image.inside("/etc") == image.root / "etc"


def test_a_stage_can_begin_with_another_and_take_over_its_settings(tmp_path: Path) -> None:
    image = built(tmp_path, 'FROM scratch AS base\nENV A=1\nCOPY app/*.py /lib/\nCMD x\nFROM base\nENTRYPOINT ["y"]\n')
    assert (image.root / "lib/main.py").read_text() == "app/main.py"
    assert (dict(image.environment), image.entrypoint, image.command) == ({"A": "1"}, ("y",), ())


@pytest.mark.parametrize(
    ("instruction", "message"),
    [("COPY missing.py /srv/", "not found"), ("COPY ../../etc/hostname /srv/", "forbidden path|not found")],
)
def test_what_is_not_in_the_context_cannot_be_copied(tmp_path: Path, instruction: str, message: str) -> None:
    with pytest.raises(BuildError, match=message):
        built(tmp_path, f"FROM scratch\n{instruction}\n")


def test_a_context_without_dockerfile_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="failed to read dockerfile"):
        assemble(tmp_path, tmp_path / "image")
