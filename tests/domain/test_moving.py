"""What an archive says of itself, and how a ledger that arrives fits to the one that is there."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.domain.ledger import Entry, Head, after, follow
from pipeline.domain.moving import About, Fit, PackedFile, bundles_named, fit, problems

AT = datetime(2026, 1, 1, tzinfo=UTC)
ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64
FILES = tuple(PackedFile(path, 3, "0" * 64) for path in ("ledger.jsonl", "ledger.jsonl.head"))
ABOUT = About("test", "dry_run", "binance", "USDT", FILES)


def ledger(*told: str) -> tuple[Entry, ...]:
    """Entries of these kinds; what follows a colon is the archive."""
    head, entries = Head(), []
    for one in told:
        kind, _, archive = one.partition(" ")
        entry = follow(head, AT, kind, {"archive": archive} if archive else {"what": kind})
        entries.append(entry)
        head = after(head, entry)
    return tuple(entries)


PACKED = ("deployed", "moving")


@pytest.mark.parametrize(
    ("there", "arriving", "expected"),
    [
        ((*PACKED, f"moved {ONE}"), PACKED, Fit.BACK),
        (PACKED, PACKED, Fit.BACK),
        ((*PACKED, f"moved {ONE}", "blocked"), PACKED, Fit.BACK),
        ((*PACKED, f"moved {TWO}"), PACKED, Fit.OTHER),
        ((*PACKED, "arrived"), PACKED, Fit.OTHER),
        ((*PACKED, "arrived", "deployed"), PACKED, Fit.OTHER),
        ((*PACKED, f"moved {ONE}", f"arrived {ONE}"), PACKED, Fit.HERE),
        ((*PACKED, f"arrived {ONE}", "deployed"), PACKED, Fit.HERE),
        (("deployed", "stopped"), PACKED, Fit.OTHER),
        (("deployed",), PACKED, Fit.OTHER),
        ((*PACKED, f"moved {TWO}"), (*PACKED, f"arrived {TWO}", "deployed", "moving"), Fit.RETURNS),
        ((*PACKED, f"moved {TWO}", "blocked"), (*PACKED, f"arrived {TWO}", "moving"), Fit.RETURNS),
        ((*PACKED, f"moved {TWO}", f"arrived {TWO}"), (*PACKED, f"arrived {TWO}", "moving"), Fit.OTHER),
        ((*PACKED, f"moved {TWO}"), (*PACKED, f"arrived {ONE}", "moving"), Fit.OTHER),
        ((*PACKED,), (*PACKED, f"arrived {TWO}", "moving"), Fit.OTHER),
    ],
)
def test_a_ledger_fits_only_where_nothing_can_be_lost(
    there: tuple[str, ...], arriving: tuple[str, ...], expected: Fit
) -> None:
    assert fit(ledger(*there), ledger(*arriving), ONE) is expected


def test_a_good_description_has_no_problems_and_tells_what_travels() -> None:
    more = (
        PackedFile("databases/dip.dry_run.sqlite", 9, "0" * 64),
        *FILES,
        PackedFile(f"store/{'1' * 64}/bundle.tar", 1, "0" * 64),
        PackedFile(f"store/{'1' * 64}/manifest-000001.json", 1, "0" * 64),
    )
    about = replace(ABOUT, files=more)
    assert problems(about) == ()
    assert about.bundles == (ONE,)
    assert about.databases == ("databases/dip.dry_run.sqlite",)


@pytest.mark.parametrize(
    "path",
    [
        "secrets.json", "bots/test-dip-a/secret.json", "../ledger.jsonl", "/etc/passwd", "databases/../x.sqlite", "lock",
        "databases/dip.live.sqlite.lock", "store/abc/bundle.tar", "databases/dip.dry_run.sqlite-wal", "watch.json\n",
    ],
)  # fmt: skip
def test_what_is_no_part_of_an_environment_is_named(path: str) -> None:
    found = problems(replace(ABOUT, files=tuple(sorted((*FILES, PackedFile(path, 1, "0" * 64)), key=lambda f: f.path))))
    assert found == (f"it holds {path!r}, which is no part of an environment",)


@pytest.mark.parametrize(
    ("about", "told"),
    [
        (replace(ABOUT, format=2), "format 2"),
        (replace(ABOUT, environment="../prod"), "no environment's name"),
        (replace(ABOUT, mode="history"), "no mode"),
        (replace(ABOUT, files=(*FILES, FILES[1])), "comes twice"),
        (replace(ABOUT, files=FILES[::-1]), "out of order"),
        (replace(ABOUT, files=FILES[:1]), "holds no ledger.jsonl.head"),
        (replace(ABOUT, files=(FILES[0], replace(FILES[1], size=2**40))), "larger than"),
        (replace(ABOUT, files=(FILES[0], replace(FILES[1], size=-1))), "larger than"),
    ],
)
def test_what_cannot_be_unpacked_is_told(about: About, told: str) -> None:
    (found,) = problems(about)
    assert told in found


def test_every_digest_in_a_ledger_may_name_a_bundle() -> None:
    body = {"bundle": ONE, "steps": [{"bundle": TWO}], "reason": f"after {ONE}"}
    assert bundles_named((follow(Head(), AT, "deploying", body),)) == {ONE, TWO}
