"""A comparison for people and for programs: the score first, each mismatch a sentence, and nothing that a strategy wrote works."""

import json
from dataclasses import replace

from pipeline.domain.parity import Away, Compared, compare
from pipeline.domain.windows import Window
from pipeline.render.parity import LISTED, document, text
from tests.domain.parity.market import ASKED, END, START, at, position

BUNDLE = "sha256:" + "a" * 64
THEIRS = [position(candle) for candle in range(20, 120, 10)]
AWAY = replace(ASKED, away=(Away(at(29), at(31), "down"),))
FOUND = Compared(
    *("test", "dip", BUNDLE, (Window("1", START, END),), "sha256:" + "d" * 64),
    compare([THEIRS[0], *THEIRS[3:], position(145, tag="::warning::\x1b[31m")], THEIRS, AWAY),
    ("There are no candles of SOL/USDT.",),
)


def test_a_person_reads_the_score_first_and_then_every_mismatch() -> None:
    assert text(FOUND, 200, recorded=True).splitlines() == [
        "dip aaaaaaaaaaaa in test, 2026-03-01 00:00 to 2026-03-03 02:00 UTC: 8 of 10 trades are the backtest's (80.00 %).",
        "  extra_entry: 1, missed_entry: 1.",
        "  2026-03-01 03:20 BTC/USDT missed_entry: the backtest entered at 100.4 (dip), and the bot did not.",
        "  2026-03-01 12:05 BTC/USDT extra_entry: entered at 101.46 (::warning::\ufffd[31m), and the backtest did not.",
        "Not counted: 1.",
        "  2026-03-01 02:30 BTC/USDT missed_entry: the backtest entered at 100.3 (dip), and the bot did not (the bot was down).",
        "There are no candles of SOL/USDT.",
        "Recorded: `decide` and boarding go by it.",
    ]


def test_a_long_list_is_cut_and_a_part_of_the_time_is_not_recorded() -> None:
    many = replace(FOUND, parity=compare([], [position(candle) for candle in range(20, 560, 10)], ASKED), notes=())
    told = text(many, 100, recorded=False)
    assert told.count("missed_entry: the") == LISTED
    assert "  and 24 more.\n" in told
    assert told.endswith("Not recorded, because only a part of its time was asked for.\n")


def test_without_a_trade_there_is_no_score() -> None:
    nothing = replace(FOUND, parity=compare([], [], ASKED), notes=())
    assert "UTC: no trade to compare." in text(nothing, 200, recorded=True)
    assert document(nothing, recorded=True)["parity_ratio"] is None


def test_a_program_gets_the_outcome_first_and_everything_that_differs() -> None:
    found = json.loads(json.dumps(document(FOUND, recorded=True), allow_nan=False))
    assert next(iter(found)) == "outcome"
    assert (found["parity_ratio"], found["alike"], found["compared"]) == (0.8, 8, 10)
    assert found["counts"] == {"extra_entry": 1, "missed_entry": 1}
    away, missed, extra = found["mismatches"]
    assert (away["counts"], away["excused"], missed["counts"]) == (False, "the bot was down", True)
    assert (missed["bot"], extra["backtest"]) == (None, None)
    assert (missed["backtest"]["closed_at"], extra["class"]) == (at(46).isoformat(), "extra_entry")
