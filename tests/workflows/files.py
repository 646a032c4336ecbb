"""The workflow files as their author wrote them: every value a text, `on` no boolean."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from tests.needs import ROOT

FOLDER = ROOT / ".github"
EMERGENCY = "${{ vars.FREQTRAIN_DEVICES == 'several' && format('freqtrain-emergency-{0}', inputs.environment) || 'freqtrain-emergency' }}"
"""The label of an emergency: whoever may set the variable chooses between two that the file spells out, and no other runner."""

EMERGENCIES = (
    "${{ inputs.environment && format('freqtrain-emergency-{0}', inputs.environment) || 'freqtrain-emergency' }}"
)
ALL_DEVICES = """${{ fromJSON(vars.FREQTRAIN_DEVICES == 'several' && '["test", "sandbox", "prod"]' || '[""]') }}"""
"""The same for what asks all devices, and for who calls that."""

CALLED = "./.github/workflows/"

ALLOW = ROOT / "runner" / "hooks" / "job-started.allow"


@dataclass(frozen=True)
class Job:
    """One job of a workflow."""

    id: str
    content: dict[str, Any]

    @property
    def calls(self) -> str:
        """The file that is run in the job's place; empty where it has steps."""
        uses = str(self.content.get("uses", ""))
        assert not uses or uses.startswith(CALLED), f"{self.id}: a workflow of others would run with our token"
        return uses.removeprefix(CALLED)

    @property
    def runs_on(self) -> str:
        where = self.content["runs-on"]
        return where if isinstance(where, str) else ", ".join(where)

    @property
    def self_hosted(self) -> bool:
        return not self.runs_on.startswith("ubuntu-")

    @property
    def permissions(self) -> dict[str, str]:
        given = self.content["permissions"]
        assert isinstance(given, dict), f"{self.id}: name each permission"
        return given

    @property
    def environment(self) -> str:
        named = self.content.get("environment", "")
        return named if isinstance(named, str) else str(named["name"])

    @property
    def steps(self) -> list[dict[str, Any]]:
        return list(self.content["steps"])

    @property
    def verbs(self) -> list[str]:
        """The lines that steps run."""
        return [line for step in self.steps for line in step.get("run", "").splitlines()]


@dataclass(frozen=True)
class Workflow:
    """One file."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def content(self) -> dict[str, Any]:
        read = yaml.load(self.text, Loader=yaml.BaseLoader)
        assert isinstance(read, dict)
        return read

    @property
    def events(self) -> dict[str, Any]:
        on = self.content["on"]
        named = [on] if isinstance(on, str) else on
        return {event: (named[event] if isinstance(named, dict) else "") or {} for event in named}

    @property
    def all_jobs(self) -> list[Job]:
        return [Job(id, content) for id, content in self.content["jobs"].items()]

    @property
    def jobs(self) -> list[Job]:
        """Those that have steps."""
        return [job for job in self.all_jobs if not job.calls]

    @property
    def calls(self) -> list[Job]:
        """Those in whose place another file is run."""
        return [job for job in self.all_jobs if job.calls]

    @property
    def called_alone(self) -> bool:
        """Whether nothing on GitHub begins it but another of our files."""
        return self.events.keys() == {"workflow_call"}


def workflows() -> list[Workflow]:
    return [Workflow(path) for path in sorted((FOLDER / "workflows").iterdir())]


def actions() -> list[Path]:
    return sorted((FOLDER / "actions").glob("*/action.yml"))


def action_steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in actions():
        for step in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["runs"]["steps"]:
            yield path.parent.name, step


def allowed_on_devices() -> set[tuple[str, str, str]]:
    """File, event and kind of ref of every line that the hook's list allows."""
    lines = ALLOW.read_text(encoding="utf-8").splitlines()
    return {
        (file, event, kind) for _, file, event, kind in (line.split() for line in lines if line.startswith("allow "))
    }
