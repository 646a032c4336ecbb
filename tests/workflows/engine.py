"""nektos/act, which executes workflow files: jobs run on this machine, and actions of others are replaced by stand-ins."""

import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.needs import tool
from tests.workflows.files import FOLDER

SECONDS = 900.0

INPUTS = (
    "name",
    "path",
    "pattern",
    "python-version",
    "cache",
    "cache-dependency-path",
    "if-no-files-found",
    "retention-days",
    "overwrite",
    "merge-multiple",
    "persist-credentials",
    "fetch-depth",
    "ref",
)

UPLOAD = (
    'test ! -e "$NAMED_PATH" || { mkdir -p "$STORE/$NAMED" && '
    'cp -r "$NAMED_PATH$(test ! -d "$NAMED_PATH" || echo /.)" "$STORE/$NAMED/"; }'
)
DOWNLOAD = (
    'mkdir -p "$NAMED_PATH" && set -- "$STORE"/$PATTERN && for one in "$@"; do test ! -e "$one" || '
    'cp -r "$one$(test "$MERGED" != true && test "$#" != 1 || echo /.)" "$NAMED_PATH/"; done'
)
"""One artifact alone is unpacked without its name, as actions/download-artifact does since its version 5."""

CHECKOUT = (
    'while test -e "$BUSY"; do sleep 0.2; done; git init -q && git remote add origin "$ORIGIN" && '
    'git fetch -q --tags origin && git checkout -q -B "$REF" "refs/remotes/origin/$REF"'
)
"""What takes another ref than the event's, of the repository in the folder $ORIGIN; as long as the file $BUSY is there, nobody takes the job."""

STAND_INS = {
    "actions/checkout": CHECKOUT,
    "actions/setup-python": "true",
    "actions/upload-artifact": UPLOAD,
    "actions/download-artifact": DOWNLOAD,
}
"""What a stand-in does. Checking out what the event names is act's own business: it copies the folder that it is started in."""


LABELS = ("ubuntu-24.04", "self-hosted", "freqtrain-emergency", "freqtrain-test", "freqtrain-sandbox", "freqtrain-prod")
"""All of them are this machine."""


@dataclass(frozen=True)
class Ran:
    """How each job ended (a job of a matrix: the worst of its runs), and everything that was printed, by job."""

    results: Mapping[str, str]
    printed: Mapping[str, str]
    code: int


@dataclass(frozen=True)
class Given:
    """What GitHub gives a run: variables that begin with GITHUB_, and the environments' variables and secrets.

    `env` are further variables of this machine, of which ORIGIN and BUSY are the stand-ins'.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Heard:
    """A line of the engine's: something that a job prints or, with a `result`, how it ended."""

    job: str
    message: str
    result: str = ""


Listener = Callable[[Heard], bool]
"""Hears every line as it comes; False cancels the run, as a person would."""


def execute(
    workflow: str,
    on: str,
    event: Mapping[str, Any],
    checkout: Path,
    scratch: Path,
    path: Path,
    actor: str = "trader",
    given: Given | None = None,
    listen: Listener = lambda _: True,
    labels: Sequence[str] = LABELS,
) -> Ran:
    """Run a workflow of a checkout to its end.

    Args:
        workflow: the file's name.
        on: the event's name.
        event: GitHub's payload.
        checkout: a clean clone; ignored files are taken along.
        scratch: an empty folder; what jobs upload is in `store` below it, a folder an artifact.
        path: programs that come before the machine's own.
        actor: who started it.
        given: what GitHub and its environments give.
        listen: hears what happens.
        labels: of the runners that there are; a job that asks for none of them is skipped.
    """
    given = given or Given()
    (scratch / "store").mkdir(parents=True)
    payload = scratch / "event.json"
    payload.write_text(json.dumps(event))
    argv = [
        tool("act"),
        on,
        "--actor",
        actor,
        "--workflows",
        f".github/workflows/{workflow}",
        "--eventpath",
        str(payload),
    ]
    argv += ["--json", "--use-gitignore=false", "--action-offline-mode", "--no-cache-server"]
    argv += [
        "--concurrent-jobs",
        "4",
    ]  # however many processors there are: one job may wait for what happens in another
    argv += [word for label in labels for word in ("--platform", f"{label}=-self-hosted")]
    argv += _options("--env", {"STORE": str(scratch / "store"), **given.env})
    argv += [*_options("--var", given.variables), *_options("--secret", given.secrets)]
    argv += _replaced(scratch / "actions")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "RUNNER_"))}
    environment |= {"HOME": str(scratch / "home"), "XDG_CACHE_HOME": str(scratch / "cache")}
    environment |= {"PATH": f"{path}:{os.environ['PATH']}"}
    (scratch / "home").mkdir()
    with subprocess.Popen(
        argv,
        cwd=checkout,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        overdue = threading.Timer(SECONDS, process.kill)
        overdue.start()
        try:
            return _followed(process, listen)
        finally:
            overdue.cancel()
            process.kill()


def _options(name: str, values: Mapping[str, str]) -> list[str]:
    return [word for key, value in values.items() for word in (name, f"{key}={value}")]


def _replaced(folder: Path) -> list[str]:
    """Arguments that put a stand-in in the place of every action, at the very commit that the files pin."""
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.yml")]
    pins = sorted({pin for text in texts for pin in re.findall(r"uses: (actions/[\w-]+@[0-9a-f]{40})", text)})
    found = []
    for pin in pins:
        name = pin.partition("@")[0]
        if name in STAND_INS:
            here = folder / name
            here.mkdir(parents=True)
            (here / "action.yml").write_text(json.dumps(_stand_in(STAND_INS[name])))
            found += ["--local-repository", f"{pin}={here}"]
    return found


def _stand_in(run: str) -> dict[str, Any]:
    handed = {"NAMED": "${{ inputs.name }}", "NAMED_PATH": "${{ inputs.path }}", "PATTERN": "${{ inputs.pattern }}"}
    handed |= {"MERGED": "${{ inputs.merge-multiple }}", "REF": "${{ inputs.ref }}"}
    return {
        "name": "stand-in",
        "description": "Does on this machine what the action does on GitHub's.",
        "inputs": {name: {"description": name} for name in INPUTS},
        "runs": {"using": "composite", "steps": [{"shell": "bash", "run": run, "env": handed}]},
    }


def _followed(process: "subprocess.Popen[str]", listen: Listener) -> Ran:
    """act prints one JSON object a line; a job that it never starts was skipped."""
    results: dict[str, str] = {}
    printed: dict[str, str] = {}
    assert process.stdout is not None
    for line in process.stdout:
        try:
            told = json.loads(line)
        except ValueError:
            told = {"msg": line.rstrip()}
        heard = Heard(str(told.get("jobID", "")), str(told.get("msg", "")), str(told.get("jobResult", "")))
        printed[heard.job] = printed.get(heard.job, "") + heard.message + "\n"
        if heard.result:
            results[heard.job] = max(
                results.get(heard.job, ""), heard.result, key=("", "success", "cancelled", "failure").index
            )
        if not listen(heard):
            process.send_signal(signal.SIGINT)
    return Ran(results, printed, process.wait())
