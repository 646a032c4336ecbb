"""Notifications without anybody to send them to are lines of the log."""

from pipeline.adapters.narrator_notifier import NarratorNotifier
from tests.fakes import FakeNarrator


def test_it_is_a_line() -> None:
    narrator = FakeNarrator()
    NarratorNotifier(narrator).tell("prod: dip", "braked")
    assert narrator.lines == ["prod: dip: braked"]
