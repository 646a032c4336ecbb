"""Where a bundle must come from."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.domain.github import WorkflowJob, WorkflowRun
from pipeline.domain.provenance import (
    Origin,
    archive_name,
    cut_objection,
    is_commit,
    manifest_name,
    manifest_named,
    run_objections,
    tag_of,
)

COMMIT = "a" * 40
DIGEST = "sha256:" + "1" * 64
ORIGIN = Origin("o/r", COMMIT, "main")
RUN = WorkflowRun(
    id=1,
    attempt=1,
    workflow=".github/workflows/test.yml",
    event="push",
    sha=COMMIT,
    branch="main",
    head_repository="O/R",
    status="in_progress",
    conclusion="",
    url="https://example.org/1",
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)
CUT = WorkflowJob(1, "cut", "completed", "success", (), "", "")


def test_the_run_of_the_push_has_nothing_against_it_while_it_goes_on() -> None:
    assert run_objections(RUN, ORIGIN) == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"workflow": ".github/workflows/sub/test.yml"}, "its workflow is '.github/workflows/sub/test.yml', not "),
        ({"event": "pull_request"}, "its event is 'pull_request', not 'push'"),
        ({"sha": "b" * 40}, "its commit is "),
        ({"branch": "idea"}, "its branch is 'idea', not 'main'"),
        ({"head_repository": "fork/r"}, "its repository is 'fork/r', not 'o/r'"),
        ({"head_repository": ""}, "its repository is '', not 'o/r'"),
    ],
)
def test_another_run_is_told_by_what_differs(changes: dict[str, Any], said: str) -> None:
    (words,) = run_objections(replace(RUN, **changes), ORIGIN)
    assert words.startswith(said)


def test_only_the_one_job_cut_that_succeeded_counts() -> None:
    assert cut_objection([CUT, replace(CUT, name="deploy", conclusion="failure")]) == ""
    assert cut_objection([replace(CUT, name="cut / cut")]) == "has no job cut"
    assert cut_objection([CUT, CUT]) == "has 2 jobs called cut"
    assert cut_objection([replace(CUT, conclusion="skipped")]) == "its job cut ended with skipped"
    assert cut_objection([replace(CUT, status="queued", conclusion="")]) == "its job cut has not ended"


def test_only_a_manifests_own_name_names_a_manifest() -> None:
    assert manifest_named(manifest_name(DIGEST)) == DIGEST
    for name in (archive_name(DIGEST), f"x{manifest_name(DIGEST)}", f"manifest-{'1' * 64}.tar", "manifest-1.json", ""):
        assert manifest_named(name) == ""


def test_the_release_of_a_commit_is_no_release_tag_and_a_commit_is_named_whole() -> None:
    assert tag_of(COMMIT) == f"bundles-{COMMIT}"
    assert is_commit(COMMIT)
    assert is_commit("0" * 64)
    assert not any(is_commit(text) for text in ("main", COMMIT[1:], COMMIT.upper(), f"{COMMIT}\n", ""))
