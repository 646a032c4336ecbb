"""manifest.yml, there and back."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.config.manifest import manifest_text, read_manifest
from pipeline.domain.dataset import CandleFile, Gap, Manifest
from pipeline.errors import ConfigError

FIRST, LAST = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 2, tzinfo=UTC)
GAP = Gap(datetime(2025, 1, 1, 5, tzinfo=UTC), datetime(2025, 1, 1, 6, tzinfo=UTC), 2)


def manifest(**changes: object) -> Manifest:
    file = CandleFile("BTC_USDT-1h.feather", "BTC/USDT", "1h", 23, FIRST, LAST, "sha256:" + "a" * 64, (GAP,))
    values: dict[str, object] = {
        "name": "mine",
        "kind": "imported",
        "exchange": "binance",
        "markets_sha256": "sha256:" + "b" * 64,
        "files": (file,),
        "notes": ("fees: assumed", "1e-3", "no", "#1"),
        "taken_at": datetime(2025, 1, 3, 12, 30, 15, 500_000, tzinfo=UTC),
    }
    return Manifest(**{**values, **changes})  # type: ignore[arg-type]


def problems(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "manifest.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_manifest(path)
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in caught.value.problems]


@pytest.mark.parametrize(
    "changes", [{}, {"notes": (), "taken_at": None}, {"name": "1e-3"}, {"notes": ("ein Wörtchen: „so“",)}]
)
def test_what_is_written_is_read_back_and_written_the_same(tmp_path: Path, changes: dict[str, object]) -> None:
    path = tmp_path / "manifest.yml"
    path.write_text(manifest_text(manifest(**changes)), encoding="utf-8")
    read = read_manifest(path)
    assert read == manifest(**changes)
    assert manifest_text(read) == path.read_text(encoding="utf-8")


def test_an_unknown_key_is_named_with_its_place(tmp_path: Path) -> None:
    text = manifest_text(manifest()).replace("  rows: 23", "  rows: 23\n  row: 24")
    assert problems(tmp_path, text) == ["manifest.yml:18:3: files[0].row: is not a known key, did you mean 'rows'?"]


def test_wrong_types_are_all_named_with_their_places(tmp_path: Path) -> None:
    text = (
        manifest_text(manifest()).replace("rows: 23", "rows: many").replace("exchange: binance", "exchange: [binance]")
    )
    found = problems(tmp_path, text)
    assert [line.split(" ")[0] for line in found] == ["manifest.yml:5:11:", "manifest.yml:17:9:"]


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    text = manifest_text(manifest()).replace("name: mine\n", "")
    assert any("name" in line for line in problems(tmp_path, text))


@pytest.mark.parametrize("path", ["../BTC_USDT-1h.feather", "/etc/passwd", "ETH_USDT-1h.feather", "BTC_USDT-1h.json"])
def test_a_file_has_freqtrades_name_and_lies_in_the_set(tmp_path: Path, path: str) -> None:
    text = manifest_text(manifest()).replace("path: BTC_USDT-1h.feather", f"path: {path}")
    assert any("must be BTC_USDT-1h.feather" in line for line in problems(tmp_path, text))


def test_an_unknown_timeframe_is_named(tmp_path: Path) -> None:
    text = manifest_text(manifest()).replace("timeframe: 1h", "timeframe: 7m")
    assert "'7m' is none of 1m, 3m" in problems(tmp_path, text)[0]


def test_an_entry_that_stands_twice_is_named(tmp_path: Path) -> None:
    text = manifest_text(manifest(files=(manifest().files[0], manifest().files[0])))
    assert "BTC/USDT 1h stands twice" in problems(tmp_path, text)[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rows: 23", "rows: 24"),
        ("kind: imported", "kind: pulled"),
        ("exchange: binance", "exchange: kraken"),
        ("candles: 2", "candles: 3"),
    ],
)
def test_an_entry_that_was_changed_by_hand_shows_in_the_digest(tmp_path: Path, old: str, new: str) -> None:
    found = problems(tmp_path, manifest_text(manifest()).replace(old, new))
    assert "manifest.yml:3:9: digest: the entries below have the digest sha256:" in found[0]


def test_the_digest_names_content_and_not_the_name_the_notes_or_the_time() -> None:
    renamed = manifest(name="other", notes=(), taken_at=None)
    assert renamed.digest == manifest().digest
    assert manifest(exchange="kraken").digest != manifest().digest


def test_a_future_of_another_pair_syntax_is_refused(tmp_path: Path) -> None:
    text = manifest_text(manifest()).replace("pair: BTC/USDT", "pair: BTC/USDT:USDT")
    assert any("files[0].pair" in line for line in problems(tmp_path, text))
