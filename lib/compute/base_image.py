"""The image that the payment service's image is built on: Python's official slim one, from AWS's public registry.

A tag moves, so that the build takes the image by its digest. `DIGEST` is the one of the image for all processors; print
it with

    docker buildx imagetools inspect --format '{{.Manifest.Digest}}' REPOSITORY:TAG

While it is None, nobody has looked it up and vouched for it: then the build looks up the digest that the tag has at
that moment, builds from that, and says in its log and in a label of the image which one it was.
"""

from __future__ import annotations

from datetime import date

REPOSITORY = "public.ecr.aws/docker/library/python"
TAG = "3.13-slim-trixie"
DIGEST: str | None = None
# https://devguide.python.org/versions/
PYTHON_END = date(2029, 10, 31)


def base_image(digest: str | None = DIGEST) -> str:
    """The image's name, with its digest where that is known."""
    return f"{REPOSITORY}@{digest}" if digest else f"{REPOSITORY}:{TAG}"
