"""CodeBuild: changes of projects, and builds that really make an image."""

import time
from typing import Any

from local_aws import containers
from local_aws.calls import Call
from local_aws.containers.builds import Build, builds_of
from local_aws.errors import AwsError
from local_aws.registry import Output, operation


def _project(call: Call, name: str) -> Any:
    project = call.backend().codebuild_projects.get(name.rpartition("/")[2])
    if project is None:
        raise AwsError("ResourceNotFoundException", f"Project cannot be found: {call.arn(f'project/{name}')}")
    return project


@operation("codebuild", "UpdateProject")
def update_project(call: Call) -> Output:
    """Changes what the call names."""
    project, given = _project(call, call.params["name"]), dict(call.params)
    project.project_metadata.update({**given, "name": project.project_metadata["name"], "lastModified": time.time()})
    project.service_role = project.project_metadata["serviceRole"]
    project.tags = given.get("tags", project.tags)
    return {"project": project.project_metadata}


@operation("codebuild", "StartBuild")
def start_build(call: Call) -> Output:
    """Begins a build, in the background."""
    project = _project(call, call.params["projectName"])
    build = Build(project.project_metadata, call.params, call.account_id, call.region, containers.running().images)
    builds_of(call.backend())[build.id] = build
    build.begin()
    return {"build": build.shown()}


@operation("codebuild", "BatchGetBuilds")
def batch_get_builds(call: Call) -> Output:
    """Builds as they are now."""
    held, wanted = builds_of(call.backend()), [name.rpartition("/")[2] for name in call.params["ids"]]
    return {
        "builds": [held[name].shown() for name in wanted if name in held],
        "buildsNotFound": [name for name in wanted if name not in held],
    }


@operation("codebuild", "ListBuilds", "ListBuildsForProject")
def list_builds(call: Call) -> Output:
    """Ids of builds, the newest first."""
    name = call.params.get("projectName")
    held = reversed(list(builds_of(call.backend()).values()))
    return {"ids": [build.id for build in held if name in (None, build.project_name)]}


@operation("codebuild", "StopBuild")
def stop_build(call: Call) -> Output:
    """Stops a build that has not ended."""
    build = builds_of(call.backend()).get(call.params["id"].rpartition("/")[2])
    if build is None:
        raise AwsError("ResourceNotFoundException", f"Build {call.params['id']} does not exist")
    build.stop()
    return {"build": build.shown()}
