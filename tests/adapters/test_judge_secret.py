"""The judge's secret is drawn once, kept for its owner alone, and replaced when it is damaged or open to others."""

from pathlib import Path

from pipeline.adapters.judge_secret import BYTES, judge_secret


def test_it_is_drawn_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "secret"
    first = judge_secret(path)
    assert len(first) == BYTES
    assert judge_secret(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert judge_secret(tmp_path / "other") != first


def test_one_that_others_can_read_or_that_is_damaged_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    first = judge_secret(path)
    path.chmod(0o644)
    second = judge_secret(path)
    assert second != first
    path.write_bytes(b"short")
    assert len(judge_secret(path)) == BYTES
