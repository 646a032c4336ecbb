"""Channels are kept as a bot's secrets are: what a verb was given, and nothing of it lost where a verb is given nothing."""

from datetime import UTC, datetime
from pathlib import Path

from pipeline.adapters.notices.channel_file import ChannelFile
from pipeline.domain.trading import Secret, Secrets

AT = datetime(2026, 1, 1, tzinfo=UTC)
TELEGRAM = Secrets(telegram_token=Secret("1:a"), telegram_chat_id=Secret("7"))


def test_what_was_given_is_kept_and_what_was_not_given_stays(tmp_path: Path) -> None:
    kept = ChannelFile(tmp_path)
    kept.keep(Secrets(), AT)
    assert kept.read().names == ()
    assert not (tmp_path / "watch").exists()
    kept.keep(TELEGRAM, AT)
    kept.keep(Secrets(apprise_url=Secret("discord://a/b")), AT)
    kept.keep(Secrets(access_key=Secret("never")), AT)
    assert kept.read().names == ("telegram", "discord")
    assert b"never" not in (tmp_path / "watch" / "secrets.json").read_bytes()


def test_half_of_telegram_is_nothing(tmp_path: Path) -> None:
    kept = ChannelFile(tmp_path)
    kept.keep(TELEGRAM, AT)
    kept.keep(Secrets(telegram_token=Secret("2:b")), AT)
    found = kept.read().telegram
    assert found is not None
    assert found.token.reveal() == "1:a"


def test_what_is_there_already_is_not_written_again(tmp_path: Path) -> None:
    kept = ChannelFile(tmp_path)
    kept.keep(TELEGRAM, AT)
    written = (tmp_path / "watch" / "secrets.json").stat().st_ino
    kept.keep(TELEGRAM, AT)
    assert (tmp_path / "watch" / "secrets.json").stat().st_ino == written


def test_they_can_be_forgotten(tmp_path: Path) -> None:
    kept = ChannelFile(tmp_path)
    kept.forget(AT)
    kept.keep(TELEGRAM, AT)
    kept.forget(AT)
    assert kept.read().names == ()
