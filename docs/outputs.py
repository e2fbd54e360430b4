"""The table of a stack's outputs, with the settings that add some or take them away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from docs.resources import regions
from docs.synthesis import Document, shown, synthesize

# Each tried alone.
OUTPUT_SETTINGS = (("APPROVAL_THRESHOLD", "1000"), ("DB_AUTHENTICATION", "iam"), ("FUNCTION_URL", "true"))
REFERENCE = re.compile(r"\$\{(aws_\w+\.\w+)\.([\w\[\].]+)\}")
# What is called after its contents, which change more often than the documentation.
CONTENT_HASH = re.compile(r"[0-9a-f]{32}")
# A local value that is the ARN of something replicated, with the Region of the replica.
REPLICA = re.compile(r'\$\{replace\((aws_\w+\.\w+)\.(\w+), ":[\w-]+:", ":([\w-]+):"\)\}')


def with_each_setting(variables: Mapping[str, str] | None = None) -> dict[str, Document]:
    """Return the stack of `variables` with each of `OUTPUT_SETTINGS` alone, by the setting as the table shows it."""
    settings = {f"{name}={'...' if value.isdigit() else value}": {name: value} for name, value in OUTPUT_SETTINGS}
    return with_settings(settings, variables or {})


def with_settings(settings: Mapping[str, Mapping[str, str]], variables: Mapping[str, str]) -> dict[str, Document]:
    """Return the stack of `variables` with each of `settings` alone, by what the table says of it."""
    return {shown_as: synthesize({**variables, **changes}) for shown_as, changes in settings.items()}


def outputs(default: Document, others: Mapping[str, Document]) -> str:
    """Return the table of outputs. `others` are the stacks with one setting changed, by that setting as text.

    What two Regions have alike is one row, with `{role}` and `{region}` for both.
    """
    found = {name: ", ".join(_descriptions(output["value"], default)) for name, output in default["output"].items()}
    for setting, document in others.items():
        for name, output in document["output"].items():
            if name not in default["output"]:
                found[name] = f"{', '.join(_descriptions(output['value'], document))}, only with `{setting}`"
        for name in default["output"].keys() - document["output"].keys():
            found[name] += f", not with `{setting}`"
    rows = [f"| `{name}` | {text} |" for name, text in sorted(_by_role(found, regions(default)).items())]
    return "\n".join(["| output | value |", "|---|---|", *rows])


def _by_role(found: Mapping[str, str], roles: Mapping[str, str]) -> dict[str, str]:
    """Put what every role has under one name, where it is the same but for role and Region."""
    alike: dict[tuple[str, str], list[str]] = {}
    for name, text in found.items():
        role = next((role for role in roles if name.startswith(f"{role}_")), None)
        of_any = (name.replace(f"{role}_", "{role}_"), _of_any(text, role, roles[role])) if role else (name, text)
        alike.setdefault(of_any, []).append(name)
    rows: dict[str, str] = {}
    for (name, text), names in alike.items():
        rows |= {name: text} if len(names) == len(roles) else {one: found[one] for one in names}
    return rows


def _of_any(text: str, role: str, region: str) -> str:
    return text.replace(f"{role}_", "{role}_").replace(region, "{region}")


def _descriptions(value: object, document: Document) -> Iterator[str]:
    """Describe the value of an output: an attribute of a resource, a text with such attributes, or a list of them."""
    if isinstance(value, list):
        for member in value:
            yield from _descriptions(member, document)
        return
    text = str(value)
    if local := re.fullmatch(r"\$\{local\.(\w+)\}", text):
        text = str(document["locals"][local[1]])
    if whole := REFERENCE.fullmatch(text):
        yield f"{whole[2]} of `{whole[1]}`"
    elif replica := REPLICA.fullmatch(text):
        yield f"{replica[2]} of `{replica[1]}` in {replica[3]}"
    elif CONTENT_HASH.fullmatch(text):
        yield "a hash of what it is built from"
    else:
        yield f"`{shown(REFERENCE.sub(lambda part: f'<{part[2]} of {part[1]}>', text))}`"
