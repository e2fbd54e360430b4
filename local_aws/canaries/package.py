"""A canary's package as its function runs it, and the libraries that the runtime has beside it."""

import io
import zipfile
from functools import cache
from pathlib import Path

from local_aws.functions.package import link_distributions
from local_aws.process_folders import process_folder

RUNTIME = Path(__file__).with_name("synthetics_runtime.py")
FOLDER = "python/"
LIBRARIES = ("boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3")
FOLDER_KIND = "local-aws-canaries"


class PackageFaultError(Exception):
    """A package that Synthetics would not take; the message is for whoever made it."""


def function_package(package: bytes, handler: str) -> bytes:
    """The zip of the function: the scripts of the package's folder `python`, found by their own names, and the runtime.

    Raises PackageFaultError where the handler's file is not in it.
    """
    packed = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as given, zipfile.ZipFile(packed, "w") as made:
            script = f"{FOLDER}{handler.rpartition('.')[0]}.py"
            if script not in given.namelist():
                raise PackageFaultError(f"The code has no file {script}, where handler {handler} is looked for.")
            for entry in given.infolist():
                if not entry.is_dir():
                    made.writestr(entry.filename.removeprefix(FOLDER), given.read(entry))
            made.write(RUNTIME, RUNTIME.name)
    except zipfile.BadZipFile:
        raise PackageFaultError("The code is not a zip file.") from None
    return packed.getvalue()


@cache
def libraries() -> Path:
    """A folder with links to what is installed here of what the runtime has."""
    folder = process_folder(FOLDER_KIND) / "libraries"
    link_distributions(folder, LIBRARIES)
    return folder
