"""Load environments/<name>.yml: variables filled in, checked as a whole, every problem at once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.config.environment_file import AccountEntry, EnvironmentFile
from pipeline.config.fields import WindowEntry
from pipeline.config.freqtrade_settings import owned_settings
from pipeline.config.source import Source, check, check_part, parse, read
from pipeline.config.thresholds import read_thresholds
from pipeline.config.variables import fill
from pipeline.config.window_order import disorder
from pipeline.domain.canonical import Plain
from pipeline.domain.environment import EMBEDDED, DatasetReference, Environment, Mode, Slippage
from pipeline.domain.job import Account, Limits
from pipeline.domain.metrics import LUCK_METRICS
from pipeline.domain.policy import Policy, Threshold
from pipeline.errors import ConfigError, Problem


@dataclass(frozen=True, slots=True)
class LoadedEnvironment:
    """An environment and the file that it came from."""

    environment: Environment
    source: Source

    def window_problem(self, index: int, message: str) -> Problem:
        """A problem with a window that shows only with the data, at its place in the file."""
        return self.source.problem(("windows", index), message)


def load_environment(path: Path, variables: Mapping[str, str]) -> LoadedEnvironment:
    """The environment in a file; its name is the file's. `variables` fill its `${NAME}` leaves.

    Raises:
        ConfigError: all problems at once, in the order of the file.
    """
    return environment_from(read(path), path.stem, variables)


def parse_environment(text: str, file: str, name: str, variables: Mapping[str, str]) -> LoadedEnvironment:
    """As `load_environment`, from a text that messages call `file`."""
    return environment_from(parse(text, file), name, variables)


def environment_from(written: Source, name: str, variables: Mapping[str, str]) -> LoadedEnvironment:
    """As `load_environment`, from a source whose variables are not filled in yet."""
    source, unset = fill(written, variables)
    if (mode := source.at(("mode",))) in (Mode.DRY_RUN, Mode.LIVE):
        words = f"must be 'history', not the text '{mode}': bots run in '{name}', and nothing is judged there"
        raise ConfigError((source.problem(("mode",), words),))
    model, malformed = check(EnvironmentFile, source)
    told = {(problem.line, problem.column) for problem in unset}
    windows = source.at(("windows",))
    thresholds, unsound = read_thresholds(
        source, ("policy", "thresholds"), len(windows) if isinstance(windows, list) and windows else None
    )
    problems = [
        *unset,
        *(problem for problem in malformed if (problem.line, problem.column) not in told),
        *unsound,
        *_name(source, name),
        *_windows(source),
        *_checks(source),
        *_account(source),
        *_dataset(source),
        *owned_settings(source, ("freqtrade",)),
    ]
    if model is None or problems:
        raise ConfigError(tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.line, problem.column))))
    return LoadedEnvironment(_environment(model, name, thresholds), source)


def _environment(model: EnvironmentFile, name: str, thresholds: tuple[Threshold, ...]) -> Environment:
    account = model.account
    stake = account.stake
    return Environment(
        name=name,
        mode=Mode(model.mode),
        exchange=model.exchange,
        dataset=DatasetReference(model.dataset.digest, model.dataset.repository),
        account=Account(
            stake_currency=account.stake_currency,
            wallet=account.wallet,
            stake=None if stake is None else stake.value * (account.wallet if stake.percent else 1.0),
            max_open_trades=account.max_open_trades,
            fee_ratio=None if account.fee is None else account.fee.value,
        ),
        windows=tuple(window.window() for window in model.windows),
        policy=Policy(model.policy.checks, thresholds),
        limits=Limits(**model.limits.model_dump()),
        freqtrade=model.freqtrade,
        slippage=Slippage(account.slippage.ratio, account.slippage.source) if account.slippage else Slippage(),
    )


def _name(source: Source, name: str) -> Iterator[Problem]:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,31}", name):
        words = f"the file's name is the environment's: {name!r} is not lower case letters, digits, - and _, starting with a letter"
        yield Problem(source.name, 0, 0, words)


def _windows(source: Source) -> Iterator[Problem]:
    data = source.at(("windows",))
    entries: dict[int, WindowEntry] = {}
    names: dict[str, int] = {}
    for index in range(len(data) if isinstance(data, list) else 0):
        route = ("windows", index)
        entry = check_part(WindowEntry, source, route)
        if entry is None:
            continue
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}", entry.name):
            yield source.problem((*route, "name"), "must be one short word of letters, digits, - _ and .")
        if entry.name in names:
            line = source.where(("windows", names[entry.name]))[0]
            yield source.problem((*route, "name"), f"the window '{entry.name}' already stands on line {line}")
        names.setdefault(entry.name, index)
        entries[index] = entry
    for index, words in disorder({index: entry.window() for index, entry in entries.items()}):
        yield source.problem(("windows", index), words)


def _checks(source: Source) -> Iterator[Problem]:
    checks, thresholds = source.at(("policy", "checks")), source.at(("policy", "thresholds"))
    if not isinstance(checks, list) or not checks:
        return
    for index, name in enumerate(checks):
        if name in checks[:index]:
            yield source.problem(("policy", "checks", index), f"{name} stands twice")
    if "backtest" in checks and not thresholds:
        yield source.problem(("policy",), "demands a backtest but no threshold, so every backtest would pass")
    if "backtest" not in checks and thresholds:
        yield source.problem(
            ("policy", "checks"), "thresholds judge the numbers of the backtest, so backtest must be among the checks"
        )
    if "robustness" not in checks:
        yield from _need_robustness(source, thresholds)


def _need_robustness(source: Source, thresholds: Plain) -> Iterator[Problem]:
    """Numbers that nobody would measure."""
    for index, threshold in enumerate(thresholds if isinstance(thresholds, list) else ()):
        metric = threshold.get("metric") if isinstance(threshold, dict) else None
        if metric in LUCK_METRICS:
            told = f"{metric} is measured by the robustness check, which must be among policy.checks"
            yield source.problem(("policy", "thresholds", index, "metric"), told)


def _account(source: Source) -> Iterator[Problem]:
    account = check_part(AccountEntry, source, ("account",))
    if account and account.stake and not account.stake.percent and account.stake.value > account.wallet:
        yield source.problem(("account", "stake"), "is more than the wallet holds")


def _dataset(source: Source) -> Iterator[Problem]:
    if source.at(("dataset", "digest")) == EMBEDDED and source.at(("dataset", "repository")):
        yield source.problem(("dataset", "repository"), "is of no use: the embedded data set is made here, not fetched")
