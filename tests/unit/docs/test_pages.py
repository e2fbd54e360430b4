from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.session import Session

from docs.markers import ROOT
from docs.synthesis import Document, shown
from lib.networking.endpoints import SERVICES

README = ROOT / "README.md"
CHOICE = ROOT / "docs" / "which-architecture.md"
# The stacks that the columns of the table of costs count, in their order.
STACKS = {"one Region": "default_stack", "two Regions": "two_region_stack", "containers": "container_stack"}
TIMES = "\u00d7"
FORMULA = re.compile(r"[\d.]+(?: \u00d7 [\d.]+)+")
# Options of AWS's command line that are no parameters of the operation.
GLOBAL_OPTIONS = {"region", "query"}
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
PAGES = [README, *sorted((ROOT / "docs").glob("*.md")), *DECISIONS]
LINK = re.compile(r"\[[^\]]+\]\(([^)#\s]+)\)")
MAKE = re.compile(r"(?:^    |`)make ([a-z-]+)", re.MULTILINE)


def linked_files(page: Path) -> list[Path]:
    """Return the files and folders that a page links to; a bare file name beside a linked one is in its folder."""
    return [page.parent / target for target in LINK.findall(page.read_text()) if "://" not in target]


Row = tuple[list[float], float]


def cost_rows() -> dict[str, dict[str, Row]]:
    """Return factors and amount of each component in the table of costs, by architecture."""
    found: dict[str, dict[str, Row]] = {architecture: {} for architecture in STACKS}
    section = CHOICE.read_text().partition("## What it costs")[2].partition("\n## ")[0]
    for line in section.splitlines():
        name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        for architecture, formula, amount in zip(STACKS, cells[::2], cells[1::2], strict=False):
            if FORMULA.fullmatch(formula):
                found[architecture][name] = ([float(factor) for factor in formula.split(TIMES)], float(amount))
    return found


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


def test_every_concern_of_the_stacks_is_in_the_table_of_what_to_open() -> None:
    linked = linked_files(README)
    texts = [
        (ROOT / "lib" / f"{stack}.py").read_text()
        for stack in ("tap_stack", "disaster_recovery_stack", "container_stack")
    ]
    imported = re.findall(r"^from (lib\.[\w.]+) import", "\n".join(texts), re.MULTILINE)
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
    (totals,) = re.findall(
        r"^\| \*\*all\*\*" + r" \| \| \*\*([\d.]+)\*\*" * len(STACKS) + r" \|$", CHOICE.read_text(), re.MULTILINE
    )
    for rows, total in zip(cost_rows().values(), totals, strict=True):
        assert len(rows) > 10
        for name, (factors, amount) in rows.items():
            assert math.prod(factors) == pytest.approx(amount, abs=0.005), name
        assert sum(amount for _, amount in rows.values()) == pytest.approx(float(total), abs=0.005)


def test_pages_that_name_the_totals_round_them() -> None:
    one, two, containers = (round(sum(amount for _, amount in rows.values())) for rows in cost_rows().values())
    assert f"| USD a month, idle, class `ephemeral` | {one} | {two} | {containers} |" in CHOICE.read_text()
    assert f"about USD {one} a month in one Region and {two} in two" in README.read_text()
    assert f"and {containers} with\ncontainers" in README.read_text()


@pytest.mark.parametrize("architecture", STACKS)
@pytest.mark.parametrize(
    ("component", "types"),
    [
        ("load balancer", ["aws_lb"]),
        ("web ACL", ["aws_wafv2_web_acl"]),
        ("canaries, 8,760 runs each", ["aws_synthetics_canary"]),
        ("zone of Cloud Map", ["aws_service_discovery_private_dns_namespace"]),
        ("NAT gateways", ["aws_nat_gateway"]),
        ("their public IPv4 addresses", ["aws_eip"]),
        ("KMS keys, replicas too", ["aws_kms_key", "aws_kms_replica_key"]),
        ("alarms", ["aws_cloudwatch_metric_alarm"]),
        ("composite alarms", ["aws_cloudwatch_composite_alarm"]),
        ("dashboards (an account's first three are free)", ["aws_cloudwatch_dashboard"]),
        ("Route 53 zone", ["aws_route53_zone"]),
        ("their HTTPS", ["aws_route53_health_check"]),
    ],
)
def test_the_costs_count_what_the_stack_makes(
    request: pytest.FixtureRequest, architecture: str, component: str, types: list[str]
) -> None:
    resources = request.getfixturevalue(STACKS[architecture])["resource"]
    made = sum(len(resources.get(type_, {})) for type_ in types)
    rows = cost_rows()[architecture]
    assert (rows[component][0][0] if component in rows else 0) == made


@pytest.mark.parametrize("architecture", STACKS)
def test_the_costs_count_instances_of_the_class_that_the_stack_has(
    request: pytest.FixtureRequest, architecture: str
) -> None:
    instances = request.getfixturevalue(STACKS[architecture])["resource"]["aws_rds_cluster_instance"].values()
    (class_,) = {instance["instance_class"] for instance in instances}
    found = {
        name: factors for name, (factors, _) in cost_rows()[architecture].items() if name.startswith("Aurora inst")
    }
    assert found == {f"Aurora instances, `{class_}`": found[f"Aurora instances, `{class_}`"]}
    assert found[f"Aurora instances, `{class_}`"][0] == len(instances)


def test_the_costs_of_containers_count_tasks_and_rules(container_stack: Document) -> None:
    resources, rows = container_stack["resource"], cost_rows()["containers"]
    task = resources["aws_ecs_task_definition"]["service_task"]
    count = resources["aws_appautoscaling_target"]["service_scaling"]["min_capacity"]
    assert rows["tasks, 1 vCPU of Arm each"][0][:2] == [count, int(task["cpu"]) / 1024]
    assert rows["their memory, 2 GB each"][0][:2] == [count, int(task["memory"]) / 1024]
    assert task["runtime_platform"]["cpu_architecture"] == "ARM64"
    assert rows["its rules and groups of rules"][0][0] == len(resources["aws_wafv2_web_acl"]["web_acl"]["rule"])
    assert rows["its public IPv4 addresses"][0][0] == len(resources["aws_lb"]["balancer"]["subnets"])


def test_the_cost_of_endpoints_counts_the_services() -> None:
    formula = f" {TIMES} ".join([str(len(SERVICES)), "3", "0.01", "730"])
    assert f"{formula} = {len(SERVICES) * 3 * 0.01 * 730:.2f}" in CHOICE.read_text()


def test_the_page_of_architectures_has_the_names_of_the_stack(two_region_stack: Document) -> None:
    text = CHOICE.read_text()
    resources = two_region_stack["resource"]
    clusters = resources["aws_rds_cluster"]
    for name in (
        resources["aws_rds_global_cluster"]["global_cluster"]["global_cluster_identifier"],
        clusters["secondary_database_cluster"]["cluster_identifier"],
        resources["aws_ssm_parameter"]["primary_parameter_region_role"]["name"],
    ):
        assert shown(name).replace("{s}", "$S") in text
    named = set(re.findall(r"\b(?:primary|secondary)_[a-z_]+", text)) - {"secondary_region"}
    assert named <= two_region_stack["output"].keys()
    (rule,) = resources["aws_backup_plan"]["primary_backup_plan"]["rule"]
    assert f"{rule['start_window'] // 60} hours more if the backup starts late" in text
    check = resources["aws_route53_health_check"]["primary_api_health_check"]
    seconds, failures = check["request_interval"], check["failure_threshold"]
    assert f"{seconds * failures} s until Route 53" in text
    assert (
        f"({failures} failures, {seconds} s apart), {resources['aws_route53_record']['primary_api_record']['ttl']} s"
        in text
    )


def test_commands_of_aws_on_the_page_of_architectures_exist() -> None:
    text = CHOICE.read_text().replace("\\\n", "")
    commands = re.findall(r"aws (rds|ssm|route53) ([a-z0-9-]+) (--.*)", text)
    assert {operation for _, operation, _ in commands} == {
        "put-parameter",
        "switchover-global-cluster",
        "failover-global-cluster",
        "remove-from-global-cluster",
        "describe-global-clusters",
        "update-health-check",
    }
    for service, operation, options in commands:
        model = Session().get_service_model(service)
        (name,) = (name for name in model.operation_names if xform_name(name, "-") == operation)
        parameters = model.operation_model(name).input_shape
        assert parameters
        known = {xform_name(parameter, "-") for parameter in parameters.members} | GLOBAL_OPTIONS
        used = {option.removeprefix("no-") for option in re.findall(r"--([a-z0-9-]+)", options)}
        assert used <= known, operation
