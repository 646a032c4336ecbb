"""Rehearsals as they come out: one of which all held, one that failed, one that broke off, and one whose texts are hostile."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from pipeline.domain.rehearsal import Chapter, Claim, Command, DecisionTold, Event, Ran, Rehearsal, Sample

BEGAN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TIDE, BOLD, REEF, SICK = (
    f"sha256:{name * 4}" for name in ("6dc567a32ad1e0b4", "81e399cf4d5c07aa", "41b14db0e0ec92f3", "5d251ce2ed7cbb18")
)
SECONDS = 163.2

HOSTILE = "\x1b[2J\x9b31m\u202eevil\r\n::error::x ##[error]y </script><script>alert(1)</script> `a` | <img src=x onerror=alert(1)>"
"""Everything that could act on a terminal, a workflow or a page."""


def at(seconds: float) -> datetime:
    """A moment of the rehearsal."""
    return BEGAN + timedelta(seconds=seconds)


def held(sentence: str, shown_by: str = "exit code 0") -> Claim:
    return Claim(sentence, True, shown_by)


STORY = (
    Chapter(
        "The gate",
        "A trader proposes two strategies. They are judged on simulated candles, and what passes is cut into bundles.",
        at(0),
        27.4,
        (
            Command("freqtrain data simulate --minutes --days 10 --pairs BTC/USDT,ETH/USDT --out data", 0, 3.1),
            Command("freqtrain gate --dataset data --json", 0, 16.9),
            Command("freqtrain cut tide reef --dataset data --simulated-data-is-fine --json", 0, 4.2),
        ),
        (
            held("a market is simulated"),
            held("both strategies pass the gate", "gate --json, exit code 0"),
            held("tide and reef can be cut", "cut --json"),
        ),
    ),
    Chapter(
        "test: simulated money",
        "What is merged boards by itself for test. Bots trade there on real prices with money that is not.",
        at(27.4),
        39.1,
        (
            Command(
                "freqtrain promote test --commit f26eb0129b11968d3244c541fca91a8ab197c0ee --main refs/heads/main",
                0,
                23.6,
            ),
        ),
        (
            held("both board for test", "promote, exit code 0"),
            held("no order was placed with real money", "the exchange's books"),
        ),
    ),
    Chapter(
        "A sick bundle",
        "reef makes a table that is larger than the memory which test gives a bot.",
        at(66.5),
        41.0,
        (Command(f"freqtrain deploy test {SICK}", 6, 33.2),),
        (
            held("its deployment is undone", "deploy, exit code 6"),
            held(f"the ledger names {SICK[7:19]}", "the ledger of test"),
        ),
    ),
    Chapter(
        "A bundle that loses",
        "tide without its stop loss boards for sandbox, because somebody insists, and the market falls.",
        at(107.5),
        34.5,
        (
            Command("freqtrain promote sandbox --tag v1 --main refs/heads/main", 0, 8.1),
            Command("freqtrain promote sandbox --tag v2 --main refs/heads/main", 0, 9.8),
        ),
        (
            held("the brake on its drawdown stops its entries", "the ledger of sandbox, within 60 s"),
            held("the bad one is blocked", "the ledger of sandbox"),
        ),
    ),
    Chapter(
        "The books",
        "Everything is sold. Then the exchange's own order log is laid beside the databases and the ledgers.",
        at(142.0),
        21.2,
        (
            Command("freqtrain stop sandbox --all --exit --reason 'the rehearsal is over'", 0, 2.4),
            Command("freqtrain log sandbox --verify", 0, 0.6),
        ),
        (
            held("no order is open", "the exchange's books"),
            held("no process is left", "the processes of this machine, within 30 s"),
        ),
    ),
)


def _event(seconds: float, environment: str, kind: str, told: str, strategy: str = "tide", *bundles: str) -> Event:
    said = f"{strategy}: {told}" if strategy else told
    return Event(at(seconds), environment, kind, said, strategy, bundles)


def _name(bundle: str) -> str:
    return bundle.removeprefix("sha256:")[:12]


EVENTS = (
    _event(28.2, "test", "promoted", f"{_name(REEF)} was promoted at commit f26eb0129b11 by trader (boards)", "reef", REEF),
    _event(28.3, "test", "promoted", f"{_name(TIDE)} was promoted at commit f26eb0129b11 by trader (boards)", "tide", TIDE),
    _event(28.4, "test", "deploying", f"deploy begins by trader: {_name(REEF)} for the first time", "reef", REEF),
    _event(36.1, "test", "deployed", f"{_name(REEF)} was deployed by trader", "reef", REEF),
    _event(40.6, "test", "deploying", f"deploy begins by trader: {_name(TIDE)} for the first time", "tide", TIDE),
    _event(50.9, "test", "deployed", f"{_name(TIDE)} was deployed by trader", "tide", TIDE),
    _event(66.1, "test", "soaked", f"{_name(TIDE)} is known to be good: 0.003 hours healthy, 4 closed trades", "tide", TIDE),
    _event(71.0, "test", "deploying", f"deploy begins by trader: {_name(SICK)} in the place of {_name(REEF)}", "reef", SICK),
    _event(104.4, "test", "undone", f"{_name(SICK)} was taken back, {_name(REEF)} goes on: prove failed: it went down: MemoryError", "reef", SICK),
    _event(107.9, "sandbox", "promoted", f"{_name(TIDE)} was promoted at tag v1 by owner (boards)", "tide", TIDE),
    _event(113.0, "sandbox", "deployed", f"{_name(TIDE)} was deployed by owner", "tide", TIDE),
    _event(117.6, "prod", "approved", f"{_name(TIDE)} approved by owner@rehearsal.invalid until 2026-03-02 10:32 UTC", "", TIDE),
    _event(117.7, "prod", "promoted", f"{_name(TIDE)} was promoted at tag v1 by owner (boards)", "tide", TIDE),
    _event(122.3, "prod", "deployed", f"{_name(TIDE)} was deployed by owner", "tide", TIDE),
    _event(123.1, "sandbox", "promoted", f"{_name(BOLD)} was promoted at tag v2 by owner, though it lacks something: it is better", "tide", BOLD),
    _event(128.8, "sandbox", "deployed", f"{_name(BOLD)} was deployed by owner, 4.3 s without a bot", "tide", BOLD),
    _event(133.4, "sandbox", "braked", f"{_name(BOLD)} was braked by drawdown_max_ratio: The drawdown is 7.16 % (limit 1 %).", "tide", BOLD),
    _event(133.5, "sandbox", "blocked", f"{_name(BOLD)} was blocked by brake: drawdown_max_ratio", "tide", BOLD),
    _event(140.9, "sandbox", "rolled_back", f"rolled back from {_name(BOLD)} to {_name(TIDE)} by brake: drawdown_max_ratio", "tide", BOLD),
    _event(141.3, "prod", "doubted", "entries held, because something does not add up: the order 1017 was filled", "tide"),
    _event(143.0, "sandbox", "entries_stopped", "entries stopped and positions sold by owner: the rehearsal is over", "tide"),
)  # fmt: skip

RAN = (
    Ran("test", "reef", REEF, at(36.1), None),
    Ran("test", "tide", TIDE, at(50.9), None),
    Ran("sandbox", "tide", TIDE, at(113.0), at(128.8)),
    Ran("sandbox", "tide", BOLD, at(128.8), at(140.9)),
    Ran("sandbox", "tide", TIDE, at(140.9), None),
    Ran("prod", "tide", TIDE, at(122.3), None),
)

DECISIONS = (
    DecisionTold(
        *(at(136.0), "test", "tide", BOLD, "ROLL_BACK"),
        ("Mean profit per trade: -33.2 %, and 0 % at least is asked.",),
        told=f"{_name(TIDE)} runs again; {_name(BOLD)} is blocked.",
    ),
    DecisionTold(
        *(at(136.0), "test", "reef", REEF, "HOLD"),
        ("0 of 2 closed trades.",),
        "0 of about 41 trades that show the promised +0.50 % per trade",
    ),
    DecisionTold(at(139.5), "sandbox", "tide", TIDE, "PROMOTE", ("4 of 2 closed trades.", "0.01 of 0.003 hours.")),
)

SWINGS = {
    "sandbox": (200, ((114, 0), (122, 0.42), (129, 0.30), (134, -1.61), (141, -1.38), (146, -1.38))),
    "prod": (1000, ((123, 0), (131, 2.20), (134, -0.95), (141, 0.55), (146, 1.07))),
}


def samples() -> tuple[Sample, ...]:
    """What both accounts were worth, every three seconds: straight lines between the turns of SWINGS."""
    found = []
    for account, (start, turns) in SWINGS.items():
        known = ((0.0, 0.0), *turns, (SECONDS, turns[-1][1]))
        for second in range(0, 163, 3):
            (t0, y0), (t1, y1) = next(pair for pair in pairwise(known) if pair[1][0] >= second)
            change = y0 + (y1 - y0) * (second - t0) / (t1 - t0)
            found.append(Sample(at(second), account, start + Decimal(f"{change:.4f}")))
    return tuple(found)


def passed() -> Rehearsal:
    """Every claim of every chapter held."""
    return Rehearsal(BEGAN, SECONDS, STORY, len(STORY), EVENTS, samples(), RAN, {"sandbox": 12, "prod": 7}, DECISIONS)


def failed() -> Rehearsal:
    """A claim of the third chapter did not hold, and so the others were not told."""
    claim = Claim("the old bundle runs again, proved and released", False, "status --json: the old bundle, up, enters")
    chapter = replace(
        STORY[2], claims=(*STORY[2].claims, claim), stopped=f"{claim.sentence}: not so, says {claim.shown_by}"
    )
    return _until(107.5, (*STORY[:2], chapter))


def broken_off() -> Rehearsal:
    """A program failed in the second chapter before anything was claimed false."""
    chapter = replace(
        STORY[1], claims=STORY[1].claims[:1], stopped="git rev-parse HEAD ended with 128: not a git repository"
    )
    return _until(66.5, (STORY[0], chapter))


def hostile() -> Rehearsal:
    """Every text tries to escape."""
    claim = Claim(HOSTILE, False, HOSTILE)
    chapter = Chapter(HOSTILE, HOSTILE, at(0), 1.5, (Command(HOSTILE, 1, 0.5),), (claim,), HOSTILE)
    other = Chapter(HOSTILE, HOSTILE, at(1.5), 1.5, (), (held("fine"),), HOSTILE)
    return Rehearsal(
        BEGAN,
        3.0,
        (chapter, other),
        3,
        (Event(at(1), HOSTILE, "braked", HOSTILE, HOSTILE, (HOSTILE,)), Event(at(2), HOSTILE, HOSTILE, HOSTILE)),
        (Sample(at(0), HOSTILE, Decimal(1)), Sample(at(3), HOSTILE, Decimal(2))),
        (Ran(HOSTILE, HOSTILE, HOSTILE, at(0), None),),
        {HOSTILE: 1},
        (DecisionTold(at(2), HOSTILE, HOSTILE, HOSTILE, HOSTILE, (HOSTILE,), HOSTILE, HOSTILE),),
    )


def _until(seconds: float, chapters: Sequence[Chapter]) -> Rehearsal:
    """As much as there is after some seconds."""
    whole, end = passed(), at(seconds)
    return replace(
        whole,
        seconds=seconds,
        chapters=tuple(chapters),
        events=tuple(event for event in whole.events if event.at <= end),
        samples=tuple(sample for sample in whole.samples if sample.at <= end),
        ran=tuple(one for one in whole.ran if one.since_at <= end),
        orders={"sandbox": 0, "prod": 0},
        decisions=tuple(one for one in whole.decisions if one.at <= end),
    )
