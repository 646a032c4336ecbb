"""nektos/act, which executes workflow files: jobs run on this machine, and actions of others are replaced by stand-ins."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.needs import tool
from tests.workflows.files import FOLDER

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
)

UPLOAD = (
    'test ! -e "$NAMED_PATH" || { mkdir -p "$STORE/$NAMED" && '
    'cp -r "$NAMED_PATH$(test ! -d "$NAMED_PATH" || echo /.)" "$STORE/$NAMED/"; }'
)
DOWNLOAD = (
    'mkdir -p "$NAMED_PATH" && for one in "$STORE"/$PATTERN; do '
    'test ! -e "$one" || cp -r "$one$(test "$MERGED" != true || echo /.)" "$NAMED_PATH/"; done'
)
STAND_INS = {"actions/setup-python": "true", "actions/upload-artifact": UPLOAD, "actions/download-artifact": DOWNLOAD}
"""What a stand-in does; checking out is act's own business: it copies the folder that it is started in."""


LABELS = ("ubuntu-24.04", "self-hosted", "freqtrain-emergency")
"""All of them are this machine."""


@dataclass(frozen=True)
class Ran:
    """How each job ended (a job of a matrix: the worst of its runs), and everything that was printed, by job."""

    results: Mapping[str, str]
    printed: Mapping[str, str]
    code: int


@dataclass(frozen=True)
class Given:
    """What GitHub gives a job besides: `told` are variables that its runner sets, such as GITHUB_RUN_ID."""

    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)


def execute(
    workflow: str,
    on: str,
    event: Mapping[str, Any],
    checkout: Path,
    scratch: Path,
    path: Path,
    actor: str = "trader",
    given: Given | None = None,
) -> Ran:
    """Run a workflow of a checkout to its end.

    Args:
        workflow: the file's name.
        on: the event's name.
        event: GitHub's payload.
        checkout: a clean clone; ignored files are taken along.
        scratch: an empty folder.
        path: programs that come before the machine's own.
        actor: who started it.
        given: variables and secrets; none where nothing is given.
    """
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
    argv += [word for label in LABELS for word in ("--platform", f"{label}=-self-hosted")]
    argv += ["--env", f"STORE={scratch / 'store'}", *_replaced(scratch / "actions"), *_given(given or Given(), scratch)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "RUNNER_"))}
    environment |= {"HOME": str(scratch / "home"), "XDG_CACHE_HOME": str(scratch / "cache")}
    environment |= {"PATH": f"{path}:{os.environ['PATH']}"}
    (scratch / "home").mkdir()
    done = subprocess.run(
        argv,
        cwd=checkout,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    return _read(done)


def _given(given: Given, scratch: Path) -> list[str]:
    """Arguments that hand it over; values lie in files, as no secret belongs into a command line."""
    found = []
    for kind, values in (("secret", given.secrets), ("var", given.variables), ("env", given.told)):
        file = scratch / f"{kind}s"
        file.write_text("".join(f"{name}={json.dumps(value)}\n" for name, value in values.items()))
        found += [f"--{kind}-file", str(file)]
    return found


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
    handed["MERGED"] = "${{ inputs.merge-multiple }}"
    return {
        "name": "stand-in",
        "description": "Does on this machine what the action does on GitHub's.",
        "inputs": {name: {"description": name} for name in INPUTS},
        "runs": {"using": "composite", "steps": [{"shell": "bash", "run": run, "env": handed}]},
    }


def _read(done: subprocess.CompletedProcess[str]) -> Ran:
    """act prints one JSON object a line; a job that it never starts was skipped."""
    results: dict[str, str] = {}
    printed: dict[str, str] = {}
    for line in done.stdout.splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        job = str(told.get("jobID", ""))
        printed[job] = printed.get(job, "") + str(told.get("msg", "")) + "\n"
        if "jobResult" in told:
            results[job] = max(results.get(job, ""), str(told["jobResult"]), key=("", "success", "failure").index)
    return Ran(results, printed, done.returncode)
