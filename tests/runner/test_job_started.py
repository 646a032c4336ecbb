"""The hook that a device's runner asks before every job: real clones, and workflows that strangers brought."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import needs
from tests.adapters.test_git import git

pytestmark = pytest.mark.processes

HOOKS = needs.ROOT / "runner" / "hooks"
REPOSITORY = "trader/strategies"
TEST, SANDBOX, PROD = (f".github/workflows/{name}.yml" for name in ("test", "sandbox", "prod"))
EVIL = ".github/workflows/evil.yml"
MAIN = "refs/heads/main"


@dataclass(frozen=True)
class Device:
    """GitHub's repository, a clone in which somebody works, and the device with its own clone and its hook."""

    work: Path
    clone: Path
    hooks: Path

    def commit(self, *files: str) -> str:
        for file in files or ("README.md",):
            path = self.work / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(path.read_text() + "x\n" if path.exists() else "x\n")
        git(self.work, "add", "-A")
        git(self.work, "commit", "-q", "-m", "change")
        return git(self.work, "rev-parse", "HEAD").strip()

    def push(self, *refs: str) -> None:
        git(self.work, "push", "-q", "--force", "origin", *refs)

    def begin(self, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """As GitHub's runner calls it."""
        hook = self.hooks / "job-started.sh"
        return subprocess.run(
            ["bash", "-e", str(hook)],
            env={"PATH": os.environ["PATH"], "HOME": str(self.work), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def refuses(self, environment: Mapping[str, str]) -> str:
        """What it says on refusing; one annotation, and nothing that could be another command."""
        done = self.begin(environment)
        assert done.returncode == 1, done.stdout
        (line,) = done.stdout.splitlines()
        assert line.startswith("::error title=freqtrain: this device refuses the job::")
        assert "::" not in line.removeprefix("::error title=freqtrain: this device refuses the job::")
        return line

    def allows(self, environment: Mapping[str, str]) -> bool:
        done = self.begin(environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return "this device runs the job" in done.stdout


def told(sha: str, *, file: str = TEST, event: str = "push", ref: str = MAIN, **other: str) -> dict[str, str]:
    """What the runner tells a hook about a job."""
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_EVENT_NAME": event,
        "GITHUB_REF": ref,
        "GITHUB_SHA": sha,
        "GITHUB_WORKFLOW_REF": f"{REPOSITORY}/{file}@{ref}",
        "GITHUB_WORKFLOW_SHA": sha,
        **other,
    }


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return installed(tmp_path)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Device:
    """A device that no test changes."""
    return installed(tmp_path_factory.mktemp("still"))


def installed(tmp_path: Path) -> Device:
    hub, work, clone, hooks = (tmp_path / name for name in ("hub.git", "work", "clone", "hooks"))
    for folder in (hub, work):
        folder.mkdir()
    git(hub, "init", "-q", "--bare", "-b", "main")
    git(work, "init", "-q", "-b", "main")
    git(work, "remote", "add", "origin", str(hub))
    made = Device(work, clone, hooks)
    made.commit(TEST, SANDBOX, PROD, "README.md")
    made.push("main")
    git(tmp_path, "clone", "-q", str(hub), str(clone))
    hooks.mkdir(mode=0o755)
    shutil.copy(HOOKS / "job-started.sh", hooks)
    allow = [f"allow {TEST} push main", f"allow {SANDBOX} push tag", f"allow {PROD} workflow_dispatch main"]
    (hooks / "job-started.allow").write_text(
        "\n".join(["# ours", "", f"repository {REPOSITORY}", f"clone {clone}", *allow])
    )
    (hooks / "job-started.allow").chmod(0o644)
    return made


def head(device: Device) -> str:
    return git(device.work, "rev-parse", "HEAD").strip()


def test_an_allowed_workflow_at_mains_head_may_run(device: Device) -> None:
    assert device.allows(told(head(device)))
    assert device.allows(told(head(device), file=PROD, event="workflow_dispatch"))


def test_a_merge_that_the_clone_has_not_seen_yet_is_fetched(device: Device) -> None:
    first, second = device.commit(), device.commit()
    device.push("main")
    assert device.allows(told(second))
    assert device.allows(told(first)), "a quick merge before it"


def test_what_the_clone_knows_needs_no_network(device: Device) -> None:
    git(device.clone, "remote", "set-url", "origin", str(device.work / "gone"))
    assert device.allows(told(head(device)))
    assert "could not be fetched" in device.refuses(told("a" * 40))


def test_an_annotated_and_a_plain_tag_on_main_may_run(device: Device) -> None:
    git(device.work, "tag", "-a", "-m", "release", "v1.4")
    git(device.work, "tag", "v1.5-rc_1")
    device.push("v1.4", "v1.5-rc_1")
    for tag in ("v1.4", "v1.5-rc_1"):
        assert device.allows(told(head(device), file=SANDBOX, ref=f"refs/tags/{tag}"))


def test_a_branch_that_brings_the_workflow_itself_is_refused(device: Device) -> None:
    git(device.work, "checkout", "-q", "-b", "evil")
    sha = device.commit(TEST)
    device.push("evil")
    assert "neither main nor a tag" in device.refuses(told(sha, ref="refs/heads/evil"))
    assert "not on main" in device.refuses(told(sha)), "however it calls itself"
    assert "the workflow's commit" in device.refuses(told(head_of_main(device), GITHUB_WORKFLOW_SHA=sha))
    assert f"the commit {sha} is not on main" in device.refuses(told(sha, GITHUB_WORKFLOW_SHA=head_of_main(device)))


def head_of_main(device: Device) -> str:
    return git(device.work, "rev-parse", "main").strip()


@pytest.mark.parametrize("ref", ["refs/pull/1/merge", "refs/pull/1/head"])
def test_a_pull_request_is_refused_whatever_its_branch_is_called(still: Device, ref: str) -> None:
    assert "neither main nor a tag" in still.refuses(told(head(still), event="pull_request", ref=ref))
    mixed = told(head(still), event="pull_request", GITHUB_WORKFLOW_REF=f"{REPOSITORY}/{TEST}@{ref}")
    assert "not allowed here" in still.refuses(mixed)


@pytest.mark.parametrize(
    "event", ["pull_request_target", "issue_comment", "workflow_run", "schedule", "release", "Push"]
)
def test_an_event_that_is_not_named_is_refused_though_it_runs_on_main(still: Device, event: str) -> None:
    assert f"on '{event}'" in still.refuses(told(head(still), event=event))


def test_a_forks_workflow_is_refused(still: Device) -> None:
    fork = told(head(still), GITHUB_REPOSITORY="stranger/strategies")
    assert "the repository is 'stranger/strategies'" in still.refuses(fork)
    foreign = told(head(still), GITHUB_WORKFLOW_REF=f"stranger/strategies/{TEST}@{MAIN}")
    assert "not allowed here" in still.refuses(foreign)


def test_a_file_that_is_not_allowed_is_refused_though_it_is_on_main(device: Device) -> None:
    sha = device.commit(EVIL)
    device.push("main")
    assert "evil.yml" in device.refuses(told(sha, file=EVIL))


def test_an_allowed_file_is_refused_on_the_others_events_and_refs(device: Device) -> None:
    git(device.work, "tag", "v1")
    device.push("v1")
    sha = head(device)
    assert "not allowed here" in device.refuses(told(sha, ref="refs/tags/v1"))
    assert "not allowed here" in device.refuses(told(sha, file=SANDBOX))
    assert "not allowed here" in device.refuses(told(sha, event="workflow_dispatch"))


def test_an_allowed_file_that_main_does_not_have_there_is_refused(device: Device) -> None:
    git(device.work, "rm", "-q", TEST)
    sha = device.commit()
    device.push("main")
    assert f"no file {TEST}" in device.refuses(told(sha))


def test_a_tag_off_main_is_refused(device: Device) -> None:
    git(device.work, "checkout", "-q", "-b", "aside")
    sha = device.commit(SANDBOX)
    git(device.work, "tag", "v6")
    device.push("v6")
    assert "not on main" in device.refuses(told(sha, file=SANDBOX, ref="refs/tags/v6"))


def test_a_tag_that_moved_is_dead_though_both_places_are_on_main(device: Device) -> None:
    first = head(device)
    git(device.work, "tag", "v2")
    device.push("v2")
    assert device.allows(told(first, file=SANDBOX, ref="refs/tags/v2"))
    second = device.commit()
    git(device.work, "tag", "-f", "v2")
    device.push("main", "v2")
    assert f"has moved: this device saw it at {first}" in device.refuses(told(second, file=SANDBOX, ref="refs/tags/v2"))


def test_a_tag_that_names_another_commit_than_the_job_is_refused(device: Device) -> None:
    first = head(device)
    device.commit()
    git(device.work, "tag", "v3")
    device.push("main", "v3")
    assert "has moved" in device.refuses(told(first, file=SANDBOX, ref="refs/tags/v3"))


def test_a_tag_that_is_gone_is_refused(device: Device) -> None:
    assert "could not be fetched" in device.refuses(told(head(device), file=SANDBOX, ref="refs/tags/v9"))


def test_a_branch_that_is_called_like_a_tag_is_none(device: Device) -> None:
    git(device.work, "branch", "v4")
    device.push("v4")
    assert "neither main nor a tag" in device.refuses(told(head(device), file=SANDBOX, ref="refs/heads/v4"))
    assert "could not be fetched" in device.refuses(told(head(device), file=SANDBOX, ref="refs/tags/v4"))


@pytest.mark.parametrize(
    "ref",
    [
        "refs/heads/main\nrefs/heads/main",
        "refs/heads/main ",
        "refs/heads/main/../evil",
        "refs/heads/Main",
        "main",
        "refs/tags/v1\n::error::x",
        "refs/tags/v1/../../heads/evil",
        "refs/tags/v..",
        "refs/tags/v1;touch x",
        "refs/tags/v$(touch x)",
        "refs/tags/v1:refs/heads/main",
        "refs/tags/--upload-pack=x",
        "refs/tags/x1",
        "*",
    ],
)
def test_a_ref_that_plays_tricks_is_refused(still: Device, ref: str) -> None:
    assert "neither main nor a tag" in still.refuses(told(head(still), file=SANDBOX, ref=ref))


@pytest.mark.parametrize(
    "workflow",
    [
        f"{REPOSITORY}/.github/workflows/../workflows/test.yml@{MAIN}",
        f"{REPOSITORY}/./{TEST}@{MAIN}",
        f"{REPOSITORY}/{TEST}@{MAIN}\n",
        f"{REPOSITORY}/{TEST}@{MAIN}\n{REPOSITORY}/{TEST}@{MAIN}",
        f"{REPOSITORY}/{EVIL}\n{REPOSITORY}/{TEST}@{MAIN}",
        f"{REPOSITORY}/{TEST}@refs/heads/evil@{MAIN}",
        f"{REPOSITORY}/{TEST}",
        f"{TEST}@{MAIN}",
        f"{REPOSITORY}/*@{MAIN}",
        f"{REPOSITORY}//{TEST}@{MAIN}",
        f"{REPOSITORY.upper()}/{TEST}@{MAIN}",
        "##[add-path]/tmp",
        "$(touch /tmp/owned)",
    ],
)
def test_a_workflow_that_plays_tricks_is_refused(still: Device, workflow: str) -> None:
    assert "not allowed here" in still.refuses(told(head(still), GITHUB_WORKFLOW_REF=workflow))


@pytest.mark.parametrize("sha", ["HEAD", "main", "a" * 39, "A" * 40, "a" * 40 + "\n", "--help" + "a" * 34, "a" * 41])
@pytest.mark.parametrize("name", ["GITHUB_SHA", "GITHUB_WORKFLOW_SHA"])
def test_a_commit_that_is_no_full_name_is_refused(still: Device, name: str, sha: str) -> None:
    assert f"{name} is" in still.refuses({**told(head(still)), name: sha})


@pytest.mark.parametrize("name", sorted(set(told("")) - {"GITHUB_ACTIONS"}))
@pytest.mark.parametrize("empty", [True, False])
def test_a_missing_variable_is_refused(still: Device, name: str, empty: bool) -> None:
    without = {key: value for key, value in told(head(still)).items() if key != name}
    assert f"{name} is missing" in still.refuses({**without, name: ""} if empty else without)


def test_without_a_clone_every_job_is_refused(device: Device) -> None:
    shutil.rmtree(device.clone)
    assert "there is no clone" in device.refuses(told(head(device)))
    device.clone.mkdir()
    assert "there is no clone" in device.refuses(told(head(device)))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "names no repository"),
        (f"repository {REPOSITORY}\n", "names no clone"),
        (f"repository {REPOSITORY}\nrepository other/one\n", "names two repositories"),
        (f"repository {REPOSITORY}\nclone CLONE\n", "not allowed here"),
        (f"repository {REPOSITORY}\nclone CLONE\npermit {TEST}\n", "a line that begins with 'permit'"),
        (f"repository {REPOSITORY}\nclone CLONE\nallow {TEST} push\n", "a line of the allow-list is not"),
        (f"repository {REPOSITORY}\nclone CLONE\nallow {TEST} push main or else\n", "a line of the allow-list is not"),
        (f"repository {REPOSITORY}\nclone CLONE\nallow ../{TEST} push main\n", "a line of the allow-list is not"),
        (f"repository {REPOSITORY}\nclone CLONE\nallow {TEST} push branch\n", "a line of the allow-list is not"),
        (f"repository other/one\nclone CLONE\nallow {TEST} push main\n", "the repository is"),
    ],
)
def test_an_allow_list_that_is_not_whole_refuses_every_job(device: Device, text: str, complaint: str) -> None:
    (device.hooks / "job-started.allow").write_text(text.replace("CLONE", str(device.clone)))
    assert complaint in device.refuses(told(head(device)))


def test_an_allow_list_that_others_could_have_written_is_refused(device: Device) -> None:
    allow = device.hooks / "job-started.allow"
    allow.chmod(0o664)
    assert "can be written to by others" in device.refuses(told(head(device)))
    allow.chmod(0o644)
    device.hooks.chmod(0o777)
    assert "can be written to by others" in device.refuses(told(head(device)))
    device.hooks.chmod(0o755)
    allow.rename(device.hooks / "elsewhere")
    assert "is missing" in device.refuses(told(head(device)))
    allow.symlink_to(device.hooks / "elsewhere")
    assert "is a link" in device.refuses(told(head(device)))


def test_the_list_as_it_is_shipped_refuses_every_job(device: Device) -> None:
    shutil.copy(HOOKS / "job-started.allow", device.hooks)
    (device.hooks / "job-started.allow").chmod(0o644)
    assert "the repository is" in device.refuses(told(head(device)))


def test_gits_own_environment_does_not_lead_it_astray(device: Device, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(device.work, other)
    (other / EVIL).write_text("x")
    git(other, "commit", "-q", "--allow-empty", "-m", "evil")
    sha = git(other, "rev-parse", "HEAD").strip()
    git(other, "update-ref", "refs/remotes/origin/main", sha)
    astray = {"GIT_DIR": str(other / ".git"), "GIT_WORK_TREE": str(other)}
    assert "not on main" in device.refuses({**told(sha), **astray})


def test_a_history_that_was_replaced_in_the_clone_is_not_believed(device: Device) -> None:
    commit = ("commit-tree", "HEAD^{tree}", "-m", "evil")
    evil = git(device.clone, *commit).strip()
    after = git(device.clone, *commit, "-p", evil).strip()
    git(device.clone, "replace", head(device), after)
    assert "not on main" in device.refuses(told(evil))


def test_the_clones_own_hooks_are_not_run(device: Device, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    hook = device.clone / ".git" / "hooks" / "reference-transaction"
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    sha = device.commit()
    device.push("main")
    assert device.allows(told(sha))
    assert not ran.exists()


def test_shellcheck_finds_nothing_in_any_script() -> None:
    scripts = [
        *HOOKS.glob("*.sh"),
        *(needs.ROOT / "tests" / "tools").glob("*.sh"),
        needs.ROOT / ".ci" / "run",
        needs.ROOT / "runner" / "build-image",
    ]
    done = subprocess.run(
        [needs.program("shellcheck"), *map(str, scripts)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


MALICIOUS = """name: sandbox
on:
  push:
    tags: [v*]
    branches: ["**"]
  workflow_dispatch:
jobs:
  deploy:
    runs-on: [self-hosted, freqtrain-sandbox]
    environment: sandbox
    steps:
      - run: cat "$FREQTRAIN_HOME"/*/bots/*/secret.json
"""


@pytest.fixture
def provisioned(device: Device) -> Device:
    """A device with the list as it is shipped, its first two lines filled in."""
    shipped = (HOOKS / "job-started.allow").read_text()
    filled = shipped.replace("repository OWNER/NAME", f"repository {REPOSITORY}").replace("/nowhere", str(device.clone))
    (device.hooks / "job-started.allow").write_text(filled)
    return device


def test_the_shipped_list_lets_tags_in_for_sandbox_and_hands_for_prod_and_nothing_the_other_way_round(
    provisioned: Device,
) -> None:
    git(provisioned.work, "tag", "-a", "-m", "release", "v1.0")
    provisioned.push("v1.0")
    sha, tag = head(provisioned), "refs/tags/v1.0"
    assert provisioned.allows(told(sha, file=SANDBOX, ref=tag))
    assert provisioned.allows(told(sha, file=PROD, event="workflow_dispatch"))
    for other in (
        told(sha, file=SANDBOX),
        told(sha, file=SANDBOX, event="release", ref=tag),
        told(sha, file=SANDBOX, event="workflow_dispatch", ref=tag),
        told(sha, file=PROD, ref=tag),
        told(sha, file=PROD, event="workflow_dispatch", ref=tag),
        told(sha, file=PROD),
    ):
        assert "not allowed here" in provisioned.refuses(other)


def test_a_malicious_workflow_is_refused_wherever_its_author_may_push(provisioned: Device) -> None:
    """Under a name of its own, under an allowed one, on a branch, and at tags on and off main."""
    git(provisioned.work, "checkout", "-q", "-b", "feature")
    for file in (SANDBOX, EVIL):
        (provisioned.work / file).write_text(MALICIOUS)
    sha = provisioned.commit()
    git(provisioned.work, "tag", "v9")
    provisioned.push("feature", "v9")
    branch, tag = "refs/heads/feature", "refs/tags/v9"
    assert "neither main nor a tag" in provisioned.refuses(told(sha, file=SANDBOX, ref=branch))
    assert "neither main nor a tag" in provisioned.refuses(told(sha, file=EVIL, ref="refs/pull/7/merge"))
    assert "is not on main" in provisioned.refuses(told(sha, file=SANDBOX, ref=tag))
    assert "not allowed here" in provisioned.refuses(told(sha, file=EVIL, ref=tag))
    assert "the workflow's commit" in provisioned.refuses(
        told(head_of_main(provisioned), file=SANDBOX, ref=tag, GITHUB_WORKFLOW_SHA=sha)
    )
    git(provisioned.work, "tag", "v9.1", "main")
    provisioned.push("v9.1")
    on_main = told(head_of_main(provisioned), file=SANDBOX, ref="refs/tags/v9.1")
    assert provisioned.allows(on_main)
    assert "has moved" in provisioned.refuses({**on_main, **told(head_of_main(provisioned), file=SANDBOX, ref=tag)})
