"""The last looks, as `status` reads them: without a trace, and whatever is broken is told and not raised."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from pipeline.adapters.observations.last_looks import last_looks
from pipeline.adapters.observations.store import ObservationStore
from pipeline.domain.train.samples import Sample
from pipeline.domain.train.unobserved import Kept, LastLook
from tests.fakes import FakeClock, FakeNarrator

BUNDLE = "sha256:" + "a" * 64
CLOCK = FakeClock()
SAMPLE = Sample("dip", BUNDLE, "USDT", CLOCK.now(), "running", 100.0, 101.0, 1, 0, 0, 0.0)
MINUTE = timedelta(minutes=1)


def kept(path: Path, *samples: Sample) -> None:
    with closing(ObservationStore(path, CLOCK, FakeNarrator())) as store:
        store.record(samples)


def test_the_last_look_and_the_last_numbers_of_each_bundle_are_told(tmp_path: Path) -> None:
    path = tmp_path / "observations.sqlite"
    silent = replace(SAMPLE, at=SAMPLE.at + MINUTE, state="silent", balance=None, equity=None)
    kept(path, SAMPLE, silent, replace(SAMPLE, strategy="dap", state="down", balance=None, equity=None))
    names = {one.name for one in tmp_path.iterdir()}
    found = last_looks(path, {"dip": BUNDLE, "dap": BUNDLE, "new": BUNDLE, "other": "sha256:" + "b" * 64})
    assert found == Kept({"dip": LastLook(silent.at, "silent", SAMPLE.at), "dap": LastLook(SAMPLE.at, "down", None)})
    assert {one.name for one in tmp_path.iterdir()} == names


def test_another_currency_goes_on_with_the_same_bundle(tmp_path: Path) -> None:
    path = tmp_path / "observations.sqlite"
    later = replace(SAMPLE, currency="EUR", at=SAMPLE.at + MINUTE)
    kept(path, SAMPLE, later)
    assert last_looks(path, {"dip": BUNDLE}) == Kept({"dip": LastLook(later.at, "running", later.at)})


def test_what_was_set_aside_is_named_and_what_is_damaged_is_told(tmp_path: Path) -> None:
    path = tmp_path / "observations.sqlite"
    path.write_bytes(b"x" * 8192)
    kept(path, SAMPLE)  # sets it aside
    (tmp_path / "observations.sqlite.damaged-1-wal").touch()
    assert last_looks(path, {}).set_aside == ("observations.sqlite.damaged-1",)
    assert last_looks(path, {}).fault == ""
    path.write_bytes(b"y" * 8192)
    found = last_looks(path, {"dip": BUNDLE})
    assert (found.looks, found.set_aside) == ({}, ("observations.sqlite.damaged-1",))
    assert "the observations " in found.fault


def test_where_nothing_was_observed_nothing_is_wrong(tmp_path: Path) -> None:
    assert last_looks(tmp_path / "observations.sqlite", {"dip": BUNDLE}) == Kept()
    assert list(tmp_path.iterdir()) == []
