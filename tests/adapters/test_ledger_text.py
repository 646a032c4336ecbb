"""A line that is read quickly says just what it says when it is read slowly, whatever is on it."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.adapters import ledger_text
from pipeline.adapters.ledger_text import entry_of, link_of
from pipeline.domain.canonical import written
from pipeline.domain.ledger import GENESIS, Entry, Head, follow, intact, line, read_entry

AT = datetime(2025, 3, 1, 12, 0, 0, 123000, tzinfo=UTC)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | FLOATS | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('ab"hsé\\', max_size=4), inner, max_size=3),
    max_leaves=8,
)
BODIES = st.dictionaries(st.sampled_from(["a", "b", 'x"hash', "hash", "é", "\U0001f600", "�"]), VALUES, max_size=4)
LINE = line(follow(Head(), AT, "judged", {"number": 1, "text": "as it is", "ratio": 0.25})).removesuffix(b"\n")


def slowly(text: bytes) -> Entry | str:
    """The entry as the domain reads it, or what it says against it."""
    try:
        entry = read_entry(text)
    except ValueError as error:
        return str(error)
    return entry if intact(entry) else "was edited"


def quickly(text: bytes) -> Entry | str:
    try:
        entry = entry_of(text)
    except ValueError as error:
        with pytest.raises(ValueError, match=str(error)):
            link_of(text)
        return str(error)
    assert link_of(text) == (entry.seq, entry.previous, entry.hash)
    return entry


def hashed(**changed: object) -> bytes:
    """An entry with these things in it, and with the hash that they have."""
    value = {"at": "2025-03-01T12:00:00Z", "body": {}, "kind": "judged", "previous": GENESIS, "seq": 1, **changed}
    digest = hashlib.sha256(written(value)).hexdigest()  # type: ignore[arg-type]
    return written({**value, "hash": f"sha256:{digest}"})  # type: ignore[dict-item]


def rehashed(text: bytes) -> bytes:
    """The line with the hash of what stands on it, whoever wrote it."""
    place = text.rindex(ledger_text.HASH)
    before, behind = text[:place], text[place + ledger_text.HASHED :]
    return before + b'"hash":"sha256:' + hashlib.sha256(before + behind).hexdigest().encode() + b'",' + behind


@given(BODIES, st.sampled_from(["judged", "x", 'a"hash', '"hash":"', "é"]), st.datetimes(timezones=st.just(UTC)))
def test_any_entry_that_a_ledger_writes_is_read_as_it_was_written(
    body: dict[str, object], kind: str, at: datetime
) -> None:
    entry = follow(Head(), at, kind, body)
    assert entry_of(line(entry).removesuffix(b"\n")) == entry


def test_what_a_ledger_mostly_holds_takes_no_closer_look(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = follow(Head(7), AT, "observed", {"hours": 24.0, "trades": 3, "reasons": ["a", 1.5], "more": {"x": None}})
    monkeypatch.delattr(ledger_text, "read_entry")
    assert entry_of(line(entry).removesuffix(b"\n")) == entry


@given(FLOATS)
@example(-0.0)
@example(1e-4)
@example(9.999999999999999e-5)
@example(999999999999999.9)
@example(1e15)
@example(1e16)
@example(1e22)
@example(5e-324)
def test_a_number_is_read_as_it_was_written_and_in_no_other_way(number: float) -> None:
    text = line(follow(Head(), AT, "judged", {"number": number})).removesuffix(b"\n")
    assert entry_of(text).body["number"] == number
    plain = json.dumps(number).encode()
    for other in (orjson.dumps(number), plain.replace(b"e+", b"e"), f"{number:.17f}".rstrip("0").encode()):
        changed = rehashed(text.replace(b'"number":' + plain, b'"number":' + other))
        assert quickly(changed) == slowly(changed)


@given(st.data())
def test_a_line_in_which_anything_was_changed_is_told_as_ever(data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(LINE)))
    end = data.draw(st.integers(begin, min(len(LINE), begin + 3)))
    changed = LINE[:begin] + data.draw(st.binary(max_size=3) | st.sampled_from([b" ", b"0", b"1e5", b'"'])) + LINE[end:]
    assert quickly(changed) == slowly(changed)
    if ledger_text.HASH in changed:
        again = rehashed(changed)
        assert quickly(again) == slowly(again)


@pytest.mark.parametrize(
    "changed",
    [
        {"seq": True},
        {"seq": 1.0},
        {"seq": "1"},
        {"seq": 2**70},
        {"seq": None},
        {"body": []},
        {"body": None},
        {"body": {"hash": "sha256:" + "0" * 64}},
        {"body": {"a": 1e-5, "b": [1e20, {"c": 1.5e300}]}},
        {"kind": 7},
        {"kind": {"hash": "x"}},
        {"kind": ["judged"]},
        {"previous": None},
        {"previous": {"hash": "sha256:" + "0" * 64}},
        {"more": 1},
        {"zzz": {"hash": "sha256:" + "0" * 64}},
        {"at": 7},
        {"at": None},
        {"at": "2025-03-01T12:00:00.000Z"},
        {"at": "2025-03-01T12:00:00.1Z"},
        {"at": "2025-03-01T12:00:00.123456Z"},
        {"at": "2025-03-01T12:00:00+00:00"},
        {"at": "2025-03-01T14:00:00+02:00"},
        {"at": "2025-03-01 12:00:00Z"},
        {"at": "2025-03-01T12:00:00"},
        {"at": "2025-02-30T12:00:00Z"},
        {"at": "2025-03-01T24:00:00Z"},
        {"at": "0000-03-01T12:00:00Z"},
        {"at": "٢٠٢٥-03-01T12:00:00Z"},
        {"at": "2025-W09-6T12:00:00Z"},
        {"at": "2025-03-01T12:00:00Z\n"},
    ],
)
def test_an_entry_of_other_things_is_told_as_ever_though_it_has_its_hash(changed: dict[str, object]) -> None:
    text = hashed(**changed)
    assert quickly(text) == slowly(text)


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        (b'"number":1', b'"number": 1'),
        (b'"number":1', b'"number":-0'),
        (b'"number":1', b'"number":1e5'),
        (b'"number":1', b'"number":NaN'),
        (b'"number":1', b'"number":1,"number":1'),
        (b'"number":1', b'"number":18446744073709551616.0'),
        (b'"text":"as it is"', b'"text":"as\\u0020it is"'),
        (b'"text":"as it is"', b'"text":"\\/"'),
        (b'"text":"as it is"', b'"text":"\\ud800"'),
        (b'"text":"as it is"', b'"text":"\\u001B"'),
        (b'"text":"as it is"', b'"text":"\xff"'),
        (b'"text":"as it is"', b'"text":"\xed\xa0\x80"'),
        (b'"text":"as it is"', '"text":"é"'.encode("latin-1")),
        (b'"ratio":0.25,"text":"as it is"', b'"text":"as it is","ratio":0.25'),
        (b'"text":"as it is"', b'"text":' + b"[" * 3000 + b"]" * 3000),
        (b'{"at"', b'\xef\xbb\xbf{"at"'),
        (b'"seq":1}', b'"seq":1} '),
        (b'"seq":1}', b'"seq":1}{}'),
    ],
)
def test_a_line_that_is_written_in_another_way_is_told_as_ever_though_it_has_its_hash(
    there: bytes, instead: bytes
) -> None:
    assert there in LINE
    text = rehashed(LINE.replace(there, instead))
    assert quickly(text) == slowly(text)
    assert isinstance(quickly(text), str)


def test_every_character_is_read_as_it_was_written() -> None:
    text = "".join(map(chr, [*range(0x300), 0x2028, 0x2029, 0xFEFF, 0xFFFF, 0x10FFFF]))
    entry = follow(Head(), AT + timedelta(days=1), "judged", {"text": text})
    assert entry_of(line(entry).removesuffix(b"\n")) == entry
