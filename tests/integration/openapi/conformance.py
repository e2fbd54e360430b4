"""Judges answers by the OpenAPI document's schemas, and runs the document against an endpoint with schemathesis."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[2] / "docs" / "openapi.json"
CONFIGURATION = HERE / "schemathesis.toml"
# Longest that one run may take.
RUN_SECONDS = 300


@dataclass(frozen=True)
class Endpoint:
    """Where the requests go (`url`), the API's own host name, and the AWS variables to sign them with, or API_KEY."""

    url: str
    host: str
    variables: dict[str, str]


@dataclass(frozen=True)
class Conformance:
    """What schemathesis found. `answers` counts the requests by operation (`POST /payments`) and status."""

    passed: bool
    seed: int
    report: str
    answers: Counter[tuple[str, int]]


def schema_validator(document: Mapping[str, Any], name: str) -> Draft202012Validator:
    """What judges a value by the schema of this name."""
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": document["components"]}, validate_formats=True
    )


def documented(document: Mapping[str, Any], operation: str, status: int) -> dict[str, Any]:
    """What the document says of this answer of `POST /payments` or its like. KeyError where it says nothing."""
    method, path = operation.lower().split()
    return _resolved(document, document["paths"][path][method]["responses"][str(status)])


def deviations(
    document: Mapping[str, Any], response: Mapping[str, Any], headers: Mapping[str, str], body: object
) -> list[str]:
    """Where an answer differs from what the document says of it; `headers` by lower-case name."""
    name = response["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    found = [error.message for error in schema_validator(document, name).iter_errors(body)]
    if headers["content-type"] != "application/json":
        found.append(f"content-type: {headers['content-type']}")
    for name, reference in response["headers"].items():
        header = _resolved(document, reference)
        if name not in headers:
            found += [f"{name} is missing"] if header.get("required") else []
            continue
        value = int(headers[name]) if header["schema"].get("type") == "integer" else headers[name]
        found += [f"{name}: {error.message}" for error in Draft202012Validator(header["schema"]).iter_errors(value)]
    return found


def _resolved(document: Mapping[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """A response or header, which may be a reference to one of the components."""
    if "$ref" not in part:
        return part
    _, _, kind, name = part["$ref"].split("/")
    component: dict[str, Any] = document["components"][kind][name]
    return component


def run_document(
    endpoint: Endpoint, folder: Path, *, max_examples: int, excluded_checks: tuple[str, ...] = ()
) -> Conformance:
    """Examples, coverage, fuzzing and links of the document, with the seed OPENAPI_SEED or one that is printed."""
    seed = int(os.environ.get("OPENAPI_SEED") or random.SystemRandom().randrange(2**31))
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION), "run", str(DOCUMENT)]
    command += ["--url", endpoint.url, "--seed", str(seed), "--max-examples", str(max_examples)]
    command += ["--generation-database", "none", "--generation-with-security-parameters", "false"]
    command += ["--report", "ndjson", "--report-ndjson-path", str(folder / "run.ndjson")]
    if excluded_checks:
        command += ["--exclude-checks", ",".join(excluded_checks)]
    outside = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    run = subprocess.run(
        command,
        cwd=folder,
        env={
            **outside,
            **endpoint.variables,
            "API_HOST": endpoint.host,
            "PYTHONPATH": str(HERE),
            "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
        },
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    print(f"OPENAPI_SEED={seed} repeats these requests")
    return Conformance(
        passed=run.returncode == 0,
        seed=seed,
        report=f"OPENAPI_SEED={seed}\n{run.stdout}\n{run.stderr}",
        answers=_answers(folder / "run.ndjson"),
    )


def _answers(report: Path) -> Counter[tuple[str, int]]:
    """Requests by operation and status, from the events that schemathesis writes, one JSON document a line."""
    answers: Counter[tuple[str, int]] = Counter()
    for line in report.read_text().splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for id_, interaction in recorder.get("interactions", {}).items():
            case = recorder["cases"][id_]["value"]
            status = interaction["response"]["status_code"] if interaction["response"] else 0
            answers[f"{case['method']} {case['path']}", status] += 1
    return answers
