"""Standard error in the form that FREQTRAIN_LOG asks for: for people, or a JSON object a line; standard output is the same in both."""

import gc
import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.cli import boundary
from pipeline.cli.narration import Narration
from pipeline.errors import ExitCode, ToolFailed


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """A command sets these for its process, which here is that of all tests."""
    ends, collects = signal.getsignal(signal.SIGTERM), gc.get_threshold()
    yield
    signal.signal(signal.SIGTERM, ends)
    gc.set_threshold(*collects)


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_people_read_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("FREQTRAIN_LOG", raising=False)
    Narration("test").say("sma_trend: its bot starts")
    assert capsys.readouterr().err == "sma_trend: its bot starts\n"


def test_programs_read_objects(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FREQTRAIN_LOG", "json")
    Narration("environments/test.yml").say("sma_trend: its bot starts")
    (line,) = told(capsys)
    assert (line["environment"], line["strategy"], line["message"]) == ("test", "sma_trend", "its bot starts")


@pytest.mark.parametrize(
    ("error", "code", "level", "message"),
    [
        (ToolFailed("the disk is full", hint="make room"), ExitCode.TOOL, "error", "the disk is full"),
        (
            PermissionError(13, "Permission denied", "ledger.jsonl"),
            ExitCode.TOOL,
            "error",
            "ledger.jsonl: Permission denied",
        ),
        (RuntimeError("oh"), ExitCode.CRASH, "error", "this is a bug in freqtrain; please report the lines above."),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED, "error", "interrupted."),
    ],
)
def test_what_a_command_fails_with_is_an_object_too(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: ExitCode,
    level: str,
    message: str,
) -> None:
    def fails(**_: object) -> None:
        raise error

    monkeypatch.setenv("FREQTRAIN_LOG", "json")
    monkeypatch.setattr(boundary.freqtrain, "main", fails)
    assert boundary.run([]) == code
    (line,) = told(capsys)
    assert (line["level"], line["message"]) == (level, message)
    assert line.get("hint", "") == getattr(error, "hint", "")
    assert ("RuntimeError: oh" in line.get("traceback", "")) == isinstance(error, RuntimeError)


def test_a_wrong_call_is_an_object_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("FREQTRAIN_LOG", "json")
    assert boundary.run(["log"]) == ExitCode.USAGE
    (line,) = told(capsys)
    assert (line["level"], line["message"]) == ("error", "Missing argument 'ENVIRONMENT'.")


def test_a_form_that_there_is_not_is_refused_before_anything_is_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FREQTRAIN_LOG", "xml")
    assert boundary.run(["log", "test"]) == ExitCode.USAGE
    assert "FREQTRAIN_LOG must be text or json, not 'xml'" in capsys.readouterr().err
