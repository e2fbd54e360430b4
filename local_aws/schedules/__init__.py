"""Runs the schedules of EventBridge Scheduler (https://docs.aws.amazon.com/scheduler/latest/UserGuide/what-is-scheduler.html)."""

from local_aws.schedules.ticker import install

__all__ = ["install"]
