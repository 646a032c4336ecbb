"""What a device left of its roll-backs is believed in size and shape only."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.roll_back_file import read_roll_backs
from pipeline.domain.train.roll_backs import Known, RollBack
from pipeline.errors import ExitCode, Refused
from pipeline.render.evidence_json import to_text
from pipeline.render.roll_backs import document
from tests.domain.train.test_roll_backs import BACK, BAD, BLOCKED, ENDED, GOOD, ledger, told
from tests.domain.train.world import NEW, START

Json = Any
(ONE,) = told(ledger(*GOOD, *BAD, BLOCKED, *BACK, ENDED))
BARE = RollBack("prod", "wave", NEW, "sha256:" + "9" * 64, "ada", "it lost", START, known=Known())


def left(**more: Json) -> Json:
    """The document of one roll-back, with something else in it."""
    said = json.loads(to_text(document((ONE,))))
    said["roll_backs"][0].update(more)
    return said


HOSTILE: dict[str, Json] = {
    "no JSON": b"<html>",
    "another document": {"outcome": "DONE", "strategies": []},
    "an environment with a mark": left(environment="test -->"),
    "an id with a line": left(strategy="dip\n::error::x"),
    "a bundle that is none": left(bundle=""),
    "an entry that is a path": left(entry="../../x"),
    "a time without a zone": left(began_at="2026-01-01T00:00:00"),
    "a time that is none": left(ended_at="yesterday"),
    "a text for a number": left(known={**left()["roll_backs"][0]["known"], "healthy_hours": "3"}),
    "an endless number": left(known={**left()["roll_backs"][0]["known"], "healthy_hours": 1e300}),
    "very many brakes": left(known={**left()["roll_backs"][0]["known"], "brakes": ["x"] * 21}),
    "an endless reason": left(reason="x" * 20_001),
    "very many": {**left(), "roll_backs": left()["roll_backs"] * 1_001},
}


def written(folder: Path, said: Json) -> Path:
    file = folder / "rolled-back.json"
    file.write_bytes(said if isinstance(said, bytes) else json.dumps(said).encode())
    return file


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    said = document((ONE, BARE), ExitCode.REFUSED, "the ledger of 'test' is damaged", "compare it")
    assert read_roll_backs(written(tmp_path, to_text(said).encode())) == (
        (ONE, BARE),
        "the ledger of 'test' is damaged",
    )


@pytest.mark.parametrize("said", HOSTILE.values(), ids=list(HOSTILE))
def test_what_is_not_of_the_one_right_shape_is_refused_without_a_word_of_it(tmp_path: Path, said: Json) -> None:
    with pytest.raises(Refused, match="what the device left ") as caught:
        read_roll_backs(written(tmp_path, said))
    assert "::error" not in caught.value.message


def test_a_missing_file_is_told_as_that(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="the device left no word"):
        read_roll_backs(tmp_path / "rolled-back.json")


def test_one_without_evidence_is_read_too(tmp_path: Path) -> None:
    bare = replace(BARE, by="", reason="")
    assert read_roll_backs(written(tmp_path, to_text(document((bare,))).encode())) == ((bare,), "")


def test_what_several_devices_left_in_a_folder_is_read_together_and_the_same_once(tmp_path: Path) -> None:
    for number, roll_backs in enumerate([(ONE,), (ONE, BARE)]):
        (tmp_path / f"rolled-back-{number}.json").write_bytes(to_text(document(roll_backs)).encode())
    assert read_roll_backs(tmp_path) == ((ONE, BARE), "")


def test_one_device_of_several_that_left_nonsense_hides_nothing_of_the_others(tmp_path: Path) -> None:
    (tmp_path / "rolled-back-0.json").write_text("::error::x")
    (tmp_path / "rolled-back-1.json").write_bytes(to_text(document((ONE,))).encode())
    assert read_roll_backs(tmp_path) == ((ONE,), "what the device left is no JSON")
    (tmp_path / "rolled-back-1.json").unlink()
    with pytest.raises(Refused, match="is no JSON"):
        read_roll_backs(tmp_path)


def test_a_folder_in_which_no_device_left_anything_is_told_as_that(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="the device left no word"):
        read_roll_backs(tmp_path)
