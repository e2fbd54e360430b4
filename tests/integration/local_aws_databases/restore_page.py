"""The commands of RDS on the page about restoring the PostgreSQL ledger, executed as they stand there."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore import xform_name

PAGE = Path(__file__).parents[3] / "docs" / "restore-postgresql.md"
TEXT = PAGE.read_text().replace("\\\n", "")
EXAMPLE_MOMENT = "2026-11-26T09:30:00Z"
POLL_SECONDS = 1


def commands(step: str) -> list[list[str]]:
    """The words of each `aws rds` command under the heading that begins with this."""
    return [shlex.split(line, posix=True) for line in re.findall(r"^aws rds (.*)", _section(step), re.MULTILINE)]


def queries(step: str, moment: str) -> list[str]:
    """The queries under a heading, for a moment."""
    (block,) = re.findall(r"```sql\n(.*?)```", _section(step), re.DOTALL)
    return [query for query in block.replace(EXAMPLE_MOMENT, moment).split(";") if query.strip()]


def execute(rds: Any, words: list[str], values: Mapping[str, str]) -> dict[str, Any]:
    """Executes a command with boto3. `values` stand for the shell's variables and for words in capitals."""
    filled = [_filled(word, values) for word in words]
    if filled[0] == "wait":
        waiter = rds.get_waiter(filled[1].replace("-", "_"))
        waiter.wait(**_parameters(rds, _describing(filled[1]), filled[2:]), WaiterConfig={"Delay": POLL_SECONDS})
        return {}
    call = getattr(rds, filled[0].replace("-", "_"))
    answer: dict[str, Any] = call(**_parameters(rds, filled[0], filled[1:]))
    return answer


def _section(step: str) -> str:
    return next(part for part in TEXT.split("\n## ") if part.startswith(step))


def _filled(word: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        word = word.replace(f"${name}", value)
    return values.get(word, word)


def _describing(waiter: str) -> str:
    return "describe-db-clusters" if waiter.startswith("db-cluster") else "describe-db-instances"


def _parameters(rds: Any, operation: str, words: list[str]) -> dict[str, Any]:
    model = rds.meta.service_model
    (name,) = (one for one in model.operation_names if xform_name(one, "-") == operation)
    members = model.operation_model(name).input_shape.members
    options = {xform_name(one, "-"): one for one in members}
    given: dict[str, Any] = {}
    for option, *values in _options(words):
        if option == "query":
            continue
        parameter = options.get(option) or options[option.removeprefix("no-")]
        kind = members[parameter].type_name
        if kind == "boolean":
            given[parameter] = option in options
        else:
            given[parameter] = values if kind == "list" else values[0]
    return given


def _options(words: list[str]) -> list[list[str]]:
    found: list[list[str]] = []
    for word in words:
        if word.startswith("--"):
            found.append([word.removeprefix("--")])
        else:
            found[-1].append(word)
    return found
