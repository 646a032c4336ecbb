"""What GitHub's environments inject reaches the verbs that need it, by the names that the environments' files give, and nothing else."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.needs import ROOT
from tests.workflows.files import Job, Workflow, workflows

JOBS = [(workflow, job) for workflow in workflows() for job in workflow.jobs]
DEPLOYS = [(workflow, job) for workflow, job in JOBS if job.environment]
ASKS_GITHUB = re.compile(r"freqtrain (bundle (publish|fetch)|github) |--github-approval|docker login ghcr\.io ")

IMAGE = "${{ vars.FREQTRAIN_IMAGE }}"
"""A variable of the repository, not of an environment: the image to which bundles are bound."""


def leaves(value: Any) -> Iterator[str]:
    """All texts of a file."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from leaves(one)
    else:
        yield value


def asked_for(environment: str) -> tuple[set[str], set[str]]:
    """The names of variables and of secrets in an environment's file."""
    text = (ROOT / "environments" / f"{environment}.yml").read_text(encoding="utf-8")
    content = yaml.load(text, Loader=yaml.BaseLoader)
    keys = [one[name] for one in content.get("own_keys", []) for name in one if name.startswith("access_")]
    filled = {found[1] for leaf in leaves(content) if (found := re.fullmatch(r"\$\{(\w+)\}", leaf))}
    return {*content.get("variables", {}).values(), *filled}, {*content.get("secrets", {}).values(), *keys}


def injected(step: dict[str, Any], kind: str) -> dict[str, str]:
    """Name -> what it is filled with, of those that come out of `vars` or `secrets`."""
    return {name: value for name, value in step.get("env", {}).items() if f"{kind}." in value}


def test_test_is_deployed_to_by_a_workflow() -> None:
    assert ("test.yml", "test") in [(workflow.name, job.environment) for workflow, job in DEPLOYS]


@pytest.mark.parametrize(("workflow", "job"), DEPLOYS, ids=[f"{w.name}:{j.id}" for w, j in DEPLOYS])
def test_a_deployment_is_handed_all_names_that_its_environments_file_gives_and_only_the_verb_that_deploys_is(
    workflow: Workflow, job: Job
) -> None:
    assert workflow.name == f"{job.environment}.yml"
    variables, secrets = asked_for(job.environment)
    assert len(variables) > 1
    assert len(secrets) > 1
    for step in job.steps:
        deploys = step.get("run", "").startswith(f"freqtrain promote {job.environment} ")
        for kind, names in (("vars", variables), ("secrets", secrets)):
            wanted = {name: f"${{{{ {kind}.{name} }}}}" for name in names} if deploys else {}
            assert injected(step, kind) == wanted, step


@pytest.mark.parametrize(("workflow", "job"), JOBS, ids=[f"{w.name}:{j.id}" for w, j in JOBS])
def test_a_job_that_names_no_environment_sees_nothing_of_one(workflow: Workflow, job: Job) -> None:
    whole = {**workflow.content.get("env", {}), **job.content.get("env", {})}
    assert not any(re.search(r"\b(vars|secrets)\.", value) for value in whole.values())
    if not job.environment:
        assert not any(
            re.search(r"\b(vars|secrets)\.", text.replace(IMAGE, "")) for step in job.steps for text in leaves(step)
        )


@pytest.mark.parametrize(("workflow", "job"), JOBS, ids=[f"{w.name}:{j.id}" for w, j in JOBS])
def test_the_token_is_handed_to_the_verbs_that_ask_github_and_to_no_other(workflow: Workflow, job: Job) -> None:
    for step in job.steps:
        if "run" in step:
            handed = step.get("env", {}).get("GITHUB_TOKEN")
            assert handed == ("${{ github.token }}" if ASKS_GITHUB.search(step["run"]) else None), step["run"]
