"""What every workflow file must hold to, whoever writes it."""

import re
import shlex
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner

from pipeline.cli.main import freqtrain
from tests.needs import ROOT
from tests.workflows.files import (
    ALL_DEVICES,
    EMERGENCIES,
    EMERGENCY,
    Job,
    Workflow,
    action_steps,
    allowed_on_devices,
    workflows,
)
from tests.workflows.table import BEGIN, END, table

EVENTS = {"pull_request", "push", "workflow_dispatch", "workflow_run", "workflow_call", "schedule"}
"""pull_request_target and issue_comment hand a stranger's words to a token that may write; nothing here needs them."""

ALL = pytest.mark.parametrize("workflow", workflows(), ids=lambda workflow: workflow.name)
JOBS = [(workflow, job) for workflow in workflows() for job in workflow.jobs]
EACH_JOB = pytest.mark.parametrize(("workflow", "job"), JOBS, ids=[f"{w.name}:{j.id}" for w, j in JOBS])
STEPS = [(f"{w.name}:{j.id}", step) for w, j in JOBS for step in j.steps] + list(action_steps())
EACH_STEP = pytest.mark.parametrize(
    ("where", "step"), STEPS, ids=[f"{place}:{n}" for n, (place, _) in enumerate(STEPS)]
)


@ALL
def test_only_events_that_bring_no_strangers_words_to_a_mighty_token(workflow: Workflow) -> None:
    assert workflow.events.keys() <= EVENTS


@ALL
def test_a_token_may_nothing_unless_a_job_names_it(workflow: Workflow) -> None:
    assert workflow.content["permissions"] == {}
    for job in workflow.all_jobs:
        assert set(job.permissions.values()) <= {"read", "write"}


def test_what_is_called_is_ours_and_begins_by_no_event_of_its_own_and_is_lent_what_its_jobs_need() -> None:
    calls = [(workflow, job) for workflow in workflows() for job in workflow.calls]
    assert {job.calls for _, job in calls} == {workflow.name for workflow in workflows() if workflow.called_alone}
    assert not any("workflow_call" in workflow.events for workflow in workflows() if not workflow.called_alone)
    for _, call in calls:
        assert "secrets" not in call.content
        needed = [job.permissions for job in named(call.calls).jobs]
        assert call.permissions == {what: may for one in needed for what, may in sorted(one.items())}


@ALL
def test_a_pull_request_sees_no_secret_and_writes_nothing(workflow: Workflow) -> None:
    if "pull_request" in workflow.events:
        assert "secrets." not in workflow.text
        assert all(set(job.permissions.values()) <= {"read"} for job in workflow.jobs)
        assert not any(job.environment for job in workflow.jobs)


@EACH_JOB
def test_a_pull_request_and_whatever_follows_one_runs_on_no_device(workflow: Workflow, job: Job) -> None:
    if workflow.events.keys() & {"pull_request", "workflow_run"}:
        assert not job.self_hosted


@EACH_JOB
def test_hosted_jobs_name_the_machine_and_not_whatever_is_newest(workflow: Workflow, job: Job) -> None:
    assert job.self_hosted or re.fullmatch(r"ubuntu-\d\d\.04(-arm)?", job.runs_on), f"{workflow.name}: {job.runs_on}"


@EACH_JOB
def test_every_job_ends_by_itself(workflow: Workflow, job: Job) -> None:
    assert 1 <= int(job.content["timeout-minutes"]) <= 120, workflow.name


@EACH_STEP
def test_what_others_made_is_pinned_by_commit_and_says_which_version_that_is(where: str, step: dict[str, Any]) -> None:
    uses = step.get("uses", "./")
    assert (
        uses.startswith("./.github/actions/") or uses == "./" or re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40}", uses)
    ), where


def test_one_action_has_one_pin_and_its_version_beside_it() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / ".github").rglob("*.yml")]
    pins = {pin for text in texts for pin in re.findall(r"\buses: (?!\./)(.*)", text)}
    assert all(re.fullmatch(r"\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+", pin) for pin in pins)
    assert len({pin.partition("@")[0] for pin in pins}) == len(pins)


@EACH_STEP
def test_no_value_of_a_stranger_is_ever_part_of_a_command(where: str, step: dict[str, Any]) -> None:
    assert "${{" not in step.get("run", ""), f"{where}: hand it over in env"
    assert "script" not in step.get("with", {}), where


@EACH_JOB
def test_one_line_a_step_and_the_logic_in_verbs(workflow: Workflow, job: Job) -> None:
    for step in job.steps:
        run = step.get("run", "").strip()
        assert "\n" not in run, f"{workflow.name}: {run}"
        assert not re.search(r"\b(if|for|while|case)\b|\|\||;", run), f"{workflow.name}: {run}"


@EACH_STEP
def test_a_checkout_leaves_no_token_behind_and_takes_what_the_event_names(where: str, step: dict[str, Any]) -> None:
    if step.get("uses", "").startswith("actions/checkout@"):
        given = step.get("with", {})
        assert given.get("persist-credentials") == "false", where
        assert not given.keys() & {"repository", "token", "ssh-key"}, where
        assert given.get("ref") == ("main" if where == "test.yml:deploy" else None), where


def test_a_merges_device_takes_what_main_has_by_then_so_that_a_late_job_brings_nothing_older_back() -> None:
    (deploy,) = [job for workflow, job in JOBS if (workflow.name, job.id) == ("test.yml", "deploy")]
    (checkout,) = [step["with"] for step in deploy.steps if "checkout" in step.get("uses", "")]
    assert (checkout["ref"], checkout["fetch-depth"]) == ("main", "0")
    (promote,) = [line for line in deploy.verbs if line.startswith("freqtrain promote")]
    assert "--commit refs/remotes/origin/main " in promote


@ALL
def test_only_what_deploys_nothing_may_be_cancelled(workflow: Workflow) -> None:
    for concurrency in (one.get("concurrency", {}) for one in (workflow.content, *workflow.content["jobs"].values())):
        assert set(concurrency) <= {"group", "cancel-in-progress"}
        if any(job.environment or job.self_hosted for job in workflow.jobs) or workflow.calls:
            assert concurrency.get("cancel-in-progress", "false") == "false"


LATEST_COUNTS = ("ask-device.yml", "comment.yml")
"""Each of them tells all that one before it in the queue would have told."""


@ALL
def test_where_every_run_counts_none_is_dropped_from_a_queue(workflow: Workflow) -> None:
    """Of a concurrency group GitHub keeps one run that waits, the latest."""
    for concurrency in (one.get("concurrency", {}) for one in (workflow.content, *workflow.content["jobs"].values())):
        if concurrency.get("cancel-in-progress", "true") == "false" and workflow.name not in LATEST_COUNTS:
            assert re.search(r"\$\{\{ github\.(run_id|sha) \}\}", concurrency["group"])


def test_a_check_is_made_for_main_alone_because_it_counts_wherever_the_commit_is_turned_to() -> None:
    main = yaml.safe_load((ROOT / ".github" / "freqtrain.yml").read_text(encoding="utf-8"))["main"]
    assert named("gate.yml").events == {"pull_request": {"branches": [main]}}
    for workflow in workflows():
        pushes = workflow.events.get("push", {})
        assert "tags" in pushes or pushes.get("branches", [main]) == [main], workflow.name


@EACH_JOB
def test_what_is_left_again_by_a_job_that_is_run_again_takes_the_place_of_what_was_left(
    workflow: Workflow, job: Job
) -> None:
    for step in job.steps:
        if "upload-artifact@" in step.get("uses", ""):
            assert step["with"]["overwrite"] == "true", workflow.name


@EACH_JOB
def test_what_each_machine_of_a_matrix_leaves_has_a_name_of_its_own(workflow: Workflow, job: Job) -> None:
    for step in job.steps:
        if "upload-artifact@" in step.get("uses", "") and "matrix" in job.content.get("strategy", {}):
            assert "${{ matrix." in step["with"]["name"], workflow.name


URGENT = ("stop.yml", "roll-back.yml")
BESIDE = ("ask-device.yml",)
"""Also on the emergencies' runner, where a deployment is not in its way; it must be over at once."""


def test_an_emergency_waits_for_no_approval_no_secret_and_no_other_job() -> None:
    emergencies = [workflow for workflow in workflows() if workflow.name in URGENT]
    assert len(emergencies) == 2
    for workflow, job in JOBS:
        there = workflow.name in URGENT + BESIDE and job.self_hosted
        assert ("emergency" in job.runs_on) == there, job.id
    for workflow in emergencies:
        assert workflow.events.keys() == {"workflow_dispatch"}
        assert workflow.jobs[0].runs_on == f"self-hosted, {EMERGENCY}"
        assert "needs" not in workflow.jobs[0].content
        assert not any(job.environment for job in workflow.jobs)
        assert "secrets." not in workflow.text
        assert "github.run_id" in workflow.content["concurrency"]["group"]


@pytest.mark.parametrize("strategy", ["--release", "--exit", "--plan"])
@pytest.mark.parametrize("verb", ["stop", "roll-back"])
def test_an_option_in_the_place_of_a_strategy_is_a_usage_error_and_takes_no_stop_back(verb: str, strategy: str) -> None:
    """Whoever fills in the form of an emergency writes the strategy's name, and a variable in quotes may still be an option."""
    done = CliRunner().invoke(freqtrain, [verb, "test", strategy, "--reason", "x"])
    assert done.exit_code == 2


def test_who_may_set_variables_chooses_none_but_a_runner_of_the_emergencies() -> None:
    for workflow, job in JOBS:
        if "${{" in job.runs_on:
            assert job.content["runs-on"][0] == "self-hosted", workflow.name
            assert job.content["runs-on"][1:] in ([EMERGENCY], [EMERGENCIES]), workflow.name
            if job.runs_on == f"self-hosted, {EMERGENCIES}":
                (call,) = [call for one in workflows() for call in one.calls if call.calls == workflow.name]
                assert call.content["strategy"]["matrix"] == {"environment": ALL_DEVICES}
                assert call.content["with"] == {"environment": "${{ matrix.environment }}"}


def test_where_there_are_several_devices_each_environment_that_can_be_stopped_is_asked() -> None:
    choices = [named(name).events["workflow_dispatch"]["inputs"]["environment"]["options"] for name in URGENT]
    asked = re.findall(r'"(\w+)"', ALL_DEVICES)
    assert choices == [asked] * len(URGENT)
    assert asked == sorted({job.environment for _, job in JOBS if job.environment}, key=asked.index)


def test_what_else_the_emergencies_runner_does_is_short_and_is_handed_no_token() -> None:
    others = [(workflow, job) for workflow, job in JOBS if workflow.name in BESIDE and job.self_hosted]
    assert len(others) == len(BESIDE)
    for workflow, job in others:
        assert int(job.content["timeout-minutes"]) <= 5
        assert job.permissions == {}
        assert not any("checkout" in step.get("uses", "") for step in job.steps)
        assert "secrets." not in workflow.text
        assert "env" not in job.content


def test_of_several_devices_none_waits_for_another() -> None:
    """A job that needs one of a matrix waits for all of it, and a group of runs for the slowest job in the run before."""
    for workflow in workflows():
        waited_for = {need for job in workflow.all_jobs for need in needs(job)}
        for job in workflow.all_jobs:
            asks_devices = job.self_hosted if not job.calls else any(one.self_hosted for one in named(job.calls).jobs)
            if asks_devices and "matrix" in job.content.get("strategy", {}):
                assert job.id not in waited_for, workflow.name
                assert job.content["strategy"]["fail-fast"] == "false"
                assert "github.run_id" in workflow.content["concurrency"]["group"]
                assert "concurrency" not in job.content
    for job in named("ask-device.yml").jobs:
        assert "inputs.environment" in job.content["concurrency"]["group"]
        for step in job.steps:
            artifact = "artifact@" in step.get("uses", "") and step["with"]
            assert not artifact or "inputs.environment" in artifact.get("name", artifact.get("pattern")), job.id


def needs(job: Job) -> list[str]:
    """The jobs that it waits for."""
    named = job.content.get("needs", [])
    return [named] if isinstance(named, str) else list(named)


def test_no_job_on_a_device_is_handed_a_token_that_may_write() -> None:
    for workflow, job in JOBS:
        if job.self_hosted:
            assert "write" not in job.permissions.values(), workflow.name


def test_the_hooks_list_allows_exactly_the_files_that_run_on_a_device() -> None:
    needed = set()
    for workflow in workflows():
        jobs = [*workflow.jobs, *(job for call in workflow.calls for job in named(call.calls).jobs)]
        if any(job.self_hosted for job in jobs) and not workflow.called_alone:
            for event, more in workflow.events.items():
                kind = "tag" if isinstance(more, dict) and more.get("tags") else "main"
                needed.add((f".github/workflows/{workflow.name}", event, kind))
    assert allowed_on_devices() == needed


def test_the_check_that_main_requires_waits_for_all_and_is_never_skipped() -> None:
    (gate,) = [workflow for workflow in workflows() if workflow.name == "gate.yml"]
    last = next(job for job in gate.jobs if job.id == "gate")
    assert last.content["if"] == "always()"
    assert set(last.content["needs"]) == {job.id for job in gate.jobs} - {"gate"}
    assert "name" not in last.content or last.content["name"] == "gate"
    (verb,) = last.verbs
    (handed,) = [step["env"] for step in last.steps if step.get("run") == verb]
    assert {"--join", "--plan-ended", "--shards-ended"} <= set(verb.split())
    assert handed == {"PLAN_ENDED": "${{ needs.plan.result }}", "SHARDS_ENDED": "${{ needs.judge.result }}"}


def test_what_may_write_after_a_strangers_code_ran_has_mains_files_and_no_strangers_word() -> None:
    after = [workflow for workflow in workflows() if "workflow_run" in workflow.events]
    assert [workflow.name for workflow in after] == ["comment.yml"]
    for workflow in after:
        assert set(re.findall(r"workflow_run\.(\w+)", workflow.text)) <= {
            *("id", "head_sha", "event", "path", "head_repository")
        }
        assert set(re.findall(r"head_repository\.(\w+)", workflow.text)) <= {"id"}
        assert "download-artifact" not in workflow.text
        assert "secrets." not in workflow.text
        for job in workflow.jobs:
            assert {what for what, may in job.permissions.items() if may == "write"} == {"pull-requests"}
            assert not any("cache" in step.get("uses", "") for step in job.steps)


def named(name: str) -> Workflow:
    (found,) = [workflow for workflow in workflows() if workflow.name == name]
    return found


def test_a_tag_begins_one_run_whether_it_was_pushed_or_came_with_a_release() -> None:
    assert named("sandbox.yml").events == {"push": {"tags": ["v*"]}}
    assert not any(workflow.events.keys() & {"release", "create", "registry_package"} for workflow in workflows())
    assert [workflow.name for workflow in workflows() if "tags" in workflow.events.get("push", {})] == ["sandbox.yml"]


def test_a_tags_message_says_who_boards_anyway_and_the_checkout_is_one_that_keeps_it() -> None:
    """Before 6.0.2 it put a plain tag in the place of the one that it was started for, and `Board:` lines were lost."""
    for name in ("sandbox.yml", "prod.yml"):
        (version,) = set(re.findall(r"actions/checkout@\w+ # v(\d+)\.(\d+)\.(\d+)", named(name).text))
        assert tuple(map(int, version)) >= (6, 0, 2)
        for job in (job for job in named(name).jobs if job.self_hosted):
            (checkout,) = [step["with"] for step in job.steps if "checkout" in step.get("uses", "")]
            assert checkout["fetch-depth"] == "0"


def test_deployments_wait_for_each_other_on_the_device_and_no_run_takes_anothers_place() -> None:
    """GitHub keeps one waiting run of a concurrency group, and drops the others."""
    for workflow in (named("sandbox.yml"), named("prod.yml")):
        assert "github.run_id" in workflow.content["concurrency"]["group"]
        for line in (line for job in workflow.jobs for line in job.verbs if line.startswith("freqtrain promote")):
            assert " --wait " in line


def test_prod_is_asked_for_without_a_key_before_the_job_that_has_them() -> None:
    jobs = {job.id: job for job in named("prod.yml").jobs}
    assert (jobs["ask"].environment, jobs["deploy"].environment, jobs["deploy"].content["needs"]) == ("", "prod", "ask")
    assert "--ask" in " ".join(jobs["ask"].verbs)
    assert "--github-approval" in " ".join(jobs["deploy"].verbs)
    assert jobs["deploy"].permissions == {"actions": "read", "contents": "read"}


def test_runners_that_deploy_are_no_runners_for_emergencies() -> None:
    for workflow, job in JOBS:
        if job.self_hosted and job.environment:
            assert job.runs_on == f"self-hosted, freqtrain-{job.environment}", workflow.name


def test_a_deployment_waits_for_the_device_of_its_environment_and_for_no_other() -> None:
    deploying = {
        workflow.name: {job.environment for job in workflow.jobs if job.environment} for workflow in workflows()
    }
    assert {name for name, environments in deploying.items() if environments} == {"test.yml", "sandbox.yml", "prod.yml"}
    for workflow in (named(name) for name, environments in deploying.items() if environments):
        (environment,) = deploying[workflow.name]
        asked = {job.runs_on for job in workflow.all_jobs if job.calls or job.self_hosted}
        assert asked == {f"self-hosted, freqtrain-{environment}"}


def test_what_became_of_a_deployment_is_told_of_the_job_that_had_it() -> None:
    for name in ("test.yml", "sandbox.yml", "prod.yml"):
        jobs = {job.id: job for job in named(name).jobs}
        (line,) = [line for line in jobs["tell"].verbs if line.startswith("freqtrain github tell")]
        (handed,) = [step["env"] for step in jobs["tell"].steps if step.get("run") == line]
        job = "deploy" if name != "prod.yml" else "${{ needs.ask.outputs.moves == 'true' && 'deploy' || 'ask' }}"
        assert f"--job {job} " in line.replace('"$JOB"', handed.get("JOB", ""))
        waits = [line for line in jobs["wait"].verbs if line.startswith("freqtrain github wait")]
        assert {found for line in waits for found in re.findall(r"--job (\S+)", line)} == set(jobs) & {"ask", "deploy"}
        assert all(jobs[id].content["name"] == id for id in {"ask", "deploy"} & set(jobs)), "GitHub knows jobs by these"


def commands() -> list[str]:
    lines = [line for _, job in JOBS for line in job.verbs]
    lines += [line for _, step in action_steps() for line in step.get("run", "").splitlines()]
    return sorted({line for line in lines if line.startswith("freqtrain ")})


@pytest.mark.parametrize("line", commands())
def test_workflows_call_verbs_and_options_that_there_are(line: str) -> None:
    words = shlex.split(line)[1:]
    command: click.Command = freqtrain
    context = click.Context(freqtrain)
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None, line
        command = found
    known = {option for parameter in command.params for option in parameter.opts + parameter.secondary_opts}
    assert {word for word in words if word.startswith("-")} <= known


def test_the_page_lists_every_job(request: pytest.FixtureRequest) -> None:
    page = ROOT / "docs" / "github.md"
    before, begin, rest = page.read_text(encoding="utf-8").partition(f"{BEGIN}\n")
    _, end, after = rest.partition(END)
    assert begin, "the marker where the table begins is gone"
    assert end, "the marker where the table ends is gone"
    whole = f"{before}{begin}{table()}{end}{after}"
    if request.config.getoption("--update-golden"):
        page.write_text(whole, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == whole, "rewrite it with --update-golden"
