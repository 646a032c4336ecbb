"""Secrets as they are handed over: each value arrives exactly as it stood there, and no message shows one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.trading.secret_lines import NotReadable, read_secret_lines


def read(text: str) -> dict[str, str]:
    return {name: value.reveal() for name, value in read_secret_lines(text).items()}


def test_a_line_is_a_name_and_then_whatever_follows() -> None:
    text = 'A=000123\n\n# said\nB="it\'s" $x # y\r\nC=\nD= a=b= \nE=1e5'
    assert read(text) == {"A": "000123", "B": '"it\'s" $x # y', "C": "", "D": " a=b= ", "E": "1e5"}


@given(st.dictionaries(st.text(min_size=1), st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=1))
def test_whatever_text_json_holds_arrives_as_it_is(values: dict[str, str]) -> None:
    assert read(json.dumps(values)) == values


@given(st.text(st.characters(exclude_characters="\0\n\r", codec="utf-8")))
def test_whatever_stands_in_a_line_arrives_as_it_is(value: str) -> None:
    assert read(f"NAME={value}\n") == {"NAME": value}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "there is nothing in it"),
        ("{}", "there is nothing in it"),
        ("A=1\nhunter2", "line 2 is not NAME=VALUE"),
        ("A=1\nA=hunter2", "line 2 sets a name for the second time"),
        ('{"A": "hunter2", "A": "x"}', "value 2 sets a name for the second time"),
        ('{"A": 000123}', "is none at line 1"),
        ('{"A": 123}', "value 1 is no text: put it in quotes"),
        ('{"A": ["hunter2"]}', "value 1 is no text"),
        ('{"A": {"hunter2": "x"}}', "value 1 is no text"),
        ('{"A": "hunter2"', "is none at line 1"),
        ('{"A": NaN}', "none that can be read"),
        ('{"A": "hunter2\\ud800"}', "value 1 holds what is no text"),
        ('{"A": "hunter2\\u0000"}', "value 1 holds a zero character"),
        ("{" * 100_000, "it begins like JSON"),
    ],
)
def test_what_is_neither_is_told_by_its_place_and_not_shown(text: str, told: str) -> None:
    with pytest.raises(NotReadable) as found:
        read_secret_lines(text)
    assert told in str(found.value)
    assert "hunter2" not in str(found.value)
    assert found.value.__cause__ is None
