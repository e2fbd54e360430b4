"""The build context of the payment service's image: the same bytes on every machine, as lib/compute/package.py's.

A zip file for CodeBuild: Dockerfile, buildspec.yml, the lock file's packages with their hashes, and the service's code.
`python -m lib.compute.image_source` makes it and prints its path and the tag of its image.
"""

import hashlib
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.compute import certificates
from lib.compute.archive import source_files, write_archive
from lib.compute.base_image import base_image
from lib.compute.dependencies import PackageError, requirements

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".build" / "image"
LOCK_SECTION = "container"
NAME = "payment_service"


@dataclass(frozen=True)
class ImageSource:
    """A build context. `tag` names its image and follows from its content."""

    path: Path
    tag: str


def build_image_source(root: Path = ROOT, cache: Path = CACHE) -> ImageSource:
    """The context of the project in `root`. A file in `cache` appears whole or not at all. Raises `PackageError`."""
    container = root / "lib" / "container"
    sources = _under("service", source_files(container))
    library = _under("service/payments", source_files(root / "lib" / "lambda" / "payments"))
    files = {name: container / name for name in ("Dockerfile", "buildspec.yml")}
    texts = {
        "requirements.txt": requirements(_lock_section(root / "Pipfile.lock")),
        "base_image": base_image(),
        f"service/{certificates.NAME}": certificates.rds_certificates(certificates.certificates_source(root)),
    }
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".building-") as scratch:
        written = {name: Path(scratch) / str(number) for number, name in enumerate(texts)}
        for name, path in written.items():
            path.write_text(texts[name], encoding="utf-8", newline="\n")
        built = Path(scratch) / "context.zip"
        write_archive(built, files, sources, library, written)
        tag = hashlib.sha256(built.read_bytes()).hexdigest()[:32]
        path = built.replace(cache / f"{NAME}-{tag}.zip")
    return ImageSource(path, tag)


def _under(folder: str, files: dict[str, Path]) -> dict[str, Path]:
    return {f"{folder}/{name}": path for name, path in files.items()}


def _lock_section(lock_file: Path) -> dict[str, Any]:
    remedy = f"run `pipenv lock --categories {LOCK_SECTION}`"
    try:
        section = json.loads(lock_file.read_text(encoding="utf-8")).get(LOCK_SECTION)
    except (OSError, ValueError, AttributeError) as error:
        raise PackageError(f"{lock_file} cannot be read ({error}); {remedy}") from None
    if not section:
        raise PackageError(f"{lock_file} has no section {LOCK_SECTION!r}; {remedy}")
    return dict(section)


def main() -> int:
    """Makes the context and prints what it is. Returns the exit code."""
    try:
        source = build_image_source()
    except PackageError as error:
        print(f"image source: {error}", file=sys.stderr)
        return 1
    print(f"path: {source.path}\ntag: {source.tag}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
