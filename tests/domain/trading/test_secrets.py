"""A secret shows itself nowhere."""

import copy
import json
import pickle
from dataclasses import asdict

import pytest

from pipeline.domain.canonical import digest, plain
from pipeline.domain.trading import Secret, Secrets

KEY = Secret("hunter2")


def test_what_was_put_in_comes_out_only_when_asked_for() -> None:
    assert KEY.reveal() == "hunter2"


@pytest.mark.parametrize("said", [repr(KEY), str(KEY), f"{KEY}", f"{KEY!r}", repr(Secrets(KEY)), str([KEY])])
def test_no_text_shows_it(said: str) -> None:
    assert "hunter2" not in said
    assert "hidden" in said


def test_it_has_no_canonical_form_so_that_no_digest_ledger_or_json_takes_it() -> None:
    for call in (lambda: plain(Secrets(KEY)), lambda: digest({"key": KEY}), lambda: json.dumps({"key": KEY})):
        with pytest.raises(TypeError):
            call()


def test_it_is_not_pickled_or_taken_apart() -> None:
    for call in (lambda: pickle.dumps(Secrets(KEY)), lambda: asdict(Secrets(KEY)), lambda: copy.deepcopy(KEY)):
        with pytest.raises(TypeError):
            call()


def test_equal_texts_are_equal_secrets() -> None:
    assert {Secret("a"), Secret("a"), Secret("b")} == {Secret("a"), Secret("b")}
    assert Secret("a") != "a"
