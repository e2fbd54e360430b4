"""CodeBuild builds images from contexts in S3, with what its role allows."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_aws_containers.sample import context
from tests.integration.local_aws_containers.stack_policies import allow, document
from tests.integration.local_aws_containers.surroundings import NAME, Surroundings, eventually


def failure(build: dict[str, Any]) -> tuple[str, str, str]:
    """How a build has ended, the phase that failed, and why."""
    phase = next(one for one in build["phases"] if one.get("phaseStatus") == "FAILED")
    return build["buildStatus"], phase["phaseType"], phase["contexts"][0]["message"]


def test_a_build_makes_an_image(cloud: Surroundings) -> None:
    started = cloud.start_build("made", context("made"))
    seen = cloud.api.codebuild.batch_get_builds(ids=[started])["builds"][0]
    assert (seen["buildStatus"], seen["buildComplete"]) == ("IN_PROGRESS", False)
    build = cloud.finished(started)
    assert [one["phaseType"] for one in build["phases"]] == [
        "SUBMITTED",
        "QUEUED",
        "PROVISIONING",
        "DOWNLOAD_SOURCE",
        "PRE_BUILD",
        "BUILD",
        "POST_BUILD",
        "FINALIZING",
        "COMPLETED",
    ]
    assert {one["phaseStatus"] for one in build["phases"][:-1]} == {"SUCCEEDED"}
    image = cloud.api.ecr.describe_images(repositoryName=NAME, imageIds=[{"imageTag": "made"}])["imageDetails"][0]
    lines = cloud.api.logs.get_log_events(logGroupName="build", logStreamName=build["logs"]["streamName"])["events"]
    assert f"made: digest: {image['imageDigest']}" in [line["message"] for line in lines]
    assert cloud.api.codebuild.list_builds_for_project(projectName=NAME)["ids"][0] == started


def test_the_digest_is_of_the_content(cloud: Surroundings) -> None:
    def digest(tag: str, version: str) -> str:
        assert cloud.finished(cloud.start_build(tag, context(version)))["buildStatus"] == "SUCCEEDED"
        images = cloud.api.ecr.describe_images(repositoryName=NAME, imageIds=[{"imageTag": tag}])["imageDetails"]
        found: str = images[0]["imageDigest"]
        return found

    assert digest("same-1", "same") == digest("same-2", "same") != digest("other", "other")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"Dockerfile": None}, "failed to read dockerfile"),
        ({"Dockerfile": "FROM scratch\nCOPY nowhere.py /\n"}, "not found"),
        ({"Dockerfile": "FROMM scratch\n"}, "unknown instruction: FROMM"),
    ],
)
def test_a_broken_context_fails(cloud: Surroundings, changed: dict[str, str | None], message: str) -> None:
    build = cloud.finished(cloud.start_build("broken", context("broken", changed=changed)))
    status, phase, reason = failure(build)
    assert (status, phase) == ("FAILED", "BUILD")
    assert message in reason


def test_a_source_that_is_no_zip_fails(cloud: Surroundings) -> None:
    status, phase, _ = failure(cloud.finished(cloud.start_build("broken", b"no zip")))
    assert (status, phase) == ("FAILED", "BUILD")


def test_an_immutable_tag_is_not_given_twice(cloud: Surroundings) -> None:
    assert cloud.build("once") == "SUCCEEDED"
    status, phase, reason = failure(cloud.finished(cloud.start_build("once", context("changed"))))
    assert (status, phase) == ("FAILED", "POST_BUILD")
    assert "already exists" in reason


def test_a_build_may_do_what_its_role_allows(cloud: Surroundings) -> None:
    policy = cloud.api.iam.get_role_policy(RoleName="build", PolicyName="build")["PolicyDocument"]
    cloud.api.iam.put_role_policy(
        RoleName="build", PolicyName="build", PolicyDocument=document(allow(["ecr:*", "logs:*"], "*"))
    )
    try:
        _, phase, reason = failure(cloud.finished(cloud.start_build("refused", context("refused"))))
    finally:
        kept = document(*policy["Statement"])
        cloud.api.iam.put_role_policy(RoleName="build", PolicyName="build", PolicyDocument=kept)
    assert phase == "DOWNLOAD_SOURCE"
    assert f"is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::{NAME}/context.zip" in reason


def test_a_build_can_be_stopped(cloud: Surroundings) -> None:
    started = cloud.start_build("stopped", context("stopped"))
    cloud.api.codebuild.stop_build(id=started)
    assert cloud.finished(started)["buildStatus"] == "STOPPED"
    with pytest.raises(ClientError, match="ImageNotFound"):
        cloud.api.ecr.describe_images(repositoryName=NAME, imageIds=[{"imageTag": "stopped"}])


def test_a_missing_project_cannot_build(cloud: Surroundings) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        cloud.api.codebuild.start_build(projectName="missing")
    assert eventually(lambda: cloud.api.codebuild.batch_get_builds(ids=["payment:1"])["buildsNotFound"])
