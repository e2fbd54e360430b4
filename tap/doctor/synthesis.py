"""Prints the Terraform JSON of the settings: `python -m tap.doctor.synthesis`. Leaves no file behind.

A process of its own, since cdktf needs the fast loader before anything else, and a Node.js process beside it.
"""

from lib.fast_synth import install

install()

import sys  # noqa: E402  (cdktf must be imported after the fast loader is in place)
import tempfile  # noqa: E402
from pathlib import Path  # noqa: E402

from lib.compute.artifacts import Artifacts  # noqa: E402
from lib.refusals import RefusalError  # noqa: E402
from lib.settings import SettingsError, load_settings  # noqa: E402
from lib.synth import synthesize  # noqa: E402


def main() -> int:
    """Print the document; 1 with one message on standard error where the settings give none."""
    with tempfile.TemporaryDirectory() as folder:
        # Building the real ones can take minutes and the network, and their content changes no resource.
        artifacts = Artifacts.empty(Path(folder))
        output = Path(folder, "out")
        try:
            settings = load_settings()
            synthesize([settings], output, artifacts)
        except (SettingsError, RefusalError) as error:
            print(error, file=sys.stderr)
            return 1
        print((output / "stacks" / settings.stack_name / "cdk.tf.json").read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
