"""What a process was injected with, checked against the environment that it is for, before anything starts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.config.trading import LoadedTradingEnvironment
from pipeline.domain.trading import Secrets
from pipeline.domain.trading.injection import read_own_secrets, read_secrets
from pipeline.errors import ConfigError, Problem


@dataclass(frozen=True, slots=True)
class Injection:
    """The secrets for an environment's bots, and what a person should be told once, though it stops nothing.

    `secrets` hold the account that bots share; `own` maps strategies with an account of their own to their secrets.
    """

    secrets: Secrets
    notes: tuple[str, ...] = ()
    own: Mapping[str, Secrets] = field(default_factory=dict)

    def of(self, strategy: str) -> Secrets:
        """The secrets of the bot that runs a strategy."""
        return self.own.get(strategy, self.secrets)


def inject(loaded: LoadedTradingEnvironment, process: Mapping[str, str]) -> Injection:
    """The secrets that were injected for an environment; call it before anything is started there.

    Raises:
        ConfigError: DRY_RUN disagrees with the mode, or is not set where money is real; secrets are missing, empty, malformed or swapped. All
            at once, each at the place in the file that names it. No message shows a value.
    """
    environment = loaded.environment
    found = read_secrets(environment, process)
    own = read_own_secrets(environment, process, found.secrets)
    problems = [
        *_dry_run(loaded, process),
        *(loaded.source.problem(("secrets", key), words) for key, words in found.problems),
        *(
            loaded.source.problem(("own_keys", index, key), words)
            for index, one in enumerate(own)
            for key, words in one.problems
        ),
    ]
    if problems:
        hint = f"set them in the GitHub Environment '{environment.name}', or on the device: freqtrain secrets set {environment.name}"
        raise ConfigError(tuple(problems), hint=hint)
    notes = dict.fromkeys((*found.notes, *(note for one in own for note in one.notes)))
    secrets = {keys.strategy: one.secrets for keys, one in zip(environment.own_keys, own, strict=True)}
    return Injection(found.secrets, tuple(notes), secrets)


def _dry_run(loaded: LoadedTradingEnvironment, process: Mapping[str, str]) -> Iterator[Problem]:
    name, environment = loaded.dry_run_variable, loaded.environment
    given = process.get(name, "")
    if given not in ("", "true", "false"):
        yield loaded.source.problem(("mode",), f"the variable {name} must be true or false, in lower case")
    elif not given and not environment.dry_run:
        words = f"is live, but the variable {name} is not set: money is at stake only where it says false"
        yield loaded.source.problem(("mode",), words)
    elif given and (given == "true") is not environment.dry_run:
        yield loaded.source.problem(("mode",), f"is {environment.mode}, but the variable {name} says {given}")
