"""What the settings ask AWS for: the synthesized document, made in a process of its own and kept nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from typing import Any, cast

from tap.toolchain import ROOT

SYNTH_SECONDS = 120


class DesignError(Exception):
    """The settings do not synthesize."""

    remedy = "correct the input that it names, or run `make setup`; `make synth` shows the same"


@dataclass(frozen=True)
class Design:
    """A stack's Terraform JSON, as counts."""

    document: dict[str, Any]

    @classmethod
    def synthesize(cls, region: str | None) -> Design:
        """Synthesize with this process's inputs; `region` wins over AWS_REGION. Raises DesignError.

        Takes about a second. The function's package, which no count depends on, is left out.
        """
        variables = {**os.environ, **({"AWS_REGION": region} if region else {})}
        variables["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        command = [sys.executable, "-m", "tap.doctor.synthesis"]
        try:
            answer = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=SYNTH_SECONDS)
        except subprocess.TimeoutExpired:
            raise DesignError(f"synthesizing took more than {SYNTH_SECONDS} s") from None
        if answer.returncode:
            raise DesignError("\n".join(answer.stderr.strip().splitlines()[-5:]) or f"exit code {answer.returncode}")
        return cls(json.loads(answer.stdout))

    def by_region(self, home: str) -> dict[str, Design]:
        """The part that is in each Region, with what is copied there; all of it in `home` where there is one."""
        providers = self.document.get("provider", {}).get("aws", [])
        regions = {f"aws.{one['alias']}": str(one["region"]) for one in providers if "alias" in one}
        if not regions:
            return {home: self}
        return {region: self._part(provider, region) for provider, region in regions.items()}

    def _part(self, provider: str, region: str) -> Design:
        def is_there(resource: dict[str, Any]) -> bool:
            copies = resource.get("replica", ())
            return resource["provider"] == provider or any(
                region in (copy.get("region"), copy.get("region_name")) for copy in copies
            )

        found = {
            type_: {name: resource for name, resource in resources.items() if is_there(resource)}
            for type_, resources in self.document["resource"].items()
        }
        return Design({"resource": found})

    def of_type(self, type_: str) -> dict[str, dict[str, Any]]:
        """The resources of a type, by their name in the document."""
        return cast(dict[str, dict[str, Any]], self.document.get("resource", {}).get(type_, {}))

    def count(self, *types: str) -> int:
        """How many resources of these types there are."""
        return sum(len(self.of_type(type_)) for type_ in types)

    @property
    def resources(self) -> int:
        return sum(len(resources) for resources in self.document.get("resource", {}).values())

    @property
    def types(self) -> int:
        return len(self.document.get("resource", {}))

    @property
    def vpc_endpoints(self) -> Counter[str]:
        """VPC endpoints by type: `Interface`, `Gateway`."""
        endpoints = self.of_type("aws_vpc_endpoint").values()
        return Counter(str(endpoint.get("vpc_endpoint_type", "Gateway")) for endpoint in endpoints)

    @property
    def nat_gateways(self) -> Counter[str]:
        """NAT gateways by availability zone."""
        subnets = self.of_type("aws_subnet")
        found: Counter[str] = Counter()
        for gateway in self.of_type("aws_nat_gateway").values():
            name = str(gateway["subnet_id"]).removeprefix("${aws_subnet.").removesuffix(".id}")
            found[subnets[name]["availability_zone"]] += 1
        return found

    @property
    def secrets(self) -> int:
        """Secrets, with those that RDS makes for the master user of a cluster."""
        clusters = self.of_type("aws_rds_cluster").values()
        managed = sum(bool(cluster.get("manage_master_user_password")) for cluster in clusters)
        return self.count("aws_secretsmanager_secret") + managed

    @property
    def reserved_concurrency(self) -> int:
        """Executions that functions keep for themselves."""
        functions = self.of_type("aws_lambda_function").values()
        return sum(max(0, int(function.get("reserved_concurrent_executions", 0))) for function in functions)
