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
    """Where the requests go (`url`), the API's own host name, and the AWS variables to sign them with."""

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
