"""What a bot wrote down of orders that failed, read by the watch."""

from datetime import UTC, datetime
from pathlib import Path

from pipeline.adapters.bot_order_errors import MOST_BYTES, BotOrderErrors


def test_times_are_read_and_what_cannot_be_believed_is_not_known(tmp_path: Path) -> None:
    file = tmp_path / "dip.order-errors.json"
    errors = BotOrderErrors(lambda strategy: tmp_path / f"{strategy}.order-errors.json")
    assert errors.of("dip") == ()
    file.write_text('{"failed_at": ["2026-01-01T12:00:05+00:00", "2026-01-01T13:00:00+01:00"]}')
    assert errors.of("dip") == (datetime(2026, 1, 1, 12, 0, tzinfo=UTC), datetime(2026, 1, 1, 12, 0, 5, tzinfo=UTC))
    for text in ("", "[]", '{"failed_at": ["2026-01-01T12:00:05"]}', '{"failed_at": 3}', " " * (MOST_BYTES + 1)):
        file.write_text(text)
        assert errors.of("dip") is None, text[:40]
    file.unlink()
    file.symlink_to("/dev/zero")
    assert errors.of("dip") is None
