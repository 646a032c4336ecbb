"""The embedded data set: there when it is needed, and never stale."""

from pathlib import Path

import pytest

from pipeline.adapters.datasets import DataSets
from pipeline.domain.contents import Contents
from pipeline.flows import data_embedded
from pipeline.flows.data_embedded import embedded
from pipeline.ports import Candles
from pipeline.wiring.data import data_sets
from tests.fakes import FakeNarrator
from tests.small_sets import PAIRS, small_contents, spoil, with_value


@pytest.fixture(autouse=True)
def small_market(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pairs and four days, so that the tests are quick."""
    from pipeline.domain.market import notes

    monkeypatch.setattr(data_embedded, "simulated", lambda seed: small_contents(seed))
    monkeypatch.setattr(data_embedded, "notes", lambda seed: notes(seed, PAIRS, 4))


def test_it_is_made_once_and_found_afterwards(tmp_path: Path) -> None:
    told = FakeNarrator()
    first = embedded(tmp_path, data_sets(), told)
    again = embedded(tmp_path, data_sets(), told)
    assert first.root == tmp_path / "data" / "simulated-1"
    assert again == first
    assert len(told.lines) == 1
    assert told.lines[0].startswith("making the simulated market (seed 1, 365 days)")


def test_a_damaged_one_is_made_anew(tmp_path: Path) -> None:
    root = embedded(tmp_path, data_sets(), FakeNarrator()).root
    spoil(root, "BTC_USDT-1h.feather", with_value(3, "close", -1.0))
    told = FakeNarrator()
    sets = data_sets()
    assert sets.verify(embedded(tmp_path, sets, told)) == ()
    assert "damaged" in told.lines[0]


@pytest.mark.parametrize("remains", ["manifest.yml", "ETH_USDT-5m.feather", "nothing"])
def test_what_an_interrupted_hand_left_there_is_made_anew(tmp_path: Path, remains: str) -> None:
    root = embedded(tmp_path, data_sets(), FakeNarrator()).root
    for path in root.iterdir():
        if path.name != remains:
            path.unlink()
    sets = data_sets()
    assert sets.verify(embedded(tmp_path, sets, FakeNarrator())) == ()


def test_one_of_another_version_of_the_model_is_made_anew(tmp_path: Path) -> None:
    contents = small_contents()
    old = Contents(
        contents.name, contents.kind, contents.exchange, contents.candles, contents.markets, ("market model 0",)
    )
    data_sets().write(old, tmp_path / "data" / "simulated-1")
    assert embedded(tmp_path, data_sets(), FakeNarrator()).manifest.notes == contents.notes


def test_another_process_may_be_faster(tmp_path: Path) -> None:
    class Slow(DataSets):
        """Another process finishes while this one writes."""

        def write(self, contents: Contents, out: Path) -> Candles:  # type: ignore[override]
            data_sets().write(contents, out)
            return DataSets.write(self, contents, out)

    quick = data_sets()
    dataset = embedded(tmp_path, Slow(quick.read_manifest, quick.manifest_text), FakeNarrator())
    assert data_sets().verify(dataset) == ()
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["simulated-1"]
