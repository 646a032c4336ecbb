"""Every file is checked alone, beside the others and by freqtrade, and every problem is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from pipeline.domain.canonical import Plain
from pipeline.domain.environment import DatasetReference, Environment, Mode
from pipeline.domain.job import Account
from pipeline.domain.policy import Policy
from pipeline.domain.trading import TradingLimits
from pipeline.domain.trading.order import AnyEnvironment
from pipeline.errors import ExitCode, Problem
from pipeline.flows.environment_check import Route, check, outcome
from tests.domain.trading.samples import DRY, LIVE

CI = Environment(
    "ci", Mode.HISTORY, "binance", DatasetReference(), Account("USDT", 1.0, None, 1), (), Policy(("lint",))
)
WRONG = (Problem("bad.yml", 3, 4, "is wrong too"), Problem("bad.yml", 1, 2, "is wrong"))


@dataclass(frozen=True)
class File:
    """A file that was read: what it is, or what is wrong with it."""

    environment: AnyEnvironment | None
    problems: tuple[Problem, ...] = ()
    settings: Mapping[str, Plain] = field(default_factory=dict)

    def problem(self, route: Route, message: str, *, shows_value: bool = False) -> Problem:
        return Problem("x.yml", 2, 1, f"{'.'.join(map(str, route))}: {message}{' (hide)' if shows_value else ''}")


FILES = {"bad": File(None, WRONG), "ci": File(CI), "test": File(DRY), "sandbox": File(LIVE)}


@dataclass
class Freqtrade:
    """Finds what it is told to find in every configuration, and keeps what it was asked."""

    finds: tuple[tuple[Route, str], ...] = ()
    asked: list[Mapping[str, Plain]] = field(default_factory=list)

    def __call__(self, configurations: Sequence[Mapping[str, Plain]]) -> Sequence[Sequence[tuple[Route, str]]]:
        self.asked += configurations
        return [self.finds for _ in configurations]


def read(path: Path) -> File:
    return FILES[path.stem]


def paths(*names: str) -> list[Path]:
    return [Path(f"{name}.yml") for name in names]


def test_a_bad_file_does_not_keep_the_others_from_being_checked() -> None:
    checked = check(paths("bad", "ci"), read, Freqtrade())
    assert [item.environment for item in checked] == [None, CI]
    assert checked[0].problems == (WRONG[1], WRONG[0])


def test_any_problem_refuses() -> None:
    assert outcome(check(paths("ci", "bad"), read, Freqtrade())) is ExitCode.REFUSED
    assert outcome(check(paths("ci"), read, Freqtrade())) is ExitCode.DONE


def test_files_are_compared_with_those_beside_them() -> None:
    [checked] = check(paths("sandbox"), read, Freqtrade())
    assert [problem.message for problem in checked.problems] == [
        "after: there is no environment 'test'; there is no other, by file name"
    ]
    [checked] = check(paths("sandbox"), read, Freqtrade(), beside=paths("ci", "test", "sandbox", "bad"))
    assert checked.problems == ()
    assert checked.environment == LIVE


def test_an_environment_that_disagrees_with_another_is_no_good_one() -> None:
    heavy = replace(LIVE, limits=TradingLimits(Decimal(5000), Decimal(5000), 3))
    prod = replace(LIVE, name="prod", after="sandbox")
    files = {**FILES, "sandbox": File(heavy), "prod": File(prod)}
    sandbox, other = check(
        paths("sandbox", "prod"), lambda path: files[path.stem], Freqtrade(), beside=paths("ci", "test")
    )
    assert sandbox.environment is None
    assert [problem.message.split(":")[0] for problem in sandbox.problems] == [
        "limits.capital_per_bot",
        "limits.capital_in_all",
    ]
    assert other.environment == prod


def test_freqtrade_is_asked_about_bots_alone_and_only_of_the_files_that_are_meant() -> None:
    freqtrade = Freqtrade()
    check(paths("ci", "sandbox"), read, freqtrade, beside=paths("ci", "test"))
    assert [configuration["dry_run"] for configuration in freqtrade.asked] == [False]


def test_what_freqtrade_complains_of_is_told_where_it_stands() -> None:
    finds: tuple[tuple[Route, str], ...] = ((("unfilledtimeout", "entry"), "is no number"), ((), "contradicts itself"))
    files = {**FILES, "test": File(DRY, settings={"unfilledtimeout": {"entry": "ten"}})}
    [checked] = check(paths("test"), lambda path: files[path.stem], Freqtrade(finds), beside=paths("ci"))
    assert [problem.message for problem in checked.problems] == [
        "freqtrade.unfilledtimeout.entry: is no number (hide)",
        "freqtrade: contradicts itself (hide)",
    ]


def test_settings_are_judged_by_freqtrade_though_the_rest_of_the_file_is_wrong() -> None:
    freqtrade = Freqtrade((((), "contradicts itself"),))
    [checked] = check(paths("x"), lambda _: File(None, WRONG, {"fiat_display_currency": "EUR"}), freqtrade)
    assert freqtrade.asked[0]["fiat_display_currency"] == "EUR"
    assert len(checked.problems) == 3
