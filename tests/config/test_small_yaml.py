"""What the small YAML reads, and everything that it refuses, each at its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.small_yaml import DEEPEST, parse_text, scalar


def problems(text: str) -> list[tuple[int, int, str]]:
    return [(line, column, message) for (line, column), message in parse_text(text).problems]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("18:30", "18:30"),
        ("on", "on"),
        ("yes", "yes"),
        ("True", "True"),
        ("012", "012"),
        ("1_000", "1_000"),
        ("0x1f", "0x1f"),
        ("2025-01-01", "2025-01-01"),
        (".5", ".5"),
        ("'7'", "7"),
        ("1e-3", 0.001),
        ("-0.10", -0.1),
        ("+3", 3),
        ("0", 0),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12345678901234567890", 12345678901234567890),
    ],
)
def test_a_word_is_read_in_one_way_only(written: str, read: object) -> None:
    parsed = parse_text(f"key: {written}\n")
    assert parsed.problems == []
    assert isinstance(parsed.data, dict)
    value = parsed.data["key"]
    assert (value, type(value)) == (read, type(read))


@pytest.mark.parametrize("key", ["1", "on", "null", "true", "18:30"])
def test_a_key_is_always_text(key: str) -> None:
    assert parse_text(f"{key}: x").data == {key: "x"}


def test_blocks_of_text_keep_their_lines() -> None:
    assert parse_text("key: |\n  one\n  two\n").data == {"key": "one\ntwo\n"}


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: 1\nb: 2\na: 3", 3, 1, "the key 'a' already stands on line 1"),
        ("a: &x 1", 1, 4, "the anchor &x is not allowed"),
        ("a: *x", 1, 4, "the alias *x is not allowed"),
        ("a: !!python/object:os.system x", 1, 4, "the tag tag:yaml.org,2002:python/object:os.system is not allowed"),
        ("a: !secret x", 1, 4, "the tag !secret is not allowed"),
        ("&k a: 1", 1, 1, "anchors and tags are not allowed"),
        ("a:\n  <<: {b: 1}", 2, 3, "merge keys (<<) are not allowed"),
        ("a: 1\n---\nb: 2", 2, 1, "a second document starts here"),
        ("a: 1\n...\nb: 2", 3, 1, "this stands after the end of the document"),
        ("%YAML 1.1\n---\na: 1", 1, 1, "directives (%) are not allowed"),
        ("%YAML 3.0\n---\na: 1", 1, 1, "directives (%) are not allowed"),
        ("a: .nan", 1, 4, ".nan is not a number that can be compared"),
        ("a: [1, -.INF]", 1, 8, "-.INF is not a number"),
        ("a: inf", 1, 4, "inf is not a number"),
        ("a: 1e999", 1, 4, "1e999 is too large for a number"),
        ("a: " + "9" * 50, 1, 4, "a number of 50 characters is too long"),
        ("? [a]\n: 1", 1, 3, "a key must be a plain word"),
        ("'': 1", 1, 1, "a key is missing in front of the colon"),
        ("a: b: c", 1, 5, "a colon is not expected here"),
        ("a:\n\t- 1", 2, 1, "a tab is not allowed here"),
        ("a: @x", 1, 4, "this character cannot start a value"),
        ("a: 'x", 1, 6, "the file ends inside a quoted text"),
        ("a: [1", 1, 6, "the file ends inside a list or an object"),
        ("a: [1\nb: 2]", 2, 2, "a comma or a closing bracket is missing"),
        ("a: {b: ${X}}", 1, 9, "a variable inside { } or [ ] stands in quotes"),
        ("a: {b: 1,,}", 1, 10, "a value is missing before this"),
        ("a:\n  b: 1\n c: 2", 3, 2, "this does not belong to what stands above"),
        ("a: - b", 1, 4, "a list item is not expected here"),
        ('a: "\\q"', 1, 6, "this escape is not known"),
        ('a: "\\ud800"', 1, 4, "half of a character"),
        ('"\\ud800": 1', 1, 1, "half of a character"),
        ("a: x\x00y", 1, 5, "the character U+0000 is not allowed"),
        ("", 1, 1, "the file is empty"),
        ("# only a comment\n", 1, 1, "the file is empty"),
    ],
)
def test_what_is_refused_is_told_at_its_place(text: str, line: int, column: int, words: str) -> None:
    found = problems(text)
    assert found, "nothing was refused"
    assert found[0][:2] == (line, column)
    assert words in found[0][2]


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    found = problems("a: 1\na: 2\nb: &x 1\nc: *x\nd: .nan\n---\ne: 1")
    assert [line for line, _, _ in found] == [2, 3, 4, 5, 6]


def test_the_first_of_two_equal_keys_counts_and_the_rest_of_the_second_is_passed_over() -> None:
    assert parse_text("a: 1\na: {b: [1, {c: 2}]}\nd: 3").data == {"a": 1, "d": 3}


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_runaway_nesting_stops_early(opening: str) -> None:
    found = problems(opening * 5000)
    assert len(found) == 1
    assert f"nested more than {DEEPEST} levels deep" in found[0][2]


def test_runaway_nesting_stops_also_below_a_key_that_does_not_count() -> None:
    assert "levels deep" in problems("a: 1\na: " + "[" * 5000)[-1][2]


def test_places_of_keys_and_values_are_kept() -> None:
    parsed = parse_text("a:\n  - b: 1\n    c:  x\n")
    assert parsed.keys[("a", 0, "c")] == (3, 5)
    assert parsed.values[("a", 0, "c")] == (3, 9)
    assert parsed.values[("a", 0)] == (2, 5)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_but_never_crashes(text: str) -> None:
    parsed = parse_text(text)
    assert all(line >= 1 and column >= 1 for (line, column), _ in parsed.problems)


@given(st.text(alphabet="abc:-[]{}&*!<>|'\"\n #%?,1.\t", max_size=40))
def test_any_text_of_yaml_signs_is_read_or_refused_but_never_crashes(text: str) -> None:
    parse_text(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_its_value(value: float) -> None:
    assert scalar(repr(value)) == value
