import gc
import json
import multiprocessing
from pathlib import Path
from typing import Any

import pytest

import pipeline.testing.plugin  # imported before forking, as the gate's child does, so that every fork finds freqtrade warm
from pipeline.adapters.freqtrade.behaviour import PLUGIN, run_tests
from pipeline.domain.canonical import plain
from tests.testing.example import NAME, write_example

pytestmark = [pytest.mark.processes, pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")]


assert pipeline.testing.plugin.__name__ == PLUGIN


def own_tests(folder: Path, test: str, *, extra: str = "", seconds: float = 30.0) -> list[dict[str, Any]]:
    """The findings of an example's tests."""
    write_example(folder, test=test, extra=extra)
    return findings_of(folder, NAME, seconds)


def findings_of(folder: Path, class_name: str, seconds: float = 30.0) -> list[dict[str, Any]]:
    """The findings of a strategy's tests, run in a fork as the gate's child runs them."""
    gc.freeze()
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)

    def run() -> None:
        theirs.send_bytes(json.dumps(plain(run_tests(str(folder), class_name, seconds))).encode())

    process = context.Process(target=run)
    process.start()
    theirs.close()
    try:
        findings: list[dict[str, Any]] = json.loads(ours.recv_bytes())
    finally:
        process.join()
    return findings


def only(folder: Path, test: str, **more: Any) -> tuple[str, str, str]:
    """Outcome, place and reason of the only finding."""
    (finding,) = own_tests(folder, test, **more)
    assert (finding["check"], finding["rule"]) == ("behaviour", "tests")
    place = finding["place"]
    return finding["outcome"], f"{place['file']}:{place['line']}" if place else "", finding["reason"]


def test_tests_that_pass_are_counted(tmp_path: Path) -> None:
    test = """
from pipeline.testing import flat, trend
def test_one(strategy):
    strategy.on(flat(50) + trend(0.3, 100)).enters_during("trend")
def test_two(strategy):
    print("printing is allowed")
"""
    assert only(tmp_path, test) == ("PASS", "", "2 tests passed")


def test_a_claim_that_does_not_hold_fails_with_its_line_and_words(tmp_path: Path) -> None:
    test = "from pipeline.testing import flat\n\ndef test_enters(strategy):\n    strategy.on(flat(50)).enters()\n"
    expected = "test_enters: expected an entry anywhere, but there is none at all"
    assert only(tmp_path, test) == ("FAIL", "test_strategy.py:4", expected)


def test_a_plain_assertion_is_explained_by_pytest(tmp_path: Path) -> None:
    test = "def test_stop(strategy):\n    assert strategy.stoploss == -0.2\n"
    assert only(tmp_path, test) == ("FAIL", "test_strategy.py:2", "test_stop: assert -0.1 == -0.2")


def test_an_exception_in_the_strategy_is_an_error_with_its_line(tmp_path: Path) -> None:
    extra = "def custom_exit(self, pair, trade, **kwargs):\n    raise KeyError('broken')\n"
    outcome, place, reason = only(
        tmp_path, "def test_exit(strategy):\n    strategy.holding().exit_reason()\n", extra=extra
    )
    assert (outcome, reason) == ("ERROR", "test_exit: the strategy raises KeyError: 'broken'")
    assert place.startswith("strategy.py:")


def test_every_failure_is_told(tmp_path: Path) -> None:
    test = "def test_a():\n    assert 1 == 2\ndef test_b():\n    pass\ndef test_c():\n    1 / 0\n"
    reasons = [finding["reason"] for finding in own_tests(tmp_path, test)]
    assert reasons == ["test_a: assert 1 == 2", "test_c: ZeroDivisionError: division by zero"]


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        ("", "the file has no tests"),
        ("import pytest\npytest.skip('later', allow_module_level=True)\n", "the whole file is skipped"),
        ("import pytest\npytestmark = pytest.mark.skip\ndef test_a(): pass\n", "test_a is skipped"),
        ("import pytest\n@pytest.mark.parametrize('a', [])\ndef test_a(a): pass\n", "is skipped"),
        ("import unittest\nclass T(unittest.TestCase):\n  def test_a(self): self.skipTest('')\n", "test_a is skipped"),
        ("import pytest\n@pytest.mark.xfail\ndef test_a(): assert 0\n", "test_a is marked as expected to fail"),
        ("import pytest\n@pytest.mark.xfail\ndef test_a(): pass\n", "test_a is marked as expected to fail"),
        (
            "import pytest\n@pytest.mark.xfail(strict=True)\ndef test_a(): pass\n",
            "test_a is marked as expected to fail",
        ),
        ("import sys\nsys.exit(0)\n", "the test file ended the process: SystemExit: 0"),
        ("import sys\ndef test_a(): sys.exit(0)\n", "test_a tried to end the process: SystemExit: 0"),
        ("import pytest\ndef test_a(): pytest.exit('enough', 0)\n", "the test file ended the process: Exit: enough"),
        ("raise KeyboardInterrupt\n", "the test file ended the process: KeyboardInterrupt"),
    ],
)
def test_a_file_that_tests_nothing_or_runs_away_fails(tmp_path: Path, test: str, reason: str) -> None:
    outcome, _, said = only(tmp_path, test)
    assert outcome == "FAIL"
    assert reason in said


def test_one_skipped_test_among_others_fails(tmp_path: Path) -> None:
    test = "import pytest\ndef test_a(): pass\ndef test_b(): pytest.skip('later')\n"
    assert only(tmp_path, test)[0] == "FAIL"


def test_a_missing_file_fails(tmp_path: Path) -> None:
    (finding,) = run_tests(str(tmp_path), NAME)
    assert finding.reason.startswith("test_strategy.py is missing")


@pytest.mark.parametrize(
    ("test", "place", "reason"),
    [
        ("x = 1\ndef test_a(:\n", "test_strategy.py:2", "SyntaxError: invalid syntax"),
        (
            "import nowhere_to_be_found\n",
            "test_strategy.py:1",
            "ModuleNotFoundError: No module named 'nowhere_to_be_found'",
        ),
        ("from pipeline.testing import moon\n", "test_strategy.py:1", "ImportError: cannot import name 'moon'"),
    ],
)
def test_a_file_that_cannot_be_imported_is_an_error_with_its_line(
    tmp_path: Path, test: str, place: str, reason: str
) -> None:
    outcome, where, said = only(tmp_path, test)
    assert (outcome, where) == ("ERROR", place)
    assert said.startswith(f"test_strategy.py cannot be imported: {reason}")


def test_tests_that_do_not_end_are_an_error(tmp_path: Path) -> None:
    outcome, _, reason = only(tmp_path, "def test_a():\n    while True: pass\n", seconds=0.5)
    assert (outcome, reason) == (
        "ERROR",
        "the tests did not end within 0.5 s; make it test less, or on shorter scenarios",
    )


def test_a_process_that_was_ended_gives_no_answer_at_all(tmp_path: Path) -> None:
    with pytest.raises(EOFError):
        own_tests(tmp_path, "import os\ndef test_a(): os._exit(0)\n")


def test_configuration_conftest_and_variables_from_outside_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only")
    monkeypatch.setenv("PYTEST_PLUGINS", "nowhere_to_be_found")
    (tmp_path / "conftest.py").write_text("raise RuntimeError('loaded')\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    folder = tmp_path / "example"
    folder.mkdir()
    (folder / "conftest.py").write_text("raise RuntimeError('loaded')\n")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    assert only(folder, "def test_a(): pass\n") == ("PASS", "", "1 test passed")


def test_nothing_is_left_in_the_strategy_s_folder(tmp_path: Path) -> None:
    only(tmp_path, "def test_a(strategy): pass\n")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["strategy.py", "strategy.yml", "test_strategy.py"]
