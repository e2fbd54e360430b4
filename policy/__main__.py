"""The command line: `python -m policy`, or with the cdk.tf.json files to scan instead of the project's own."""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from local_aws.server import LocalAwsError
from policy.accepted import AllowListError, judge, read_accepted
from policy.configuration import Configuration
from policy.dockerfile_linters import DOCKERFILE
from policy.findings import ScanError
from policy.report import print_report
from policy.scan import scan_all
from policy.variants import PLANNED, synthesized
from tap.commands.output import result_console
from tap.terraform_errors import TerraformError
from tap.toolchain import ToolchainError


def main(arguments: Sequence[str]) -> int:
    """Scan and report; 0 when all is well, 1 when a finding has no reason, an entry is stale or a scan did not run."""
    parser = argparse.ArgumentParser(prog="python -m policy", description="Scan what would be deployed.")
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="cdk.tf.json", help="synthesized stacks to scan; all variants without it"
    )
    options = parser.parse_args(arguments)
    try:
        return run(options.files)
    except (ScanError, AllowListError, TerraformError, ToolchainError, LocalAwsError) as error:
        print(f"policy: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("policy: interrupted", file=sys.stderr)
        return 130


def run(files: Sequence[Path]) -> int:
    """Scan the files, or all that there is; only then can the allow-list be judged as a whole."""
    started = time.monotonic()
    entries = read_accepted()
    with tempfile.TemporaryDirectory(prefix="policy-scan-") as folder:
        workspace = Path(folder)
        configurations = [Configuration.read(file) for file in files] or synthesized(workspace)
        results = scan_all(
            configurations,
            workspace,
            planned_name=None if files else PLANNED,
            dockerfile=None if files else DOCKERFILE,
        )
    judgement = judge((finding for result in results for finding in result.findings), entries)
    if files:
        judgement.stale.clear()
    print_report(result_console(), results, judgement, time.monotonic() - started)
    return 1 if judgement.failed or judgement.stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
