"""The service's image: there already, being built, or to be built."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from deployments.waiting import CALLS, DeploymentError, wait

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

SEARCHED_BUILDS = 10


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image to be: a CodeBuild project pushes it to a repository under a tag."""

    project: str
    repository: str
    tag: str


class ImageBuilds:
    """The builds of one image."""

    def __init__(self, region: str, image: Image) -> None:
        self._image = image
        self._ecr: Any = boto3.client("ecr", region_name=region, config=CALLS)
        self._codebuild: Any = boto3.client("codebuild", region_name=region, config=CALLS)

    def is_pushed(self) -> bool:
        image = self._image
        try:
            self._ecr.describe_images(repositoryName=image.repository, imageIds=[{"imageTag": image.tag}])
        except self._ecr.exceptions.ImageNotFoundException:
            return False
        return True

    def begin(self) -> str:
        """The id of the build that is under way for this image, or of a new one."""
        under_way = self._under_way()
        return under_way or str(self._codebuild.start_build(projectName=self._image.project)["build"]["id"])

    def follow(self, identity: str, context: "LambdaContext") -> None:
        """Returns when the build succeeded. Raises `DeploymentError`."""

        def ended() -> dict[str, Any] | None:
            found: dict[str, Any] = self._codebuild.batch_get_builds(ids=[identity])["builds"][0]
            return found if found["buildComplete"] else None

        outcome = wait(ended, context)
        if outcome is None:
            raise DeploymentError(f"build {identity} is not over yet and goes on; deploy again to wait for it")
        if outcome["buildStatus"] != "SUCCEEDED":
            raise DeploymentError(f"build {identity} ended as {outcome['buildStatus']}: {_why(outcome)}")

    def _under_way(self) -> str | None:
        """The build that an invocation before this one did not see the end of."""
        newest = self._codebuild.list_builds_for_project(projectName=self._image.project)["ids"][:SEARCHED_BUILDS]
        for found in self._codebuild.batch_get_builds(ids=newest)["builds"] if newest else []:
            variables = {one["name"]: one["value"] for one in found["environment"]["environmentVariables"]}
            if not found["buildComplete"] and variables.get("IMAGE_TAG") == self._image.tag:
                return str(found["id"])
        return None


def _why(outcome: dict[str, Any]) -> str:
    """What the phases that failed say, and where to read more."""
    contexts = [context for phase in outcome["phases"] for context in phase.get("contexts", [])]
    said = " ".join(context["message"] for context in contexts if context.get("message"))
    logs = outcome.get("logs", {})
    return f"{said} (log group {logs.get('groupName')}, stream {logs.get('streamName')})".strip()
