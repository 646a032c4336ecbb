"""Tell GitHub how a deployment ended: under the commit, on its page of deployments, in the tag's release notes, by an issue where it was undone."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.domain.github import CommitStatus, WorkflowJob
from pipeline.domain.promotion_account import Deploy, Ended, PromotionAccount, page_of, status_of, unbelieved
from pipeline.domain.waiting_job import job_of, untaken_sentence
from pipeline.errors import FreqtrainError, Refused
from pipeline.flows.github_wait import context_of
from pipeline.ports import CommitStatuses, DeploymentPages, Issues, ReleasePages, TagPages, WorkflowRuns
from pipeline.render.github_promotion import issue_markdown, issue_title, section_markdown, section_run, sentence

LABEL = "rolled-back"
MOST_ISSUES = 20
"""Of one run; the log and the release notes have the others."""


@dataclass(frozen=True, slots=True)
class Ground:
    """GitHub, and how what the device left is read; `read` raises Refused where it is not to be believed."""

    pages: DeploymentPages
    statuses: CommitStatuses
    releases: ReleasePages
    issues: Issues
    tags: TagPages
    runs: WorkflowRuns
    read: Callable[[], PromotionAccount]


@dataclass(frozen=True, slots=True)
class Told:
    """What was told and where, what was left alone and why, and what could not be told."""

    lines: tuple[str, ...]
    failed: tuple[FreqtrainError, ...] = ()


def tell(deploy: Deploy, ground: Ground) -> Told:
    """Tell it everywhere; twice is as once. What cannot be told in one place keeps it from no other."""
    failed: list[FreqtrainError] = []
    account, missing = _believed(deploy, ground, failed)
    try:
        deploy = _of_its_tag(deploy, account, ground)
    except FreqtrainError as error:
        failed.append(error)
    said = sentence(deploy, account, missing)
    lines: list[str] = []
    parts: tuple[Callable[[], list[str]], ...] = (
        lambda: _status(deploy, account, said, ground),
        lambda: _page(deploy, account, said, ground),
        lambda: _release(deploy, account, missing, ground),
        lambda: _issues(deploy, account, ground),
    )
    for part in parts:
        try:
            lines += part()
        except FreqtrainError as error:
            failed.append(error)
    return Told(tuple(lines), tuple(failed))


def _believed(deploy: Deploy, ground: Ground, failed: list[FreqtrainError]) -> tuple[PromotionAccount | None, str]:
    """What the device says, or why there is nothing of it to be told. An earlier attempt's word is none of a device that never took this one."""
    if deploy.ended is Ended.SKIPPED:
        return None, "the job was skipped"
    job, untaken = None, ""
    try:
        job = _job(deploy, ground)
        untaken = _untaken(job, deploy, ground)
    except FreqtrainError as error:
        failed.append(error)
    if untaken:
        return None, untaken
    try:
        account = ground.read()
    except Refused as error:
        return None, f"on the device {job.runner}: {error.message}" if job and job.runner else error.message
    wrong = unbelieved(account, deploy)
    return (None, wrong) if wrong else (account, "")


def _job(deploy: Deploy, ground: Ground) -> WorkflowJob | None:
    return job_of(ground.runs.jobs(deploy.run[0]), deploy.job) if deploy.job else None


def _untaken(job: WorkflowJob | None, deploy: Deploy, ground: Ground) -> str:
    if job is None or job.runner or deploy.ended is Ended.SUCCESS:
        return ""
    return untaken_sentence(job, ground.runs.reviews(deploy.run[0]), deploy.environment, deploy.named)


def _of_its_tag(deploy: Deploy, account: PromotionAccount | None, ground: Ground) -> Deploy:
    """The line belongs under the commit that was promoted: where GitHub ran the job for another one, the one that GitHub itself says the tag names.

    One that is not there leaves the line where it is.
    """
    tag = deploy.tag if deploy.typed else ""
    if deploy.chosen and not deploy.tag and account:
        tag = account.tag
    commit = ground.tags.commit_of(tag) if tag else ""
    if commit in ("", deploy.sha):
        return deploy
    return replace(deploy, sha=commit, run_sha=deploy.run_sha or deploy.sha)


def _status(deploy: Deploy, account: PromotionAccount | None, said: str, ground: Ground) -> list[str]:
    context = context_of(deploy.environment)
    before = next(iter(ground.statuses.of_context(deploy.sha, context)), None)
    if before is not None and _run_in(before.link) > deploy.run[0]:
        return [f"left alone: {context} tells of a newer run already"]
    state = status_of(deploy, account)
    ground.statuses.set(deploy.sha, CommitStatus(context, state, said, deploy.link))
    return [f"{context} under {deploy.sha[:12]}: {state.value}: {said}"]


def _run_in(link: str) -> int:
    """The number of the run that an address leads to, 0 where it leads to none."""
    found = re.search(r"/actions/runs/([0-9]{1,18})(/|$)", link)
    return int(found[1]) if found else 0


def _page(deploy: Deploy, account: PromotionAccount | None, said: str, ground: Ground) -> list[str]:
    if deploy.ended is Ended.SKIPPED:
        return []
    shas = dict.fromkeys(filter(None, (deploy.sha, deploy.run_sha)))
    found = (ground.pages.of_run(deploy.environment, sha, deploy.run[0]) for sha in shas)
    page = next((one for one in found if one is not None), None)
    if page is None:
        return [f"left alone: GitHub has made no deployment to '{deploy.environment}' for this run"]
    state = page_of(deploy)
    ground.pages.tell(page, state, account.digest if account else "", sentence=said, link=deploy.link)
    return [f"deployment {page.id}: {state.value}"]


def _release(deploy: Deploy, account: PromotionAccount | None, missing: str, ground: Ground) -> list[str]:
    """The notes go on telling of an earlier run where this one is older, or has nothing to tell."""
    if not deploy.tag:
        return []
    page = ground.releases.of_tag(deploy.tag)
    before = section_run(page.text, deploy.environment) if page else (0, 0)
    if before > deploy.run:
        return ["left alone: the release notes tell of a newer run already"]
    if before > (0, 0) and account is None:
        return ["left alone: the release notes go on telling of the run before"]
    if page is None and deploy.typed and (account is None or not account.seats):
        # GitHub would make the tag as well, and nobody wants a release of a name that was mistyped.
        return [f"left alone: tag {deploy.tag} has no release, and the device did not find the tag"]
    page = page or ground.releases.made(deploy.tag, deploy.tag, "")
    section = f"boarding/{key_of(deploy.environment)}"
    kept = ground.releases.keep_section(page, section, section_markdown(deploy, account, missing))
    return [f"release notes: {kept.url}"]


def _issues(deploy: Deploy, account: PromotionAccount | None, ground: Ground) -> list[str]:
    lines = []
    taken_back = account.taken_back if account else ()
    for attempt in taken_back[:MOST_ISSUES]:
        assert account is not None
        seat = account.seat(attempt.strategy)
        name = f"undone/{key_of(deploy.environment)}/{attempt.strategy}/{bundle_key(seat.bundle if seat else '')}"
        title, text = issue_title(attempt, deploy.environment), issue_markdown(attempt, account, deploy)
        opened = ground.issues.open_once(name, title, text, (LABEL,))
        lines.append(f"{attempt.strategy}: {opened.url}")
    if len(taken_back) > MOST_ISSUES:
        lines.append(f"{len(taken_back) - MOST_ISSUES} more were taken back; the release notes and the log have them")
    return lines


def key_of(environment: str) -> str:
    """An environment's name as part of a mark, in which two hyphens would end it; no environment's name holds a dot."""
    return environment.replace("-", ".")


def bundle_key(bundle: str) -> str:
    """A bundle as part of a mark."""
    return bundle.removeprefix("sha256:")[:16] or "none"
