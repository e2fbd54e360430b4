"""The environments that are scanned: together they hold every resource that a setting can add.

`python -m policy.variants FOLDER` synthesizes them, in a process of its own.
"""

import os
import subprocess
import sys
from pathlib import Path

from lib.settings import Settings
from policy.configuration import Configuration
from policy.findings import ScanError

ROOT = Path(__file__).resolve().parent.parent
SUFFIX = "policy"
# One plan is enough: it takes longest, and that of two Regions was found to hold nothing that the others do not.
PLANNED = "ephemeral"

# What either architecture takes.
OPTIONS: dict[str, object] = {
    "nat_gateways": "none",
    "domain": "policy-scan.dev",
    "parent_zone_id": "Z0123456789ABCDEFGHIJ",
    "function_url": True,
    "lambda_reserved_concurrency": 50,
    "alert_email": "oncall@policy-scan.dev",
    "approval_threshold": 1000,
}
TOKENS: dict[str, object] = {
    "api_authorization": "JWT",
    "api_jwt_issuer": "https://login.policy-scan.dev",
    "api_jwt_audience": "payments",
}
TWO_REGIONS: dict[str, object] = {"architecture": "multi-region"}
PRODUCTION: dict[str, object] = {"environment_class": "production"}
CONTAINERS: dict[str, object] = {
    "architecture": "containers",
    "domain": "policy-scan.dev",
    "parent_zone_id": "Z0123456789ABCDEFGHIJ",
}
AUDIT: dict[str, object] = {"architecture": "account"}
IAM: dict[str, object] = {"db_authentication": "iam"}

VARIANTS: dict[str, dict[str, object]] = {
    PLANNED: {},
    "staging": {"environment_class": "staging"},
    "production": PRODUCTION,
    "all options": {**OPTIONS, "db_proxy": True},
    "IAM authentication": IAM,
    "two Regions": TWO_REGIONS,
    "account": {
        **AUDIT,
        **PRODUCTION,
        "account_guardduty": True,
        "account_config": True,
        "account_security_hub": True,
    },
    "two Regions, all options": {**TWO_REGIONS, **PRODUCTION, **OPTIONS, **TOKENS, **IAM, "nat_gateways": "per-az"},
    "containers": CONTAINERS,
    "containers, all options": {
        **CONTAINERS,
        **PRODUCTION,
        **TOKENS,
        "deployment_strategy": "blue-green",
        "standby_region": "us-east-2",
        "alert_email": "oncall@policy-scan.dev",
        "db_authentication": "secret",
    },
}


def synthesized(folder: Path) -> list[Configuration]:
    """Synthesize all variants below `folder`. ScanError with the message of the synth when it fails."""
    settings = {name.upper() for name in Settings.model_fields}
    environment = {name: value for name, value in os.environ.items() if name.upper() not in settings}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-m", "policy.variants", str(folder)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise ScanError(f"the stack cannot be synthesized:\n{(done.stderr or done.stdout)[-2000:]}")
    return [Configuration.read(_stack_file(folder, name), name) for name in VARIANTS]


def _stack_file(folder: Path, name: str) -> Path:
    """The one stack that a variant's folder holds."""
    (file,) = _output(folder, name).glob("stacks/*/cdk.tf.json")
    return file


def _output(folder: Path, name: str) -> Path:
    return folder / name.replace(" ", "-") / "cdktf.out"


def main(folder: Path) -> None:
    """Synthesize each variant, without the settings of the shell and of `.env`."""
    from lib.fast_synth import install

    install()

    from lib.compute.artifacts import build_artifacts
    from lib.compute.dependencies import PackageError
    from lib.refusals import RefusalError
    from lib.settings import SettingsError, load_settings
    from lib.synth import synthesize

    try:
        for name, options in VARIANTS.items():
            settings = load_settings(_env_file=None, environment_suffix=SUFFIX, **options)
            synthesize([settings], _output(folder, name), build_artifacts(settings))
    except (SettingsError, PackageError, RefusalError) as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from None


if __name__ == "__main__":
    main(Path(sys.argv[1]))
