"""The inputs: settings, the files that they come from, and what of them ends soon."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lib.availability import ENGINE_LINE_ENDS, LAMBDA_RUNTIME_ENDS, engine_line
from lib.settings import Settings, SettingsError, load_settings
from tap.doctor.check import Check
from tap.doctor.design import Design, DesignError
from tap.doctor.examination import CannotCheckError

GROUP = "Inputs"
SOON_DAYS = 180
CORRECT = 'correct it in the environment or in .env; README, "Inputs", lists what can be given'


@dataclass(frozen=True)
class Inputs:
    """The settings, or why they cannot be used."""

    settings: Settings | None
    faults: tuple[str, ...] = ()

    @classmethod
    def read(cls, region: str | None) -> Inputs:
        """Read them as every command does; `region` wins over AWS_REGION."""
        try:
            return cls(load_settings(**({"aws_region": region} if region else {})))
        except SettingsError as error:
            return cls(None, tuple(str(error).splitlines()))

    def usable(self) -> Settings:
        """The settings. Raises CannotCheckError where they cannot be used."""
        if self.settings is None:
            raise CannotCheckError("the inputs cannot be used", "correct them first")
        return self.settings

    def checks(self) -> Iterator[Check]:
        """One check for each fault, or one that names the variables that were given."""
        if self.settings is None:
            for fault in self.faults:
                name, separator, _ = fault.partition("=")
                yield Check.fault(GROUP, name if separator else "settings", fault, CORRECT)
            return
        given = sorted(name.upper() for name in self.settings.model_fields_set)
        shown = f"given: {', '.join(given)}" if given else "nothing is given, every input has its default"
        yield Check.ok(GROUP, "settings", f"environment {self.settings.environment_suffix!r}; {shown}")


def env_file(folder: Path) -> Iterator[Check]:
    """Whether there is a `.env`; both is well."""
    file = folder / ".env"
    yield Check.ok(GROUP, ".env", f"read from {file}" if file.is_file() else f"none in {folder}")


def cli_configuration_file(variables: Mapping[str, str] = os.environ) -> Iterator[Check]:
    """A note where TF_CLI_CONFIG_FILE names nothing: the project's own configuration is used then."""
    named = variables.get("TF_CLI_CONFIG_FILE")
    if named and not Path(named).is_file():
        found = f"{named} does not exist; the project's own configuration is used"
        yield Check.ok(GROUP, "TF_CLI_CONFIG_FILE", found)


def ends_of_life(settings: Settings, today: date) -> Iterator[Check]:
    """Engine version and runtime, against the dates in lib/availability.py."""
    engine, version = settings.db_engine, settings.db_engine_version
    line = engine_line(engine, version)
    assert line is not None  # The settings were validated.
    yield _end("DB_ENGINE_VERSION", version, ENGINE_LINE_ENDS[engine], line, today)
    yield _end("LAMBDA_RUNTIME", settings.lambda_runtime, LAMBDA_RUNTIME_ENDS, settings.lambda_runtime, today)


def _end(variable: str, value: str, ends: Mapping[str, date], key: str, today: date) -> Check:
    end = ends[key]
    days = (end - today).days
    later = [name for name, other in ends.items() if other > end]
    remedy = f"set {variable} to one of {', '.join(later)}" if later else "add a later one to lib/availability.py"
    if days < 0:
        return Check.fault(GROUP, variable, f"AWS's support of {value} ended on {end}", remedy)
    if days <= SOON_DAYS:
        return Check.warning(GROUP, variable, f"AWS's support of {value} ends on {end}, in {days} days", remedy)
    return Check.ok(GROUP, variable, f"{value}, supported until {end}")


def architecture(settings: Settings, design: Design | DesignError) -> Iterator[Check]:
    """Whether the settings synthesize to something that AWS takes."""
    if isinstance(design, DesignError):
        yield Check.fault(GROUP, "architecture", str(design), design.remedy)
    else:
        found = f"{settings.architecture}: {design.resources} resources of {design.types} types"
        yield Check.ok(GROUP, "architecture", found)
