"""What a deployment of the payment service calls: an image is built, and its tasks get the traffic.

Terraform waits for the answer, and Lambda's invocations end after 15 minutes. What takes longer goes on: the call fails
with the remedy, which is to deploy again, and the next call waits for what is under way instead of beginning anew.
"""

import os
from typing import TYPE_CHECKING, Any

from deployments.images import Image, ImageBuilds
from deployments.traffic import Shift, Traffic
from payments.observability import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context(log_event=False, clear_state=True)
def build_image(event: dict[str, Any], context: "LambdaContext") -> dict[str, object]:
    """Has the image built unless it is there. The event has the fields of `Image`. Raises `DeploymentError`."""
    image = Image(**event)
    builds = ImageBuilds(os.environ["REGION"], image)
    if builds.is_pushed():
        return {"tag": image.tag, "build": None}
    identity = builds.begin()
    logger.info("image is being built", build=identity, tag=image.tag)
    builds.follow(identity, context)
    return {"tag": image.tag, "build": identity}


@logger.inject_lambda_context(log_event=False, clear_state=True)
def shift_traffic(event: dict[str, Any], context: "LambdaContext") -> dict[str, object]:
    """Has CodeDeploy deploy the task definition unless the service runs it. The event has the fields of `Shift`.

    Returns when the deployment succeeded, or the service is steady. Raises `DeploymentError`, after a deployment that
    failed was rolled back.
    """
    shift = Shift(**event)
    traffic = Traffic(os.environ["REGION"], shift)
    identity = traffic.under_way()
    if identity is None and traffic.is_shifted():
        traffic.await_steady(context)
    else:
        identity = identity or traffic.begin()
        logger.info("traffic is being shifted", deployment=identity, task_definition=shift.task_definition)
        traffic.follow(identity, context)
    return {"task_definition": shift.task_definition, "deployment": identity}
