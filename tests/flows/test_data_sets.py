"""Making, taking in, downloading, publishing and fetching data sets."""

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.adapters.archive import pack, unpack
from pipeline.adapters.candle_folder import read_folder
from pipeline.adapters.folders import whole_folder
from pipeline.domain.dataset import Severity
from pipeline.errors import ConfigError, Refused, ToolFailed, UsageError
from pipeline.flows.data_fetch import Fetched, fetch
from pipeline.flows.data_import import Imported, import_folder
from pipeline.flows.data_publish import Published, publish
from pipeline.flows.data_pull import pull
from pipeline.flows.data_simulate import simulate
from pipeline.flows.data_verify import verify
from pipeline.wiring.data import data_sets
from tests.fakes import FakeClock, FakeNarrator
from tests.small_sets import PAIRS, bare_folder, small_set, spoil, with_value, without

NOW = datetime(2026, 2, 1, tzinfo=UTC)


class FakeReleases:
    """Releases in memory."""

    def __init__(self) -> None:
        self.assets: dict[str, bytes] = {}
        self.tags: list[str] = []

    def upload(self, tag: str, title: str, text: str, name: str, archive: Path) -> tuple[str, bool]:
        already = self.assets.get(name) == archive.read_bytes()
        self.assets[name] = archive.read_bytes()
        self.tags.append(tag)
        return f"release:{tag}/{name}", already

    def download(self, tag: str, name: str, into: Path) -> None:
        if name not in self.assets:
            raise Refused("no release holds it")
        into.write_bytes(self.assets[name])


class FakeDownloads:
    """An exchange that has the candles of a folder, or does not answer."""

    def __init__(self, source: Path | None) -> None:
        self.source = source

    def download(self, exchange: str, pairs: Sequence[str], timeframes: Sequence[str], days: int, into: Path) -> Path:
        (into / "data").mkdir()
        (into / "data" / "half").write_text("x")
        if self.source is None:
            raise ToolFailed(f"{exchange} could not be reached")
        for path in self.source.iterdir():
            shutil.copy2(path, into / "data" / path.name)
        return into / "data"


def taken_in(folder: Path, out: Path) -> Imported:
    return import_folder(lambda: read_folder(folder), out, data_sets(), taken_at=NOW, name="mine", exchange="binance")


def pulled(source: Path | None, out: Path, scratch: Path, timeframes: Sequence[str] = ("5m", "1h")) -> Imported:
    scratch.mkdir()
    return pull(
        "binance",
        PAIRS,
        timeframes,
        4,
        out,
        name="pulled",
        downloads=FakeDownloads(source),
        read=read_folder,
        sets=data_sets(),
        clock=FakeClock(NOW),
        narrator=FakeNarrator(),
        scratch=scratch,
    )


def published(root: Path, releases: FakeReleases, scratch: Path, tag: str = "") -> Published:
    return publish(root, tag, sets=data_sets(), pack=pack, releases=releases, narrator=FakeNarrator(), scratch=scratch)


def fetched(digest: str, user_data: Path, releases: FakeReleases, scratch: Path) -> Fetched:
    return fetch(
        digest,
        user_data,
        sets=data_sets(),
        releases=releases,
        unpack=unpack,
        whole_folder=whole_folder,
        narrator=FakeNarrator(),
        scratch=scratch,
    )


def test_a_simulated_market_is_written_and_found_again(tmp_path: Path) -> None:
    first = simulate(3, PAIRS, 4, tmp_path / "set", data_sets())
    again = simulate(3, PAIRS, 4, tmp_path / "set", data_sets())
    assert (first.already_there, again.already_there) == (False, True)
    assert verify(tmp_path / "set", data_sets()).sound
    assert first.dataset.manifest.notes[0] == "simulated: proves the train, not the strategy"


def test_a_folder_with_something_else_is_not_touched(tmp_path: Path) -> None:
    simulate(3, PAIRS, 4, tmp_path / "set", data_sets())
    (tmp_path / "file").write_text("mine")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "diary.txt").write_text("mine")
    for out in ("set", "file", "other"):
        with pytest.raises(Refused, match="exists and holds something else"):
            simulate(4, PAIRS, 4, tmp_path / out, data_sets())
    assert (tmp_path / "other" / "diary.txt").read_text() == "mine"


def test_a_pair_that_the_model_does_not_know_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not know BTC/USDC") as caught:
        simulate(1, ("BTC/USDC",), 4, tmp_path / "set", data_sets())
    assert caught.value.hint == "did you mean BTC/USDT?"


def test_imported_candles_are_the_ones_that_were_there(tmp_path: Path) -> None:
    source = small_set(tmp_path / "same")
    bare = bare_folder(tmp_path / "source")
    (bare / "notes.txt").write_text("mine")
    imported = taken_in(bare, tmp_path / "set")
    assert imported.left_aside == ("notes.txt",)
    manifest = imported.placed.dataset.manifest
    assert [file.sha256 for file in manifest.files] == [file.sha256 for file in source.manifest.files]
    assert (manifest.kind, manifest.name, manifest.taken_at) == ("imported", "mine", NOW)
    assert manifest.digest != source.manifest.digest, "imported candles are not called simulated"
    assert taken_in(bare, tmp_path / "set").placed.already_there


def test_an_import_with_errors_says_all_of_them_and_leaves_nothing(tmp_path: Path) -> None:
    source = bare_folder(tmp_path / "source")
    spoil(source, "BTC_USDT-1h.feather", with_value(3, "high", 1.0))
    spoil(source, "ETH_USDT-5m.feather", with_value(9, "close", float("nan")))
    (source / "ETH_USDT-1h.feather").write_bytes(b"no")
    with pytest.raises(Refused) as caught:
        taken_in(source, tmp_path / "set")
    assert caught.value.message.splitlines() == [
        "nothing was taken in:",
        "ETH_USDT-1h.feather: it is no whole feather file (2 bytes): truncated or damaged",
        "BTC_USDT-1h.feather row 3 (2025-12-28 03:00 UTC): high is below low",
        "ETH_USDT-5m.feather row 9 (2025-12-28 00:45 UTC): close is not a finite number",
    ]
    assert not (tmp_path / "set").exists()


def test_gaps_are_accepted_by_an_import_and_known_afterwards(tmp_path: Path) -> None:
    source = bare_folder(tmp_path / "source")
    spoil(source, "BTC_USDT-1h.feather", without(5, 6))
    imported = taken_in(source, tmp_path / "set")
    assert [problem.severity for problem in imported.warnings] == [Severity.WARNING]
    checked = verify(tmp_path / "set", data_sets())
    assert checked.sound
    assert [problem.severity for problem in checked.problems] == [Severity.WARNING]


def test_a_pull_becomes_a_data_set_that_says_where_it_comes_from(tmp_path: Path) -> None:
    source = bare_folder(tmp_path / "source")
    manifest = pulled(source, tmp_path / "set", tmp_path / "scratch").placed.dataset.manifest
    assert (manifest.kind, manifest.exchange, manifest.taken_at) == ("pulled", "binance", NOW)
    assert manifest.notes == ("downloaded from binance with freqtrade, 4 days back from 2026-02-01 00:00 UTC",)
    assert verify(tmp_path / "set", data_sets()).sound


def test_a_pull_without_a_network_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="binance could not be reached"):
        pulled(None, tmp_path / "set", tmp_path / "scratch")
    assert not (tmp_path / "set").exists()


def test_a_pull_that_brought_less_than_was_asked_for_is_no_pull(tmp_path: Path) -> None:
    source = bare_folder(tmp_path / "source")
    (source / "ETH_USDT-5m.feather").unlink()
    with pytest.raises(ToolFailed, match=r"sent no candles for ETH_USDT-5m\.feather"):
        pulled(source, tmp_path / "set", tmp_path / "scratch")
    (source / "markets.json").unlink()
    with pytest.raises(ToolFailed, match=r"sent no markets\.json"):
        pulled(source, tmp_path / "set", tmp_path / "again", ("1h",))
    assert not (tmp_path / "set").exists()


def test_a_pull_into_a_full_folder_is_refused_before_anything_is_downloaded(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "x").write_text("mine")
    with pytest.raises(Refused, match="is not empty"):
        pulled(None, tmp_path / "set", tmp_path / "scratch")
    with pytest.raises(UsageError, match="7m is no known timeframe"):
        pulled(None, tmp_path / "new", tmp_path / "again", ("7m",))


def test_what_was_published_is_fetched_by_its_digest_and_cached(tmp_path: Path) -> None:
    dataset, releases = small_set(tmp_path / "set"), FakeReleases()
    first = published(dataset.root, releases, tmp_path)
    assert (first.already_there, published(dataset.root, releases, tmp_path).already_there) == (False, True)
    digest = dataset.manifest.digest
    assert releases.tags[0] == f"data-{digest[7:23]}"
    came = fetched(digest, tmp_path / "user", releases, tmp_path)
    assert (came.cached, came.dataset.manifest) == (False, dataset.manifest)
    assert came.dataset.root == tmp_path / "user" / "data" / digest[7:]
    releases.assets.clear()
    assert fetched(digest[7:], tmp_path / "user", releases, tmp_path).cached


def test_a_damaged_cache_is_fetched_anew(tmp_path: Path) -> None:
    dataset, releases = small_set(tmp_path / "set"), FakeReleases()
    published(dataset.root, releases, tmp_path)
    root = fetched(dataset.manifest.digest, tmp_path / "user", releases, tmp_path).dataset.root
    spoil(root, "BTC_USDT-1h.feather", with_value(3, "high", 1.0))
    again = fetched(dataset.manifest.digest, tmp_path / "user", releases, tmp_path)
    assert not again.cached
    assert verify(root, data_sets()).sound


def test_a_set_that_does_not_verify_is_not_published(tmp_path: Path) -> None:
    root, releases = small_set(tmp_path / "set").root, FakeReleases()
    spoil(root, "BTC_USDT-1h.feather", with_value(3, "high", 1.0))
    with pytest.raises(Refused, match="high is below low"):
        published(root, releases, tmp_path)
    assert releases.assets == {}


def test_another_set_under_the_asked_digest_is_not_kept(tmp_path: Path) -> None:
    one, other, releases = small_set(tmp_path / "one", seed=1), small_set(tmp_path / "other", seed=2), FakeReleases()
    published(other.root, releases, tmp_path)
    (content,) = releases.assets.values()
    releases.assets = {f"{one.manifest.digest[7:]}.tar": content}
    with pytest.raises(Refused, match="the release holds another data set"):
        fetched(one.manifest.digest, tmp_path / "user", releases, tmp_path)
    assert list((tmp_path / "user" / "data").iterdir()) == []


def test_candles_that_are_not_the_manifests_are_not_kept(tmp_path: Path) -> None:
    dataset, releases = small_set(tmp_path / "set"), FakeReleases()
    spoil(dataset.root, "BTC_USDT-1h.feather", with_value(3, "volume", 12.0))
    pack(dataset, tmp_path / "bad.tar")
    releases.assets[f"{dataset.manifest.digest[7:]}.tar"] = (tmp_path / "bad.tar").read_bytes()
    with pytest.raises(Refused, match="does not verify; nothing was kept"):
        fetched(dataset.manifest.digest, tmp_path / "user", releases, tmp_path)
    assert list((tmp_path / "user" / "data").iterdir()) == []


def test_an_archive_with_half_a_set_is_not_kept(tmp_path: Path) -> None:
    dataset, releases = small_set(tmp_path / "set"), FakeReleases()
    pack(dataset, tmp_path / "a.tar")
    releases.assets[f"{dataset.manifest.digest[7:]}.tar"] = (tmp_path / "a.tar").read_bytes()[:20_000]
    with pytest.raises((Refused, ToolFailed, ConfigError)):
        fetched(dataset.manifest.digest, tmp_path / "user", releases, tmp_path)
    assert list((tmp_path / "user" / "data").iterdir()) == []


@pytest.mark.parametrize("digest", ["abc", "sha256:xyz", "../../etc", "sha256:" + "A" * 64, "sha512:" + "a" * 64])
def test_what_is_no_digest_is_refused(tmp_path: Path, digest: str) -> None:
    with pytest.raises(UsageError, match="is no digest"):
        fetched(digest, tmp_path, FakeReleases(), tmp_path)
