"""Images: built from contexts, kept by digest, found through ECR."""

import hashlib
import io
import json
import re
import shutil
import tempfile
import threading
import zipfile
from pathlib import Path

from moto.core.exceptions import ServiceException
from moto.ecr.models import ecr_backends

from local_aws.containers.errors import BuildError, TaskStartError
from local_aws.containers.image_content import ImageContent, assemble
from local_aws.functions.execution_role import role_allows
from local_aws.process_folders import process_folder, remove_abandoned

REFERENCE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<name>[^:@]+)"
    r"(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
FOLDER_KIND = "local-aws-images"
PULL_ACTIONS = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
CANNOT_PULL = "CannotPullContainerError"


class ImageStore:
    """The images that were built here. Everything is gone with `clear`, or with this process."""

    def __init__(self) -> None:
        remove_abandoned(FOLDER_KIND)
        self._contents: dict[str, ImageContent] = {}
        self._folder: Path | None = None
        self._turn = threading.Lock()

    def build(self, context: bytes) -> str:
        """Builds the image of a zipped context; its manifest, which ECR takes. Raises BuildError."""
        with self._turn:
            self._folder = self._folder or process_folder(FOLDER_KIND)
            folder = Path(tempfile.mkdtemp(dir=self._folder))
            _unpack(context, folder / "context")
            content = assemble(folder / "context", folder / "stages")
            manifest = _manifest(folder / "context")
            self._contents[digest_of(manifest)] = content
        return manifest

    def clear(self) -> None:
        """Removes all images."""
        with self._turn:
            if self._folder:
                shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
            self._contents.clear()

    def pull(self, reference: str, execution_role: str) -> tuple[ImageContent, str]:
        """The image that a task definition names, with its digest. Raises TaskStartError, as ECS says it."""
        found = REFERENCE.fullmatch(reference)
        if not found:
            raise TaskStartError(CANNOT_PULL, f"The local AWS has only images that were built here, not {reference}")
        arn = f"arn:aws:ecr:{found['region']}:{found['account']}:repository/{found['name']}"
        needed = [("ecr:GetAuthorizationToken", "*"), *((action, arn) for action in PULL_ACTIONS)]
        for action, resource in needed:
            if not role_allows(execution_role, action, resource):
                refusal = f"{execution_role} is not authorized to perform: {action} on resource: {resource}"
                raise TaskStartError(CANNOT_PULL, f"pull image manifest: {reference}: {refusal}")
        backend = ecr_backends[found["account"]][found["region"]]
        try:
            repository = backend._get_repository(found["name"])
            tag = found["tag"] or (None if found["digest"] else "latest")
            digest = repository._get_image(tag, found["digest"]).get_image_digest()
        except ServiceException:
            raise TaskStartError(CANNOT_PULL, f"pull image manifest: {reference}: not found") from None
        if digest not in self._contents:
            raise TaskStartError(CANNOT_PULL, f"{reference} was not built by the local AWS, but pushed")
        return self._contents[digest], digest


def digest_of(manifest: str) -> str:
    """An image's digest: of its manifest."""
    return f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"


def _manifest(context: Path) -> str:
    """A manifest whose one layer is made of the context's content."""
    layer = hashlib.sha256()
    size = 0
    for path in sorted(path for path in context.rglob("*") if path.is_file()):
        content = path.read_bytes()
        size += len(content)
        layer.update(f"{path.relative_to(context)}\0{len(content)}\0".encode() + content)
    digest = f"sha256:{layer.hexdigest()}"
    config = {"mediaType": "application/vnd.docker.container.image.v1+json", "size": size, "digest": digest}
    layers = [{"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": size, "digest": digest}]
    return json.dumps({"schemaVersion": 2, "mediaType": MANIFEST_TYPE, "config": config, "layers": layers})


def _unpack(context: bytes, folder: Path) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(context)) as package:
            package.extractall(folder)
    except zipfile.BadZipFile as error:
        raise BuildError(f"error unzipping source: {error}") from None
