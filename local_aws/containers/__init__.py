"""Runs containers: images that CodeBuild has built, as processes of this computer, kept up by services."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_aws.containers.scheduler import Scheduler
    from local_aws.containers.task import Task

_scheduler: "Scheduler | None" = None


def running() -> "Scheduler":
    """The scheduler of this process, which begins when it is first needed."""
    global _scheduler
    from local_aws.containers.scheduler import Scheduler

    if _scheduler is None:
        _scheduler = Scheduler()
    return _scheduler


def stop() -> None:
    """Ends all tasks and removes all images; services can run again after that."""
    if _scheduler:
        _scheduler.stop()


def tasks_in(account: str, region: str) -> "dict[str, Task]":
    """The tasks of a Region that have not ended, by ARN."""
    tasks = _scheduler.tasks() if _scheduler else []
    place = [region, account]
    return {task.task_arn: task for task in tasks if task.task_arn.split(":")[3:5] == place and not task.stopped}
