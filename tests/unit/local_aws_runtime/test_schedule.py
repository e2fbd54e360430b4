"""Work that is done later."""

import threading
import time

from local_aws.functions.schedule import Schedule


def fail() -> None:
    raise ValueError("expected")


def test_jobs_run_when_they_are_due() -> None:
    done: list[str] = []
    last, schedule = threading.Event(), Schedule(threads=1)
    schedule.after(0.2, last.set)
    schedule.after(0.1, lambda: done.append("second"))
    schedule.after(0, lambda: done.append("first"))
    started = time.monotonic()
    assert last.wait(5)
    assert done == ["first", "second"]
    assert time.monotonic() - started > 0.15


def test_a_job_that_fails_does_not_stop_the_others() -> None:
    done, schedule = threading.Event(), Schedule(threads=1)
    schedule.after(0, fail)
    schedule.after(0.01, done.set)
    assert done.wait(5)
