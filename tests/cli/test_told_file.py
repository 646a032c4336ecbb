"""The file that a verb leaves for its reader says how it ended, whatever went wrong."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.cli import told_file
from pipeline.cli.told_file import Document, told_in
from pipeline.errors import ExitCode, Locked


def failed(code: ExitCode, told: str, hint: str) -> Document:
    return {"outcome": code.name, "told": told, "hint": hint}


def left(file: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(file.read_text())
    return found


def raising(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def test_what_the_verb_tells_stands_there(tmp_path: Path) -> None:
    with told_in(tmp_path / "out" / "told.json", failed) as tell:
        assert left(tmp_path / "out" / "told.json")["outcome"] == "INTERRUPTED"
        tell({"outcome": "DONE"})
    assert left(tmp_path / "out" / "told.json") == {"outcome": "DONE"}


@pytest.mark.parametrize(
    ("error", "outcome", "told"),
    [
        (Locked("ada is at work", hint="wait"), "LOCKED", "ada is at work"),
        (OSError(28, "No space left on device", "ledger.jsonl"), "TOOL", "ledger.jsonl: No space left on device"),
        (ZeroDivisionError("secret"), "CRASH", "this is a bug in freqtrain"),
        (KeyboardInterrupt(), "INTERRUPTED", "it was cut off: what it did is in the ledger"),
    ],
)
def test_what_went_wrong_stands_there_and_goes_on_its_way(
    tmp_path: Path, error: BaseException, outcome: str, told: str
) -> None:
    with pytest.raises(type(error)), told_in(tmp_path / "told.json", failed):
        raising(error)()
    assert (left(tmp_path / "told.json")["outcome"], left(tmp_path / "told.json")["told"]) == (outcome, told)


def test_a_disk_that_fills_up_hides_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: str) -> None:
        raise OSError(28, "No space left on device", str(path))

    def fail() -> None:
        monkeypatch.setattr(told_file, "write_whole", full)
        raise Locked("ada is at work")

    with pytest.raises(Locked), told_in(tmp_path / "told.json", failed):
        fail()


def test_without_a_file_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with told_in(None, failed) as tell:
        tell({"outcome": "DONE"})
    assert list(tmp_path.iterdir()) == []
