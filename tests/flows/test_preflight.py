"""Every check is made, whatever the others find."""

from collections.abc import Sequence

from pipeline.domain.preflight import Checked, Standing
from pipeline.errors import ExitCode, ToolFailed
from pipeline.flows.preflight import Check, outcome, preflight
from tests.fakes import FakeNarrator

GOOD = Checked("one", Standing.GOOD, "here")
WEAK = Checked("two", Standing.WEAK, "a little", "more of it")


def _failing() -> Sequence[Checked]:
    raise ToolFailed("git is not installed", hint="install git")


def _unreadable() -> Sequence[Checked]:
    raise PermissionError(13, "Permission denied", "/proc/x")


def test_all_checks_are_made_in_their_order_and_slow_ones_are_told() -> None:
    narrator = FakeNarrator()
    found = preflight((Check("a", lambda: (GOOD,)), Check("b", lambda: (WEAK, GOOD), told="trying b")), narrator)
    assert found == (GOOD, WEAK, GOOD)
    assert narrator.lines == ["trying b"]
    assert outcome(found) is ExitCode.DONE


def test_a_check_that_cannot_be_made_is_missing_with_its_hint_and_stops_no_other() -> None:
    found = preflight((Check("git", _failing), Check("x", _unreadable), Check("a", lambda: (GOOD,))), FakeNarrator())
    assert found == (
        Checked("git", Standing.MISSING, "git is not installed", "install git"),
        Checked("x", Standing.MISSING, "/proc/x: Permission denied", "make it readable for this user"),
        GOOD,
    )
    assert outcome(found) is ExitCode.REFUSED
