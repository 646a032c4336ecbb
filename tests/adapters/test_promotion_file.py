"""What a device left of a promotion is believed in size and shape only."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.promotion_file import read_promotion
from pipeline.adapters.told_file import LARGEST_BYTES
from pipeline.domain.train.boarding import Boards
from pipeline.domain.verdict import Outcome
from pipeline.errors import ExitCode, Refused
from pipeline.render.boarding import failed_document, promotion_document
from pipeline.render.evidence_json import to_text
from tests.flows.tell_ground import STAYS, attempt, document, seat
from tests.render.test_boarding import ASKING, ATTEMPTS, MADE, SEATS, UNSIGNED

Json = Any

DEEP = b'{"a":' * 100_000

HOSTILE: dict[str, Json] = {
    "nothing": b"",
    "no JSON": b"PASS",
    "another encoding": "{}".encode("utf-16"),
    "a list": [],
    "very deep": DEEP,
    "a number that is none": b'{"outcome": NaN}',
    "a key twice": b'{"outcome": "DONE", "outcome": "DONE"}',
    "an outcome that there is not": document("PASS"),
    "a number for a text": document(tag=1),
    "a text for a yes": document(planned="false"),
    "a null": document(environment=None),
    "an id with a path": document("DONE", seat("../../etc")),
    "an id with a line": document("DONE", seat("dip\n::error::x")),
    "a bundle that is no digest": document("DONE", seat(bundle="sha256:" + "A" * 64)),
    "a bundle with a line": document("DONE", seat(bundle="sha256:" + "a" * 64 + "\n")),
    "a decision that there is not": document("DONE", seat(decision="rules")),
    "a sentence without an end": document("DONE", seat(reason="x" * 20_001)),
    "very many strategies": document("DONE", *[seat(f"s{number}") for number in range(2_001)], attempts=[]),
    "very many findings": document("DONE", seat(findings=[{"outcome": "PASS", "reason": "x"}] * 1_001)),
    "a strategy twice": document("DONE", seat(), seat()),
    "an attempt twice": document("DONE", seat(), attempts=[attempt(), attempt()]),
    "an attempt of nobody": document("DONE", STAYS, attempts=[attempt("ghost")]),
    "a run with a path": document(run="../1.1"),
    "an attempt that is a text": document("DONE", seat(), attempts=["dip"]),
    "without its strategies": {name: value for name, value in document().items() if name != "strategies"},
}


def written(folder: Path, said: Json) -> Path:
    file = folder / "promotion.json"
    file.write_bytes(said if isinstance(said, bytes) else json.dumps(said).encode())
    return file


@pytest.mark.parametrize("said", HOSTILE.values(), ids=list(HOSTILE))
def test_what_is_not_of_the_one_right_shape_is_refused_without_a_word_of_it(tmp_path: Path, said: Json) -> None:
    with pytest.raises(Refused, match="what the device left ") as caught:
        read_promotion(written(tmp_path, said))
    assert "::error" not in str(caught.value)
    assert len(caught.value.message) < 150


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is larger than 8192 KiB"):
        read_promotion(written(tmp_path, b" " * (LARGEST_BYTES + 1)))


def test_a_missing_file_a_link_and_a_folder_are_told_as_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="the device left no word"):
        read_promotion(tmp_path / "missing.json")
    (tmp_path / "link.json").symlink_to("/etc/passwd")
    with pytest.raises(Refused, match="is a symbolic link"):
        read_promotion(tmp_path / "link.json")
    with pytest.raises(Refused, match="what the device left"):
        read_promotion(tmp_path)


def test_what_promote_writes_is_what_is_read(tmp_path: Path) -> None:
    account = read_promotion(written(tmp_path, to_text(promotion_document(MADE)).encode()))
    assert (account.code, account.environment, account.tag) == (ExitCode.UNDONE, "sandbox", "v1.4")
    assert [(one.strategy, one.bundle, one.decision, one.reason) for one in account.seats] == [
        (one.strategy, one.bundle, one.decision, one.reason) for one in SEATS
    ]
    assert account.seats[1].findings == ((Outcome.INCONCLUSIVE, "0 of 1 closed trades"),)
    assert [(one.strategy, one.code, one.told) for one in account.attempts] == [
        (one.strategy, one.code, one.told) for one in ATTEMPTS
    ]
    assert [one.strategy for one in account.taken_back] == ["sma_trend"]
    assert not account.planned
    assert not account.to_sign


def test_a_question_and_a_missing_signature_are_read_as_that(tmp_path: Path) -> None:
    asked = replace(MADE, planned=False, recorded=False, attempts=(), question=ASKING)
    assert read_promotion(written(tmp_path, to_text(promotion_document(asked)).encode())).planned
    assert read_promotion(written(tmp_path, to_text(promotion_document(UNSIGNED)).encode())).to_sign


def test_what_a_verb_that_failed_leaves_is_read_too(tmp_path: Path) -> None:
    said = failed_document("test", "", "refs/remotes/origin/main", ExitCode.LOCKED, "ada is at work", "wait")
    account = read_promotion(written(tmp_path, said))
    assert (account.code, account.told, account.hint, account.seats) == (ExitCode.LOCKED, "ada is at work", "wait", ())


def test_a_newer_freqtrain_on_the_device_may_say_more(tmp_path: Path) -> None:
    said = document("DONE", seat(weather="fine"), mood=["good"])
    assert read_promotion(written(tmp_path, said)).seats[0].decision is Boards.BOARDS


def test_every_decision_that_there_is_can_be_read(tmp_path: Path) -> None:
    seats = [seat(f"s{number}", kind.value) for number, kind in enumerate(Boards)]
    account = read_promotion(written(tmp_path, document("DONE", *seats)))
    assert [one.decision for one in account.seats] == list(Boards)
