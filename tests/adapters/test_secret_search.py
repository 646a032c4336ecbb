"""A secret is found however it was written down, and blacked out in all of its forms."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.adapters import secret_search
from pipeline.adapters.secret_search import SecretSearch, forms
from tests import canary
from tests.incident_ground import KEY, LINE, PEM, SECRET

SECRETS = (KEY, SECRET, PEM, "plain-enough-0", "grüße/+%&'\"\\")


@pytest.mark.parametrize("secret", SECRETS)
def test_every_form_that_the_canary_knows_is_found(secret: str) -> None:
    search = SecretSearch([secret])
    for form in canary.forms(secret):
        assert b"before " + form + b" after" in search, form
        blackened, count = search.redacted(b"before " + form + b" after")
        assert count >= 1
        assert not canary.leaks_in(blackened, [secret])
    assert canary.forms(secret) <= forms(secret)


def test_what_holds_no_secret_is_left_as_it_is() -> None:
    search = SecretSearch(SECRETS)
    told = b"0001234 it's a $ecret -----BEGIN PRIVATE KEY----- EXCHANGE_ACCESS_KEY"
    assert told not in search
    assert search.redacted(told) == (told, 0)


def test_a_single_line_of_a_key_is_a_secret_too() -> None:
    assert LINE.encode() in SecretSearch([PEM])


def test_short_ones_are_counted_and_not_searched_for() -> None:
    search = SecretSearch(["4711", "", KEY])
    assert (len(search), search.short) == (1, 1)
    assert b"4711" not in search


def test_one_that_lies_across_two_portions_of_a_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_search, "CHUNK", 64)
    file = tmp_path / "log"
    for before in range(40, 70):
        file.write_bytes(b"x" * before + KEY.encode() + b"y" * 90)
        assert SecretSearch([KEY]).in_file(file), before
    file.write_bytes(b"x" * 500)
    assert not SecretSearch([KEY]).in_file(file)


def test_one_that_lies_in_several_pages_of_a_database_is_found_in_its_value(tmp_path: Path) -> None:
    file, search = tmp_path / "x.sqlite", SecretSearch([KEY])
    with closing(sqlite3.connect(file)) as database, database:
        database.execute('CREATE TABLE "a ""table" (number INTEGER, text TEXT, bytes BLOB)')
        database.execute('INSERT INTO "a ""table" VALUES (1, NULL, NULL)')
    assert not search.in_database(file)
    filling = random.Random(1)
    text = "".join(filling.choices("abcdef", k=4060)) + KEY + "".join(filling.choices("abcdef", k=9000))
    with closing(sqlite3.connect(file)) as database, database:
        database.execute('INSERT INTO "a ""table" VALUES (2, ?, NULL)', (text,))
    assert search.in_database(file)


SEARCH = SecretSearch(SECRETS)
EVERY = sorted({form for secret in (*SECRETS, LINE) for form in forms(secret)})


@settings(max_examples=60)
@given(st.binary(max_size=60), st.binary(max_size=60), st.integers(0, 10_000), st.booleans())
def test_it_finds_what_looking_for_each_form_would_find(
    before: bytes, after: bytes, number: int, planted: bool
) -> None:
    content = before + (EVERY[number % len(EVERY)] if planted else b"") + after
    assert (content in SEARCH) == any(form in content for form in EVERY)
