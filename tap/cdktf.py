"""The cdktf command line with the project's own tools: `python -m tap.cdktf synth|diff|deploy|destroy ...`."""

import os
import sys
from collections.abc import Sequence

from tap.provider_mirror import ProviderMirrorError
from tap.toolchain import ROOT, ToolchainError, environment


def main(arguments: Sequence[str]) -> int:
    """Replace this process by cdktf; returns only when it cannot be started."""
    program = ROOT / "node_modules/.bin/cdktf"
    if not program.exists():
        print(f"{program} is missing: run `make setup`", file=sys.stderr)
        return 1
    try:
        child = environment()
    except (ToolchainError, ProviderMirrorError) as error:
        print(error, file=sys.stderr)
        return 1
    return os.execve(program, [str(program), *arguments], child)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
