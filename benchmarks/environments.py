"""Synthesizes several environments in one process: `python -m benchmarks.environments <count>`."""

from lib.fast_synth import install

install()

import os  # noqa: E402  (cdktf must be imported after the fast loader is in place)
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from lib.compute.artifacts import build_artifacts  # noqa: E402
from lib.settings import Settings, load_settings  # noqa: E402
from lib.synth import synthesize  # noqa: E402


def environments(count: int) -> list[Settings]:
    """Return the settings of environments that differ in their suffix only."""
    settings = []
    for number in range(count):
        os.environ["ENVIRONMENT_SUFFIX"] = f"bench{number}"
        settings.append(load_settings())
    return settings


if __name__ == "__main__":
    measured = environments(int(sys.argv[1]))
    synthesize(measured, Path(os.environ["CDKTF_OUTDIR"]), build_artifacts(measured[0]))
