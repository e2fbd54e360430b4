"""Loading is deferred until something is asked, and everything unexpected ends with what jsii itself does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsii._kernel.types import LoadRequest, LoadResponse, StaticInvokeRequest, StatsRequest, StatsResponse

from lib.fast_synth import process
from lib.fast_synth.packages import Assembly
from lib.fast_synth.process import DeferredProcess, EarlyProvider, plain_process

COPY = Assembly("@cdktf/provider-aws", "1.0.0", Path("/copy.tgz"))
LARGER = Assembly("@cdktf/provider-aws", "1.0.0", Path("/larger.tgz"))
WHOLE = LoadRequest("@cdktf/provider-aws", "1.0.0", "/whole.tgz")
OTHER = LoadRequest("@cdktf/provider-random", "1.0.0", "/other.tgz")


class RecordingProcess:
    """A kernel process that notes what it is asked."""

    def __init__(self, broken: Exception | None = None) -> None:
        self.requests: list[Any] = []
        self.connected = self.stopped = 0
        self._broken = broken

    def connect(self, loaded: int) -> None:
        self.connected += loaded
        if self._broken:
            raise self._broken

    def send(self, request: Any, _response_type: Any) -> Any:
        self.requests.append(request)
        return len(self.requests)

    def stop(self) -> None:
        self.stopped += 1


class Imports:
    """Says once that a module is missing, when told to."""

    missing = False

    def take_missing(self) -> bool:
        missing, self.missing = self.missing, False
        return missing


class Setting:
    """A deferred process among its doubles."""

    def __init__(self, broken: Exception | None = None) -> None:
        self.early, self.plain, self.imports = RecordingProcess(broken), RecordingProcess(), Imports()
        self.reported: list[Exception] = []
        self.deferred = DeferredProcess(
            self.early,  # type: ignore[arg-type]
            [COPY],
            imports=self.imports,
            larger=lambda: LARGER,
            plain=lambda: self.plain,
            report=self.reported.append,
        )


@pytest.fixture
def setting() -> Iterator[Setting]:
    setting = Setting()
    yield setting
    setting.deferred.stop()


def test_a_load_request_is_answered_without_waiting(setting: Setting) -> None:
    answer = setting.deferred.send(WHOLE, LoadResponse)
    assert answer == LoadResponse(assembly="@cdktf/provider-aws", types=0)
    assert setting.early.connected == 0


def test_the_first_other_request_waits_for_what_is_loading(setting: Setting) -> None:
    setting.deferred.send(WHOLE, LoadResponse)
    assert setting.deferred.send(StatsRequest(), StatsResponse) == 1
    setting.deferred.send(StatsRequest(), StatsResponse)
    assert setting.early.connected == 1
    assert setting.early.requests == [StatsRequest(), StatsRequest()]


def test_assemblies_of_other_packages_are_loaded_as_asked(setting: Setting) -> None:
    setting.deferred.send(OTHER, LoadResponse)
    assert setting.early.requests == [OTHER]


def test_a_module_imported_late_is_loaded_before_the_next_request(setting: Setting) -> None:
    setting.deferred.send(StatsRequest(), StatsResponse)
    setting.imports.missing = True
    setting.deferred.send(StatsRequest(), StatsResponse)
    setting.deferred.send(StatsRequest(), StatsResponse)
    assert setting.early.requests == [
        StatsRequest(),
        StaticInvokeRequest(fqn="@cdktf/provider-aws.FastSynth", method="release"),
        LoadRequest("@cdktf/provider-aws", "1.0.0", "/larger.tgz"),
        StatsRequest(),
        StatsRequest(),
    ]


def test_a_broken_start_falls_back_to_the_whole_assembly_in_a_plain_process() -> None:
    broken = ValueError("no greeting")
    setting = Setting(broken)
    setting.deferred.send(WHOLE, LoadResponse)
    setting.deferred.send(StatsRequest(), StatsResponse)
    setting.imports.missing = True
    setting.deferred.send(OTHER, LoadResponse)
    setting.deferred.stop()
    assert setting.plain.requests == [WHOLE, StatsRequest(), OTHER]
    assert (setting.early.stopped, setting.plain.stopped) == (1, 1)
    assert setting.reported == [broken]


def test_an_early_process_that_was_never_needed_is_stopped() -> None:
    setting = Setting()
    setting.deferred.stop()
    assert setting.early.stopped == 1


def test_the_provider_talks_to_the_given_process() -> None:
    recording = RecordingProcess()
    EarlyProvider(recording).stats()
    assert recording.requests == [StatsRequest()]


def test_a_plain_process_is_started_as_jsii_does(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []

    class NodeProcess:
        def start(self) -> None:
            started.append(self)

    monkeypatch.setattr(process, "_NodeProcess", NodeProcess)
    assert [plain_process()] == started
