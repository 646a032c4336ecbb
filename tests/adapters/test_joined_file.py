"""joined.json of a stranger's run: what is taken of it, and what is refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.adapters.joined_file import LARGEST_BYTES, read_joined
from pipeline.domain.joining import Delivered, Ended, Expected, join
from pipeline.domain.verdict import ALL_WINDOWS, Outcome, Subject
from pipeline.errors import Refused
from pipeline.render.evidence_json import to_text
from pipeline.render.gate_join import joined_document
from tests.adapters.github.test_zip_files import zipped
from tests.bundle_samples import candidate, present, record
from tests.flows.comment_ground import document, packed, strategy

Json = Any
EVIL = "@everyone \x1b[2J\n::error::<img src=//evil>"


def raw(change: Callable[[Json], None]) -> bytes:
    """The archive of a document that was good before it was changed."""
    said = document()
    change(said)
    return packed(said)


def numbers(value: str) -> bytes:
    """The archive of a document with that text in the place of a number."""
    return packed(json.dumps(document()).replace("2.26", value, 1).encode())


HOSTILE_ARCHIVES: dict[str, bytes] = {
    "no zip file": b"\x1b[2J not a zip",
    "nothing": b"",
    "an empty archive": zipped({}),
    "another file": zipped({"verdict.json": b"{}"}),
    "a second file": zipped({"joined.json": json.dumps(document()).encode(), "x": b""}),
    "a path outwards": zipped({"../../joined.json": json.dumps(document()).encode()}),
    "an absolute path": zipped({"/etc/joined.json": json.dumps(document()).encode()}),
    "a name with commands": zipped({f"joined.json{EVIL}": b"{}"}),
    "a link": zipped({"joined.json": b"/etc/passwd"}, 0o120777),
    "a bomb": zipped({"joined.json": b" " * (LARGEST_BYTES + 1)}),
    "no JSON": packed(EVIL.encode()),
    "no text": packed(b"\xff\xfe\x00{"),
    "an abyss": packed(b"[" * 200_000 + b"]" * 200_000),
    "an abyss of objects": packed(b'{"a":' * 200_000),
    "a list": packed([document()]),
    "a text": packed(b'"PASS"'),
    "a key twice": packed(json.dumps(document()).encode()[:-1] + b', "outcome": "PASS"}'),
    "a key more": raw(lambda said: said.update({EVIL: EVIL})),
    "a key less": raw(lambda said: said.pop("problems")),
    "another version": raw(lambda said: said.update(schema=2)),
    "an unknown outcome": raw(lambda said: said.update(outcome=EVIL)),
    "another outcome than its strategies": raw(lambda said: said["strategies"].append(strategy("sink", "FAIL"))),
    "a PASS with problems": raw(lambda said: said.update(problems=["x"])),
    "a strategy twice": raw(lambda said: said["strategies"].append(strategy())),
    "a hostile id": raw(lambda said: said["strategies"][0].update(id=EVIL)),
    "an id with an end of line": raw(lambda said: said["strategies"][0].update(id="dip\n")),
    "an id that is too long": raw(lambda said: said["strategies"][0].update(id="d" * 65)),
    "a number for a sentence": raw(lambda said: said["strategies"][0].update(reasons=[1])),
    "an endless sentence": raw(lambda said: said["strategies"][0].update(reasons=["x" * 10_001])),
    "an unknown subject": raw(lambda said: said["strategies"][0]["measurements"].update({EVIL: {}})),
    "an unknown metric": raw(lambda said: said["strategies"][0].update(measurements={"market": {"w": {EVIL: 1.0}}})),
    "very many strategies": raw(
        lambda said: said.update(strategies=[strategy(f"s{n}") | {"measurements": {}} for n in range(2_001)])
    ),
    "a text for a number": numbers(json.dumps(EVIL)),
    "a truth for a number": numbers("true"),
    "NaN": numbers("NaN"),
    "an infinity": numbers("Infinity"),
    "a number beyond all": numbers("1e400"),
    "a number as long as a page": numbers("1e300"),
    "a number of many digits": numbers("9" * 5_000),
    "a lone surrogate": packed(json.dumps(document()).replace("strategy.py changed", "\\ud800").encode()),
}


@pytest.mark.parametrize("archive", HOSTILE_ARCHIVES.values(), ids=list(HOSTILE_ARCHIVES))
def test_what_is_not_of_the_right_shape_is_refused_without_being_quoted(archive: bytes) -> None:
    with pytest.raises(Refused) as caught:
        read_joined(archive)
    message = caught.value.message
    assert message.startswith("the summary ")
    assert message.isprintable()
    assert len(message) < 300


def test_what_the_join_writes_is_read_back() -> None:
    wanted = [Expected(present(candidate(id)), because="strategy.py changed") for id in ("alpha", "beta")]
    joined = join(wanted, [Delivered("gate-1/alpha", "alpha", record(candidate("alpha")))], Ended(), simulated=True)
    account = read_joined(packed(to_text(joined_document(joined)).encode()))
    assert (account.outcome, account.simulated, account.problems) == (Outcome.ERROR, True, ())
    assert [(one.id, one.outcome) for one in account.strategies] == [("alpha", Outcome.PASS), ("beta", Outcome.ERROR)]
    assert account.strategies[1].reasons[0].startswith("No verdict arrived")
    figures = {(m.subject, m.window, m.metric): m.value for m in account.strategies[0].measurements}
    assert figures[Subject.CANDIDATE, ALL_WINDOWS, "trades"] == 143
    assert figures[Subject.MARKET, ALL_WINDOWS, "profit_total_ratio"] == pytest.approx(0.0224, abs=1e-4)


@pytest.mark.parametrize("value", ['"nan"', '"inf"', '"-inf"', "-0.0", "3"])
def test_numbers_without_an_answer_are_numbers_too(value: str) -> None:
    assert read_joined(numbers(value)).strategies[0].measurements
