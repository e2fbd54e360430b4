"""Prints the Terraform JSON of the settings: `python -m tap.doctor.synthesis`. Leaves no file behind.

A process of its own, since cdktf needs the fast loader before anything else, and a Node.js process beside it.
"""

from lib.fast_synth import install

install()

import base64  # noqa: E402
import hashlib  # noqa: E402  (cdktf must be imported after the fast loader is in place)
import sys  # noqa: E402
import tempfile  # noqa: E402
from pathlib import Path  # noqa: E402

from lib.compute.package import Package  # noqa: E402
from lib.refusals import RefusalError  # noqa: E402
from lib.settings import SettingsError, load_settings  # noqa: E402
from lib.synth import synthesize  # noqa: E402


def main() -> int:
    """Print the document; 1 with one message on standard error where the settings give none."""
    with tempfile.TemporaryDirectory() as folder:
        # Building the real package can take minutes and the network, and its content changes no resource.
        archive = Path(folder, "package.zip")
        archive.write_bytes(b"")
        digest = base64.b64encode(hashlib.sha256(b"").digest()).decode()
        output = Path(folder, "out")
        try:
            settings = load_settings()
            synthesize([settings], output, Package(archive, digest))
        except (SettingsError, RefusalError) as error:
            print(error, file=sys.stderr)
            return 1
        print((output / "stacks" / settings.stack_name / "cdk.tf.json").read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
