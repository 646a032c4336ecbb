"""What the workflows ask of a device is what a device's jobs may ask for: a new option in a workflow needs its line in runner/files/verb."""

import re
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

import pytest

from tests.needs import ROOT
from tests.workflows.files import workflows

ASKED = [
    (f"{workflow.name}:{job.id}", step["run"])
    for workflow in workflows()
    for job in workflow.jobs
    if "self-hosted" in job.content["runs-on"]
    for step in job.steps
    if str(step.get("run", "")).startswith("freqtrain ")
]


def known() -> dict[str, set[str]]:
    """Verb -> options."""
    loader = SourceFileLoader("verb", str(ROOT / "runner" / "files" / "verb"))
    spec = spec_from_loader("verb", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return {verb: set(options) for verb, (_, options) in {**module.VERBS, **module.CARRIER_VERBS}.items()}


@pytest.mark.parametrize(("job", "command"), ASKED, ids=[f"{job}-{number}" for number, (job, _) in enumerate(ASKED)])
def test_a_device_lets_its_jobs_ask_for_what_the_workflows_ask(job: str, command: str) -> None:
    verbs = known()
    verb = next(name for name in verbs if command.startswith(f"freqtrain {name} "))
    named = set(re.findall(r"(?<![\w-])--[a-z-]+", command)) | (
        {"--tag", "--automatic"} if '"$WHAT"' in command else set()
    )
    assert named <= verbs[verb], f"{job}: {command}"


def test_there_are_such_jobs() -> None:
    assert len(ASKED) > 5
