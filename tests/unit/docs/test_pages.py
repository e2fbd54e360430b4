from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from docs.markers import ROOT
from docs.synthesis import Document
from lib.networking.endpoints import SERVICES

README = ROOT / "README.md"
TIMES = "\u00d7"
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
PAGES = [README, *sorted((ROOT / "docs").glob("*.md")), *DECISIONS]
LINK = re.compile(r"\[[^\]]+\]\(([^)#\s]+)\)")
MAKE = re.compile(r"(?:^    |`)make ([a-z-]+)", re.MULTILINE)


def linked_files(page: Path) -> list[Path]:
    """Return the files and folders that a page links to; a bare file name beside a linked one is in its folder."""
    return [page.parent / target for target in LINK.findall(page.read_text()) if "://" not in target]


def cost_rows() -> dict[str, tuple[list[float], float]]:
    """Return factors and amount of each component in the table of costs."""
    section = README.read_text().partition("## What it costs")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([\d. \u00d7]+) \| ([\d.]+) \|$", section, re.MULTILINE)
    return {name: ([float(factor) for factor in formula.split(TIMES)], float(amount)) for name, formula, amount in rows}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_of_the_project(page: Path) -> None:
    assert [path for path in linked_files(page) if not path.exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_name_no_path_of_a_machine(page: Path) -> None:
    assert re.findall(r"(?<![\w.])/(?:home|root|tmp|work|Users|opt)/\S*", page.read_text()) == []


def test_every_make_target_that_pages_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {target for page in PAGES for target in MAKE.findall(page.read_text())}
    assert {"demo", "test"} <= named <= targets


def test_every_concern_of_the_stack_is_in_the_table_of_what_to_open() -> None:
    linked = linked_files(README)
    imported = re.findall(r"^from (lib\.[\w.]+) import", (ROOT / "lib" / "tap_stack.py").read_text(), re.MULTILINE)
    concerns = {ROOT / Path(*module.split(".")).parent for module in imported} - {ROOT / "lib"}
    assert concerns
    assert [str(folder) for folder in concerns if not any(folder in (path, *path.parents) for path in linked)] == []


def test_every_decision_has_context_decision_and_consequences_on_one_page() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    for path in DECISIONS:
        text = path.read_text()
        assert text.startswith(f"# {int(path.name[:4])}. "), path.name
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert {"Context", "Decision", "Consequences"} <= set(headings), path.name
        assert len(text.splitlines()) <= 60, path.name


def test_each_cost_is_its_formula_and_the_total_is_their_sum() -> None:
    rows = cost_rows()
    for name, (factors, amount) in rows.items():
        assert math.prod(factors) == pytest.approx(amount, abs=0.005), name
    total = re.search(r"\| \*\*all\*\* \| \| \*\*([\d.]+)\*\* \|", README.read_text())
    assert total
    assert sum(amount for _, amount in rows.values()) == pytest.approx(float(total[1]), abs=0.005)


@pytest.mark.parametrize(
    ("component", "type_"),
    [
        ("Aurora instances, `db.r5.large`", "aws_rds_cluster_instance"),
        ("NAT gateway", "aws_nat_gateway"),
        ("its public IPv4 address", "aws_eip"),
        ("KMS keys", "aws_kms_key"),
        ("alarms", "aws_cloudwatch_metric_alarm"),
        ("composite alarm", "aws_cloudwatch_composite_alarm"),
        ("dashboard (an account's first three are free)", "aws_cloudwatch_dashboard"),
        ("Route 53 zone", "aws_route53_zone"),
    ],
)
def test_the_costs_count_what_the_stack_makes(default_stack: Document, component: str, type_: str) -> None:
    assert cost_rows()[component][0][0] == len(default_stack["resource"][type_])


def test_the_cost_of_endpoints_counts_the_services() -> None:
    formula = f" {TIMES} ".join([str(len(SERVICES)), "3", "0.01", "730"])
    assert f"{formula} = {len(SERVICES) * 3 * 0.01 * 730:.2f}" in README.read_text()
