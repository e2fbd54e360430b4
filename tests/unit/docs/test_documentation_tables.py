from __future__ import annotations

import pytest

from docs import containers, diagram, tables
from docs.errors import DocumentationError
from docs.markers import updated
from docs.outputs import outputs, with_each_setting, with_settings
from docs.synthesis import Document, synthesize
from lib.settings import Settings


def rows(table: str) -> dict[str, list[str]]:
    """Return the cells of each row by its first, without the head of the table."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    return {first.strip("`"): rest for first, *rest in cells}


def test_every_setting_is_in_the_table_of_inputs() -> None:
    found = rows(tables.inputs(Settings.model_json_schema()))
    assert list(found) == [name.upper() for name in Settings.model_fields]
    assert found["DB_INSTANCE_COUNT"][:2] == ["`2`", "1 to 15"]
    assert found["FUNCTION_URL"][:2] == ["`false`", "`true`, `false`"]
    assert found["ENVIRONMENT_CLASS"][:2] == ["`ephemeral`", "`ephemeral`, `staging`, `production`"]
    assert found["ALERT_EMAIL"][:2] == ["", "text"]


def test_targets_with_a_description_are_in_the_table_of_commands() -> None:
    makefile = ".PHONY: build\n\nbuild: setup ## make all of it\n\t@build\n\nhidden: build\n\nrun-it: ## run it\n"
    assert tables.targets(makefile).splitlines()[2:] == [
        "| `make build` | make all of it |",
        "| `make run-it` | run it |",
    ]


def test_a_setting_without_a_description_is_refused_with_the_remedy() -> None:
    with pytest.raises(DocumentationError, match=r"setting shape has no description: .*lib/inputs\.py"):
        tables.inputs({"properties": {"shape": {"type": "string", "default": "round"}}})


@pytest.fixture(scope="module")
def stacks_by_setting() -> dict[str, Document]:
    return with_each_setting()


def test_every_output_is_in_the_table_of_outputs(
    default_stack: Document, stacks_by_setting: dict[str, Document], stack_without_nat: Document
) -> None:
    found = rows(outputs(default_stack, stacks_by_setting))
    assert set(found) == set(stack_without_nat["output"])
    assert found["database_endpoint"] == ["endpoint of `aws_rds_cluster.database_cluster`"]
    assert found["configuration_path"] == ["`/payment/{s}`"]
    assert found["function_url"][0].endswith(", only with `FUNCTION_URL=true`")
    assert found["approval_state_machine_arn"][0].endswith(", only with `APPROVAL_THRESHOLD=...`")
    assert found["database_user_secret_arn"][0].endswith(", not with `DB_AUTHENTICATION=iam`")
    assert not any("${" in cell for cells in found.values() for cell in cells)


def test_outputs_that_two_regions_have_alike_are_one_row(two_region_stack: Document) -> None:
    others = with_each_setting(diagram.TWO_REGIONS)
    found = rows(outputs(two_region_stack, others))
    expected = set(two_region_stack["output"]).union(*(document["output"] for document in others.values()))
    assert {
        name.replace("{role}", role)
        for name in found
        for role in (("primary", "secondary") if "{role}" in name else ("",))
    } == expected
    assert found["{role}_vpc_id"] == ["id of `aws_vpc.{role}_vpc`"]
    assert found["{role}_aws_region"] == ["`{region}`"]
    assert found["{role}_function_url"][0].endswith(", only with `FUNCTION_URL=true`")
    assert found["secondary_database_secret_arn"] == [
        "arn of `aws_secretsmanager_secret.ledger_master_secret` in us-west-2"
    ]
    assert found["secondary_database_user_secret_arn"][0].endswith(" in us-west-2, not with `DB_AUTHENTICATION=iam`")
    assert not any("${" in cell for cells in found.values() for cell in cells)


def test_outputs_of_containers_say_which_setting_adds_them(container_stack: Document) -> None:
    others = with_settings(containers.OUTPUT_SETTINGS, containers.CONTAINERS)
    found = rows(outputs(container_stack, others))
    assert set(found) == set(container_stack["output"]).union(*(document["output"] for document in others.values()))
    assert found["test_listener_arn"][0].endswith(", only with `DEPLOYMENT_STRATEGY=blue-green`")
    assert found["callers_secret_arn"][0].endswith(", not with `API_AUTHORIZATION=JWT`")
    assert found["database_user_secret_arn"][0].endswith(", only with `DB_AUTHENTICATION=secret`")
    assert found["api_url"] == ["`https://api.payment-{s}.a-company.org`"]
    # The tag follows from the code, which changes more often than the page.
    assert found["image_tag"] == ["a hash of what it is built from"]


def test_outputs_of_a_standby_region_are_those_of_its_role(standby_stack: Document) -> None:
    found = rows(outputs(standby_stack, {}))
    assert found["{role}_service_name"] == ["name of `aws_ecs_service.{role}_service`"]
    assert found["secondary_callers_secret_arn"] == ["arn of `aws_secretsmanager_secret.api_key_secret` in us-east-2"]
    assert not any("${" in cell for cells in found.values() for cell in cells)


def test_inputs_of_containers_have_their_defaults_by_class_and_region() -> None:
    found = rows(containers.inputs(Settings.model_json_schema()))
    assert found["SERVICE_MIN_TASKS"][:3] == ["`2`", "`10`", "`2`"]
    assert found["DB_INSTANCE_CLASS"][:3] == ["`db.t4g.medium`", "`db.r6g.xlarge`", "`db.r6g.large`"]
    assert found["API_AUTHORIZATION"][:3] == ["`API_KEY`"] * 3
    assert found["STANDBY_REGION"][:3] == ["", "", ""]
    assert "VPC_CIDR" not in found


def test_an_input_that_is_gone_is_noticed() -> None:
    schema = Settings.model_json_schema()
    del schema["properties"]["service_cpu"]
    with pytest.raises(DocumentationError, match=r"no such input: service_cpu; mend OWN_INPUTS"):
        containers.inputs(schema)


def test_the_committed_tables_are_what_settings_and_stack_give_now(
    default_stack: Document, stacks_by_setting: dict[str, Document]
) -> None:
    parts = tables.generate(default_stack, stacks_by_setting)
    assert tables.PAGE.read_text(encoding="utf-8") == updated(tables.PAGE, parts), (
        "README.md is out of date: run `make diagram`"
    )


def test_the_callers_environment_does_not_change_the_documentation(
    default_stack: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("db_instance_count", "5")
    assert synthesize() == default_stack


def test_settings_that_cannot_be_used_end_in_the_message_of_the_stack() -> None:
    with pytest.raises(DocumentationError, match="AWS_REGION=nowhere: no such AWS Region"):
        synthesize({"AWS_REGION": "nowhere"})
