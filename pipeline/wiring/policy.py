"""The real things behind `freqtrain policy`."""

import os

from pipeline.config.environment import load_environment
from pipeline.domain.pass_rates import Simulated
from pipeline.flows import policy_simulate as flow
from pipeline.ports import Narrator
from pipeline.wiring.environment_files import environment_file


def simulate(environment: str, runs: int, seed: int, narrator: Narrator) -> Simulated:
    """Let made-up strategies loose on an environment's policy."""
    loaded = load_environment(environment_file(environment), os.environ)
    return flow.simulate(loaded.environment, runs, seed, narrator)
