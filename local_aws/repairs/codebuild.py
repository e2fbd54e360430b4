"""Repairs of CodeBuild: what a project keeps."""

from typing import Any

from local_aws.calls import Call
from local_aws.registry import Output, Plain, repairs

KEPT = ("autoRetryLimit", "concurrentBuildLimit", "encryptionKey", "fileSystemLocations", "secondarySources")
"""What moto drops."""


@repairs("codebuild", "CreateProject")
def keep_all_settings(call: Call, plain: Plain) -> Output:
    """moto drops a project's key, among others."""
    plain()
    project: Any = call.backend().codebuild_projects[call.params["name"]]
    kept = {name: call.params[name] for name in KEPT if name in call.params}
    project.project_metadata.update(kept)
    return {"project": project.project_metadata}


@repairs("codebuild", "DeleteProject")
def delete_by_arn(call: Call, plain: Plain) -> Output:
    """moto does nothing where the project is named by its ARN, as Terraform does."""
    output = plain()
    call.backend().delete_project(call.params["name"].rpartition("/")[2])
    return output
