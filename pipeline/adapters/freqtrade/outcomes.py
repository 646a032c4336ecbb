"""What pytest reports about a strategy's own tests, as findings."""

import traceback
from collections.abc import Generator
from pathlib import Path

import pytest

from pipeline.domain.job import BEHAVIOUR
from pipeline.domain.strategy import TEST_FILE
from pipeline.domain.verdict import Finding, Outcome, Place

RULE = "tests"
MOST = 20
"""Tests beyond these that did not pass are counted, not listed."""


class Collector:
    """A pytest plugin that keeps what became of every test of the file in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.out_of_time = ""
        self._folder = folder
        self._passed = 0
        self._found: list[Finding] = []
        self._ended = False

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Judge one phase (setup, call or teardown) of one test."""
        report = yield
        test_line = (report.location[1] or 0) + 1
        name = item.name
        if self.out_of_time:
            return report
        if hasattr(report, "wasxfail") or (report.failed and call.excinfo is None):
            self._add(
                Outcome.FAIL, f"{name} is marked as expected to fail: it tests nothing until it passes", test_line
            )
        elif report.skipped:
            self._add(Outcome.FAIL, f"{name} is skipped: it tests nothing until it runs", test_line)
        elif call.excinfo is not None:
            self._failed(name, call.excinfo.value, test_line)
        elif call.when == "call":
            self._passed += 1
        return report

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A test file that cannot be read, or that skips itself as a whole."""
        if report.skipped:
            self._add(Outcome.FAIL, "the whole file is skipped: it tests nothing until it runs", 0)

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Keep the exception of a test file that cannot be imported: a report has only its text."""
        report = yield
        call = getattr(report, "call", None)
        if report.failed and call is not None and call.excinfo is not None:
            self._cannot_be_read(call.excinfo.value)
        return report

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """`pytest.exit` and Ctrl-C end a run in the middle; pytest itself does so after an error of collection, which is known already."""
        if not isinstance(excinfo.value, pytest.Session.Interrupted):
            self.ended_by(excinfo.value)

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """pytest itself broke, or was asked to exit while it imported the file."""
        if isinstance(excinfo.value, SystemExit):
            self.ended_by(excinfo.value)
            return
        self._add(Outcome.ERROR, f"pytest could not run the tests: {_said(excinfo.value)}", 0)

    def ended_by(self, error: BaseException) -> None:
        """The test file stopped the run by raising something that is meant for the process."""
        if not self._ended and not self.out_of_time:
            self._ended = True
            file, line = self._place(error)
            self._add(
                Outcome.FAIL, f"the test file ended the process: {_said(error)}", line if file == TEST_FILE else 0
            )

    def findings(self) -> tuple[Finding, ...]:
        """What the tests showed; never empty."""
        if self.out_of_time:
            self._add(Outcome.ERROR, self.out_of_time, 0)
        if len(self._found) > MOST:
            more = f"{len(self._found) - MOST} more tests did not pass"
            return (*self._found[:MOST], Finding(BEHAVIOUR, RULE, Outcome.FAIL, more, Place(TEST_FILE)))
        if self._found:
            return tuple(self._found)
        if not self._passed:
            self._add(
                Outcome.FAIL, "the file has no tests: name functions test_..., and let them ask for `strategy`", 0
            )
            return tuple(self._found)
        tests = "1 test" if self._passed == 1 else f"{self._passed} tests"
        return (Finding(BEHAVIOUR, RULE, Outcome.PASS, f"{tests} passed"),)

    def _failed(self, name: str, error: BaseException, test_line: int) -> None:
        file, line = self._place(error)
        if isinstance(error, SystemExit):
            self._add(Outcome.FAIL, f"{name} tried to end the process: {_said(error)}", line or test_line)
        elif file and file != TEST_FILE:
            self._found.append(
                Finding(
                    BEHAVIOUR, RULE, Outcome.ERROR, f"{name}: the strategy raises {_said(error)}", Place(file, line)
                )
            )
        else:
            said = _first_line(error) if isinstance(error, AssertionError) else _said(error)
            self._add(Outcome.FAIL, f"{name}: {said}", line if file == TEST_FILE else test_line)

    def _cannot_be_read(self, error: BaseException) -> None:
        cause = error.__cause__ or error  # pytest wraps what an import raises
        file, line = self._place(cause)
        reason = f"{TEST_FILE} cannot be imported: {_said(cause)}"
        self._found.append(Finding(BEHAVIOUR, RULE, Outcome.ERROR, reason, Place(file or TEST_FILE, line)))

    def _place(self, error: BaseException) -> tuple[str, int]:
        """The innermost line in the strategy's folder that the error passed through; "" and 0 where there is none."""
        place = ("", 0)
        if isinstance(error, SyntaxError) and error.filename and Path(error.filename).is_relative_to(self._folder):
            place = (Path(error.filename).relative_to(self._folder).as_posix(), error.lineno or 0)
        for frame in traceback.extract_tb(error.__traceback__):
            if Path(frame.filename).is_relative_to(self._folder):
                place = (Path(frame.filename).relative_to(self._folder).as_posix(), frame.lineno or 0)
        return place

    def _add(self, outcome: Outcome, reason: str, line: int) -> None:
        self._found.append(Finding(BEHAVIOUR, RULE, outcome, reason, Place(TEST_FILE, line)))


def _said(error: BaseException) -> str:
    """The error's type and message in one line."""
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return ": ".join(part for part in (type(error).__name__, " ".join(message.split())[:500]) if part)


def _first_line(error: AssertionError) -> str:
    """What was expected; the table of candles below it is for whoever runs the test."""
    return next(iter(str(error).strip().splitlines()), "an assertion failed")[:500]
