"""The real things behind `freqtrain policy`."""

import os

from pipeline.config.any_environment import examine
from pipeline.config.environment import load_environment
from pipeline.domain.pass_rates import Simulated
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.watch_rates import WatchSimulated
from pipeline.errors import ConfigError
from pipeline.flows import policy_simulate as flow
from pipeline.flows.policy_simulate_watch import simulate_watch
from pipeline.ports import Narrator
from pipeline.wiring.environment_files import environment_file


def simulate(environment: str, runs: int | None, seed: int, narrator: Narrator) -> Simulated | WatchSimulated:
    """Let made-up strategies loose on an environment's policy: on history, or as bots that are looked at every day.

    Raises:
        ConfigError: all problems of the file at once.
    """
    file = environment_file(environment)
    examined = examine(file, os.environ)
    if isinstance(examined.environment, TradingEnvironment):
        return simulate_watch(examined.environment, runs or 10_000, seed, narrator)
    if examined.environment is None and examined.problems:
        raise ConfigError(examined.problems)
    return flow.simulate(load_environment(file, os.environ).environment, runs or 400, seed, narrator)
