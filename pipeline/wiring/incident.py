"""The real things behind `freqtrain incident`."""

import json
import os
import platform
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pipeline import __version__
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.compose.runtime import ComposeRuntime
from pipeline.adapters.datasets import DataSet
from pipeline.adapters.incident_packing import IncidentPacking, Packed, Wish
from pipeline.adapters.known_secrets import known_secrets
from pipeline.adapters.remembered_variables import WATCH, remembered_variables
from pipeline.adapters.watch_home import ENVIRONMENTS
from pipeline.config.injected_names import load_names
from pipeline.domain.dataset import MANIFEST_FILE
from pipeline.domain.incident import PAGE, STATE
from pipeline.domain.incident_material import PolicyInForce
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.trading.kept import Kind, Names
from pipeline.errors import ConfigError, UsageError
from pipeline.ports import Clock, Narrator
from pipeline.render import environment_report as render
from pipeline.wiring.data_sets import data_sets
from pipeline.wiring.decide import demands_of
from pipeline.wiring.environment_files import environment_files
from pipeline.wiring.environments import examine_other
from pipeline.wiring.report import report_on

__all__ = ["pack", "policy_in_force"]

SETS = Path("user_data") / "data"
ENGINE = ("freqtrade", "ccxt", "pandas", "numpy")
TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
SHORTEST = timedelta(minutes=1)
MOST_LINES = 20_000
"""Of what one container printed, the latest."""


def pack(
    environment: str,
    home: Path,
    out: Path,
    narrator: Narrator,
    *,
    since: datetime,
    most: int,
    content: bool,
    folders: Sequence[Path],
) -> Packed:
    """Pack an incident of this device.

    Args:
        since: aware UTC; the ledger is packed as a whole all the same.
        most: bytes, unpacked.
        folders: data sets to take candles from; without any, those that lie in this folder's user_data.

    Raises:
        UsageError: nothing was ever deployed there, or something is at `out`.
        Refused: a secret would have got out.
        ToolFailed: the disk.
    """
    clock = SystemClock()
    length = clock.now() - since
    if length < SHORTEST:
        raise UsageError(f"{since:%Y-%m-%d %H:%M} UTC lies in the future", hint="say when it began")

    def pages() -> Mapping[str, bytes]:
        made = report_on(environment, home, length)
        return {STATE: json.dumps(render.document(made), indent=1).encode() + b"\n", PAGE: render.page(made).encode()}

    _demand_known(environment, home)
    printed = partial(_printed, environment, home, clock)
    packing = IncidentPacking(home, _secrets(environment, home), _versions(), pages, clock, narrator, printed)
    sets = tuple(_sets(folders))
    policy = policy_in_force(environment, home)
    return packing.pack(Wish(environment, since, most, content, sets, environment_files(), policy), out)


def policy_in_force(environment: str, home: Path) -> PolicyInForce | None:
    """The policy that the environment's watch goes by, from the files that were written down for it, else from those of this folder."""
    own = home / environment / WATCH
    files = tuple(sorted((own / ENVIRONMENTS).glob("*.y*ml"))) or environment_files()
    variables = remembered_variables(own)
    found = [examine_other(file, home, variables).environment for file in files]
    trading = [one for one in found if isinstance(one, TradingEnvironment)]
    mine = next((one for one in trading if one.name == environment), None)
    if mine is None:
        return None
    demands = demands_of(next((one for one in trading if one.after == environment), None))
    return PolicyInForce(mine.staying, demands, mine.rehearsal, mine.mode.value)


def _demand_known(environment: str, home: Path) -> None:
    there = sorted({file.parent.name for file in home.glob("*/ledger.jsonl*")})
    if environment not in there:
        raise UsageError(
            f"nothing was ever deployed to '{environment}' here", hint=f"there are: {', '.join(there) or 'none'}"
        )


def _printed(environment: str, home: Path, clock: Clock) -> dict[str, str]:
    """What containers have printed: their engine has it, and no file of the home."""
    if not (home / environment / "compose").is_dir():
        return {}
    engine = ComposeRuntime(home, clock, "")
    names = [bot.spec.name for bot in engine.running() if bot.spec.environment == environment]
    return {name: engine.logs(name, MOST_LINES) for name in names}


def _secrets(environment: str, home: Path) -> frozenset[str]:
    """Those of the device's files, and those that this process was given."""
    names = {one.environment: one for one in _names(home)}
    public: dict[str, Collection[str]] = {
        name: {word.name for word in one.every if word.kind is Kind.VARIABLE} for name, one in names.items()
    }
    given = {word.name for one in names.values() for word in one.every if word.kind is Kind.SECRET} | set(TOKENS)
    injected = {os.environ[name] for name in given if os.environ.get(name)}
    return known_secrets(home, environment, public) | injected


def _names(home: Path) -> Iterator[Names]:
    """What environments' files name: those of this folder, and over them those that watches read. A broken one names nothing, and all is secret."""
    for file in (*environment_files(), *sorted(home.glob(f"*/watch/{ENVIRONMENTS}/*.y*ml"))):
        with suppress(ConfigError, OSError):
            yield load_names(file)


def _versions() -> dict[str, str]:
    found = {
        "freqtrain": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }
    for name in ENGINE:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _sets(folders: Sequence[Path]) -> Iterator[DataSet]:
    sets = data_sets()
    if folders:
        yield from (sets.open(folder) for folder in folders)
        return
    for manifest in sorted(SETS.glob(f"*/{MANIFEST_FILE}")):
        with suppress(ConfigError, UsageError):
            yield sets.open(manifest.parent)
