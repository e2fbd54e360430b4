"""A small Terraform configuration with an environment's tags and one of most kinds of resource, quick to deploy."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from lib.provider_options import provider_options, s3_backend, state_key
from lib.settings import load_settings
from tap.provider_mirror import PROVIDER_VERSION
from tests.integration.environments.small_stack_services import (
    REGION,
    Resources,
    api,
    compute,
    messages,
    policy_document,
)

__all__ = ["REGION", "write_small_stack"]


def write_small_stack(directory: Path, suffix: str, *, endpoint_url: str, bucket: str | None) -> None:
    """Write the configuration into `directory`; its state is in `bucket`, or in a file two folders up."""
    directory.mkdir(parents=True, exist_ok=True)
    settings = load_settings(_env_file=None, environment_suffix=suffix, aws_region=REGION)
    if bucket:
        key = state_key(settings.architecture, suffix)
        backend = {"s3": s3_backend(bucket=bucket, key=key, region=REGION, endpoint_url=endpoint_url)}
    else:
        backend = {"local": {"path": f"../../../terraform.{settings.stack_name}.tfstate"}}
    provider = provider_options(region=REGION, tags=settings.tags, endpoint_url=endpoint_url)
    content = {
        "terraform": {
            "backend": backend,
            "required_providers": {"aws": {"source": "aws", "version": PROVIDER_VERSION}},
        },
        "provider": {"aws": [provider]},
        "resource": {**_network(suffix), **_identity(suffix), **messages(suffix), **compute(suffix), **api(suffix)},
        "output": {"vpc_id": {"value": "${aws_vpc.vpc.id}"}},
    }
    (directory / "cdk.tf.json").write_text(json.dumps(content, indent=2))
    (directory / "function.zip").write_bytes(_package())


def _network(suffix: str) -> Resources:
    def named(base: str, **arguments: Any) -> dict[str, Any]:
        return {"tags": {"Name": f"payment-{base}-{suffix}"}, **arguments}

    vpc = {"vpc_id": "${aws_vpc.vpc.id}"}
    table, group = "${aws_route_table.routes.id}", "${aws_security_group.group.id}"
    rule = {"security_group_id": group, "ip_protocol": "tcp"}
    return {
        "aws_vpc": {"vpc": named("vpc", cidr_block="10.0.0.0/16", enable_dns_hostnames=True)},
        "aws_subnet": {
            letter: named(f"subnet-{letter}", cidr_block=f"10.0.{number}.0/24", **vpc)
            for number, letter in enumerate("ab")
        },
        "aws_internet_gateway": {"gateway": named("igw", **vpc)},
        "aws_eip": {"address": named("address", domain="vpc")},
        "aws_route_table": {"routes": named("routes", **vpc)},
        "aws_route": {
            "outbound": {
                "route_table_id": table,
                "destination_cidr_block": "0.0.0.0/0",
                "gateway_id": "${aws_internet_gateway.gateway.id}",
            }
        },
        "aws_route_table_association": {
            letter: {"route_table_id": table, "subnet_id": f"${{aws_subnet.{letter}.id}}"} for letter in "ab"
        },
        "aws_vpc_endpoint": {
            "s3": named(
                "s3",
                service_name=f"com.amazonaws.{REGION}.s3",
                vpc_endpoint_type="Gateway",
                route_table_ids=[table],
                **vpc,
            )
        },
        "aws_security_group": {"group": named("group", name=f"payment-group-{suffix}", description="A group", **vpc)},
        "aws_vpc_security_group_egress_rule": {
            "https": {**rule, "cidr_ipv4": "0.0.0.0/0", "from_port": 443, "to_port": 443, "description": "HTTPS"}
        },
        "aws_vpc_security_group_ingress_rule": {
            "mysql": {**rule, "referenced_security_group_id": group, "from_port": 3306, "to_port": 3306}
        },
    }


def _identity(suffix: str) -> Resources:
    def role(service: str) -> str:
        principal = {"Service": f"{service}.amazonaws.com"}
        return policy_document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal})

    scheduler = {"name": f"payment-scheduler-{suffix}", "assume_role_policy": role("scheduler")}
    call = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "${aws_lambda_function.function.arn}"}
    reading = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    receive = {"Effect": "Allow", "Action": reading, "Resource": "${aws_sqs_queue.queue.arn}"}
    return {
        "aws_kms_key": {"key": {"description": f"Everything of {suffix}", "deletion_window_in_days": 7}},
        "aws_kms_alias": {
            "alias": {"name": f"alias/payment-key-{suffix}", "target_key_id": "${aws_kms_key.key.key_id}"}
        },
        "aws_iam_role": {
            "function": {"name": f"payment-function-{suffix}", "assume_role_policy": role("lambda")},
            "scheduler": scheduler,
        },
        "aws_iam_policy": {
            "receive": {"name": f"payment-receive-{suffix}", "policy": policy_document(receive)},
            "call": {"name": f"payment-call-{suffix}", "policy": policy_document(call)},
        },
        "aws_iam_role_policy_attachment": {
            "receive": {"role": "${aws_iam_role.function.name}", "policy_arn": "${aws_iam_policy.receive.arn}"},
            "call": {"role": "${aws_iam_role.scheduler.name}", "policy_arn": "${aws_iam_policy.call.arn}"},
        },
        "aws_secretsmanager_secret": {"secret": {"name": f"payment-secret-{suffix}", "recovery_window_in_days": 0}},
        "aws_secretsmanager_secret_version": {
            "secret": {"secret_id": "${aws_secretsmanager_secret.secret.id}", "secret_string": "anything"}
        },
        "aws_ssm_parameter": {
            "parameter": {"name": f"/payment/{suffix}/vpc", "type": "String", "value": "${aws_vpc.vpc.id}"}
        },
    }


def _package() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        package.writestr(zipfile.ZipInfo("index.py"), "def handler(event, context):\n    return {}\n")
    return content.getvalue()
