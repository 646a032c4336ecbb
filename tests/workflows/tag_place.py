"""Where a release takes place: the repository, a device's home and its command, GitHub, an exchange; all of it ends with the test."""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from decimal import Decimal
from pathlib import Path

import psutil

from pipeline.adapters import loopback
from pipeline.adapters.clock import SystemClock
from pipeline.rehearsal.exchange import Account, ExchangeInThread, RemoteControl, Settings
from pipeline.rehearsal.world import lay_out
from tests.adapters.test_git import git
from tests.bot_ground import until
from tests.github_double import Token, github_double
from tests.github_double.world import ACTIONS
from tests.needs import ROOT
from tests.ports import free_places
from tests.workflows.files import workflows
from tests.workflows.tag_ground import PASSWORD, Ground

NAMES = {
    "REHEARSAL_EXCHANGE": "EXCHANGE_NAME",
    "REHEARSAL_DRY_RUN": "DRY_RUN",
    "REHEARSAL_KEY": "EXCHANGE_ACCESS_KEY",
    "REHEARSAL_SECRET": "EXCHANGE_ACCESS_SECRET",
}
"""The environments of the rehearsal, with the names that the repository's own environments give their variables and secrets."""

HELD = 'while [ "$GITHUB_JOB" = deploy ] && [ -e HOLD ]; do sleep 0.1; done'
"""A deployment waits for what is to happen before it."""

TOKEN = '[ -z "$GITHUB_TOKEN" ] || export GITHUB_TOKEN="token-of-$GITHUB_WORKFLOW-$GITHUB_JOB"'
"""The engine has one token for all jobs, and GitHub one for each."""


@contextmanager
def ground(root: Path) -> Iterator[Ground]:
    """Everything that was started has ended when this ends."""
    accounts = tuple(Account(name, f"key-of-{name}", PASSWORD, {"USDT": Decimal(1000)}) for name in ("sandbox", "prod"))
    with ExitStack() as ending:
        hub = ending.enter_context(github_double())
        hub.world.repository("o/r").private = True  # so that reading takes a permission as well
        hub.world.tokens |= tokens()
        exchange = ending.enter_context(ExchangeInThread(Settings(accounts=accounts, swing_ratio=0.1), SystemClock()))
        control = RemoteControl(exchange.address)
        ending.callback(control.close)
        made = Ground(root, hub, control)
        loopback.mark(made.home, exchange.address)
        (made.home / "ports.json").write_text(json.dumps({name: free_places() for name in ("test", "sandbox", "prod")}))
        ending.callback(until, lambda: not left_over(root), lambda: f"these go on: {left_over(root)}")
        ending.callback(made.runtime.shutdown)
        _lay_out(made)
        yield made


def left_over(root: Path) -> list[str]:
    """Processes that belong to the ground, by their command line or the folder that they are in."""
    found = []
    for one in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            line = " ".join(one.cmdline())
            if str(root) in line or one.cwd().startswith(str(root)):
                found.append(line)
    return found


def tokens() -> dict[str, Token]:
    """A token for each job of each workflow, which may what the file says that it may, and see that the repository is there."""
    return {
        f"token-of-{workflow.path.stem}-{job.id}": Token(
            ACTIONS, {"metadata": "read"} | {what.replace("-", "_"): may for what, may in job.permissions.items()}
        )
        for workflow in workflows()
        for job in workflow.jobs
    }


def _lay_out(made: Ground) -> None:
    lay_out(made.repository)
    test = made.repository / "environments" / "test.yml"
    told = test.read_text()
    begins, ends = told.index("staying:"), told.index("brakes:")
    test.write_text(f"{told[:begins]}staying: {{thresholds: []}} # nobody watched these bots\n{told[ends:]}")
    for file in (made.repository / "environments").iterdir():
        file.write_text(re.sub("|".join(NAMES), lambda found: NAMES[found[0]], file.read_text()))
    shutil.copytree(ROOT / ".github", made.repository / ".github")
    people = made.repository / ".github" / "freqtrain.yml"
    people.write_text(people.read_text().replace("approvers: []", "approvers: ['@boss']"))
    git(made.repository, "init", "-q", "-b", "main")
    git(made.repository, "remote", "add", "origin", "https://github.com/o/r.git")
    held = HELD.replace("HOLD", str(made.root / "hold"))
    variables = f"FREQTRAIN_HOME={made.home} FREQTRAIN_WATCH_SECONDS=1 PYTHONPATH={ROOT}"
    program(
        made.root / "programs" / "freqtrain", f'{held}\n{TOKEN}\n{variables} exec {sys.executable} -m pipeline "$@"'
    )
    program(made.root / "programs" / "make", '[ "$*" = .venv/.ready ]')


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
