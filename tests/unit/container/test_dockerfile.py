"""What the image is made of, as far as its Dockerfile says."""

import re

import pytest
import yaml  # type: ignore[import-untyped]

from lib.compute.archive import SERVICES
from lib.compute.base_image import DIGEST, PYTHON_END, base_image
from lib.container import service_probe
from tests.unit.container.image_instructions import DOCKERFILE, Instruction, instructions

SECRET = re.compile(r"password|secret|token|api_?key|aws_access", re.IGNORECASE)


def of(*names: str, stage: int | None = None) -> list[Instruction]:
    return [one for one in instructions() if one.name in names and stage in (None, one.stage)]


def test_both_stages_are_of_the_base_image_that_the_build_names() -> None:
    assert [one.text for one in of("FROM")] == ["${BASE_IMAGE} AS packages", "${BASE_IMAGE}"]
    assert [one.text for one in of("ARG")] == ["BASE_IMAGE"]


def test_base_image_is_a_supported_python_and_its_digest_is_none_that_was_made_up() -> None:
    assert DIGEST is None or re.fullmatch(r"sha256:[0-9a-f]{64}", DIGEST)
    assert re.fullmatch(r"[\w./-]+(:3\.13-slim-[a-z]+|@sha256:[0-9a-f]{64})", base_image())
    assert base_image("sha256:" + "0" * 64).endswith("/python@sha256:" + "0" * 64)
    assert PYTHON_END.year == 2029


def test_packages_come_from_the_lock_file_before_the_code() -> None:
    names = [(one.name, one.text) for one in instructions() if one.stage == 0]
    (install,) = (one for one in of("RUN", stage=0) if "pip" in one.command)
    assert {"--require-hashes", "--no-deps", "--only-binary=:all:", "--no-cache-dir"} <= set(install.command)
    order = [names.index(("COPY", "requirements.txt /build/requirements.txt")), names.index(("RUN", install.text))]
    assert order == sorted(order)
    assert order[1] < names.index(("COPY", "service /service"))


def test_image_keeps_the_descriptions_of_the_services_that_are_called() -> None:
    (drop,) = (one for one in of("RUN") if one.command[0] == "find")
    kept = {name for option, name in zip(drop.command, drop.command[1:], strict=False) if option == "-name"}
    assert kept == {*SERVICES, "sqs"}


def test_final_stage_runs_nothing_and_holds_packages_and_service_alone() -> None:
    assert of("RUN", stage=1) == []
    assert [one.text for one in of("COPY", stage=1)] == [
        "--from=packages /packages /packages",
        "--from=packages /service /service",
    ]
    assert of("ADD", "VOLUME", "MAINTAINER", "SHELL") == []


def test_service_is_not_root() -> None:
    (user,) = of("USER", stage=1)
    assert re.fullmatch(r"[1-9][0-9]+:[1-9][0-9]+", user.text)


@pytest.mark.parametrize("name", ["RUN", "ENTRYPOINT", "HEALTHCHECK"])
def test_commands_are_run_without_a_shell_that_would_keep_signals_from_them(name: str) -> None:
    assert all(one.command for one in of(name))


def test_service_and_its_probe_are_started_by_their_modules() -> None:
    (entry,), (health,) = of("ENTRYPOINT"), of("HEALTHCHECK")
    assert entry.command == ["python", "-m", "payment_service"]
    assert health.command == ["python", "-m", service_probe.__name__.rpartition(".")[2]]
    assert [one.text for one in of("EXPOSE")] == [service_probe.DEFAULT_PORT]
    assert [one.text for one in of("STOPSIGNAL")] == ["SIGTERM"]


def test_no_secret_is_built_in() -> None:
    assert not any(SECRET.search(one.text) for one in of("ARG", "ENV", "LABEL"))


def test_build_takes_the_base_image_by_digest_and_pushes_a_tag_once() -> None:
    specification = yaml.safe_load(DOCKERFILE.with_name("buildspec.yml").read_text())
    assert specification["version"] == 0.2
    (build,) = specification["phases"]["build"]["commands"]
    steps = [
        "docker manifest inspect",
        "cat base_image",
        "imagetools inspect",
        "docker build --build-arg",
        "docker push",
    ]
    assert [build.index(step) for step in steps] == sorted(build.index(step) for step in steps)
    assert 'if [[ "$base" != *@sha256:* ]]' in build
