"""The chain: whatever is changed in a ledger shows, with the line and in a sentence."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.ledger import GENESIS, Entry, Head, after, follow, follow_on, intact, line, read_entry, verify

AT = datetime(2025, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
BODIES = st.dictionaries(
    st.text(max_size=3),
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    ),
    max_size=3,
)


def chain(bodies: list[dict[str, object]]) -> tuple[list[bytes], Head]:
    """A ledger's lines and its head."""
    head, lines = Head(), []
    for number, body in enumerate(bodies):
        entry = follow(head, AT + timedelta(minutes=number), "judged", body)
        head = after(head, entry)
        lines.append(line(entry).removesuffix(b"\n"))
    return lines, head


LINES, HEAD = chain([{"number": number} for number in range(5)])


def told(lines: list[bytes], head: Head = HEAD) -> list[str]:
    return [str(found) for found in verify(lines, head)]


def test_an_entry_follows_from_the_head() -> None:
    entry = follow(Head(), AT, "judged", {"b": 1.5, "a": (1, None)})
    assert (entry.seq, entry.previous, entry.body) == (1, GENESIS, {"b": 1.5, "a": [1, None]})
    assert entry.at == datetime(2025, 3, 1, 12, 0, 0, 123000, tzinfo=UTC)
    assert after(Head(), entry) == Head(1, len(line(entry)), entry.hash)


def test_a_time_is_kept_in_utc() -> None:
    entry = follow(Head(), AT.astimezone(timezone(timedelta(hours=2))), "judged", {})
    assert entry == follow(Head(), AT, "judged", {})


@pytest.mark.parametrize(("kind", "at"), [("", AT), ("judged", AT.replace(tzinfo=None))])
def test_an_entry_needs_a_kind_and_a_zone(kind: str, at: datetime) -> None:
    with pytest.raises(ValueError, match="needs a kind and a time"):
        follow(Head(), at, kind, {})


@given(BODIES)
def test_an_entry_is_read_back_as_it_was_written(body: dict[str, object]) -> None:
    entry = follow(Head(), AT, "judged", body)
    assert read_entry(line(entry).removesuffix(b"\n")) == entry
    assert line(entry).count(b"\n") == 1
    assert intact(entry)


@given(st.lists(BODIES, max_size=5))
def test_a_chain_that_nobody_touched_is_intact(bodies: list[dict[str, object]]) -> None:
    assert verify(*chain(bodies)) == ()


@given(st.data())
def test_any_changed_byte_shows(data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(LINES) - 1))
    place = data.draw(st.integers(0, len(LINES[number]) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != LINES[number][place] and value != 10))
    changed = LINES[number][:place] + bytes([byte]) + LINES[number][place + 1 :]
    breaks = verify([*LINES[:number], changed, *LINES[number + 1 :]], HEAD)
    assert breaks
    assert breaks[0].line == number + 1


@given(st.permutations(range(5)), st.integers(0, 5))
def test_any_other_order_and_any_missing_line_shows(order: list[int], length: int) -> None:
    kept = order[:length]
    assert bool(verify([LINES[number] for number in kept], HEAD)) == (kept != [0, 1, 2, 3, 4])


def test_an_edited_line_is_named() -> None:
    edited = LINES[2].replace(b'"number":2', b'"number":7')
    assert told([*LINES[:2], edited, *LINES[3:]]) == [
        "line 3: was edited: the judged entry does not have the hash that it carries"
    ]


def test_a_line_with_more_spaces_is_named() -> None:
    spaced = LINES[2].replace(b":2", b": 2")
    assert told([*LINES[:2], spaced, *LINES[3:]]) == ["line 3: is not written as the ledger writes entries"]


def test_a_line_that_was_rewritten_with_its_hash_shows_in_the_line_after_it() -> None:
    entry = read_entry(LINES[2])
    forged = follow(Head(2, 0, entry.previous), entry.at, entry.kind, {"number": 7})
    lines = [*LINES[:2], line(forged).removesuffix(b"\n"), *LINES[3:]]
    assert told(lines) == ["line 4: does not follow from the line before it: entry 3 was replaced"]


def test_a_last_line_that_was_rewritten_with_its_hash_shows_in_the_head() -> None:
    entry = read_entry(LINES[4])
    forged = follow(Head(4, 0, entry.previous), entry.at, entry.kind, {"number": 7})
    lines = [*LINES[:4], line(forged).removesuffix(b"\n")]
    assert told(lines) == ["the last entry is not the one that the head file names: one of them was replaced"]


def test_a_line_that_is_missing_is_named() -> None:
    assert told([*LINES[:2], *LINES[3:]]) == [
        "line 3: holds entry 4 where entry 3 belongs: entries are missing or out of order",
        "the ledger was cut: it holds 4 entries, and its head file counts 5",
    ]


def test_a_cut_tail_is_told() -> None:
    assert told(LINES[:3]) == ["the ledger was cut: it holds 3 entries, and its head file counts 5"]


def test_a_repeated_line_is_named() -> None:
    assert told([*LINES, LINES[1]]) == [
        "line 6: repeats line 2",
        "the ledger holds 6 entries, and its head file counts 5: one of them was changed",
    ]


def test_a_swapped_pair_is_named_at_both_lines() -> None:
    found = verify([LINES[0], LINES[2], LINES[1], *LINES[3:]], HEAD)
    assert [broken.line for broken in found] == [2, 3, 4]


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100000, b'{"seq":1}', b"\x00\x00"])
def test_what_is_no_entry_is_said_to_be_none(text: bytes) -> None:
    with pytest.raises(ValueError, match="is not an entry"):
        read_entry(text)


def test_entries_of_another_type_do_not_pass_as_entries() -> None:
    text = line(follow(Head(), AT, "judged", {})).removesuffix(b"\n").replace(b'"seq":1', b'"seq":true')
    assert verify([text], HEAD) != ()


def test_a_body_without_a_canonical_form_is_refused() -> None:
    with pytest.raises(TypeError):
        follow(Head(), AT, "judged", {"what": object()})


def test_all_of_an_entry_is_under_its_hash() -> None:
    entry = follow(Head(), AT, "judged", {"a": 1})
    others = [
        Entry(2, entry.at, entry.kind, entry.body, entry.previous, entry.hash),
        Entry(1, entry.at + timedelta(seconds=1), entry.kind, entry.body, entry.previous, entry.hash),
        Entry(1, entry.at, "promoted", entry.body, entry.previous, entry.hash),
        Entry(1, entry.at, entry.kind, {"a": 2}, entry.previous, entry.hash),
        Entry(1, entry.at, entry.kind, entry.body, entry.hash, entry.hash),
    ]
    assert not any(intact(other) for other in others)


@given(st.lists(BODIES, max_size=5), st.data())
def test_reading_on_finds_the_same_entries_wherever_it_begins_and_nothing_in_what_verify_refuses(
    bodies: list[dict[str, object]], data: st.DataObject
) -> None:
    lines, head = chain(bodies)
    whole = tuple(read_entry(text) for text in lines)
    at = data.draw(st.integers(0, len(lines)))
    assert follow_on(lines, head) == whole
    assert follow_on(lines[at:], head, whole[:at]) == whole[at:]
    assert all(intact(entry) for entry in whole)
    changed = list(lines)
    if changed:
        at = data.draw(st.integers(0, len(lines) - 1))
        kind = data.draw(st.sampled_from(["cut", "edit", "twice", "swap", "gone"]))
        text = changed[at]
        if kind == "edit":
            changed[at] = text.replace(b"judged", b"Judged")
        elif kind == "cut":
            changed[at] = text[:-1]
        elif kind == "twice":
            changed.insert(at, text)
        elif kind == "swap":
            changed[at], changed[0] = changed[0], changed[at]
        else:
            del changed[at]
    assert (follow_on(changed, head) is None) == bool(verify(changed, head))


@pytest.mark.parametrize("text", [b'{"number":NaN}', b'{"a":1,"a":1}', b'{"number": 1}', b'{"number":1.50}'])
def test_a_body_that_no_ledger_writes_is_no_entry(text: bytes) -> None:
    entry = follow(Head(), AT, "judged", {"number": 1})
    with pytest.raises(ValueError, match=r"is not an entry|is not written as the ledger writes entries"):
        read_entry(line(entry).rstrip(b"\n").replace(b'{"number":1}', text))
