"""The table of all jobs in docs/github.md, made from the workflow files."""

import re

from tests.workflows.files import EMERGENCIES, EMERGENCY, Job, Workflow, workflows

BEGIN, END = "<!-- begin: every job -->", "<!-- end: every job -->"


def table() -> str:
    rows = [_row(workflow, job) for workflow in workflows() for job in workflow.all_jobs]
    header = ["file", "on", "job", "where", "its token may", "environment", "minutes", "runs"]
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _row(workflow: Workflow, job: Job) -> list[str]:
    permissions = ", ".join(f"{may} {what}" for what, may in job.permissions.items()) or "nothing"
    on = ", ".join(_event(event, more) for event, more in workflow.events.items())
    if job.calls:
        lent = f"lends {permissions}"
        return [workflow.name, on, f"`{job.id}`", f"as {job.calls} says, for each device", lent, "–", "–", job.calls]
    verbs = ", ".join(f"`{_short(line)}`" for line in job.verbs)
    return [
        workflow.name,
        on,
        f"`{job.id}`",
        _where(job.runs_on),
        permissions,
        job.environment or "–",
        _minutes(job),
        verbs,
    ]


def _where(runs_on: str) -> str:
    """With one device; where there are several, what is computed names the environment as well."""
    several = EMERGENCY in runs_on or EMERGENCIES in runs_on
    plain = runs_on.replace(EMERGENCY, "freqtrain-emergency").replace(EMERGENCIES, "freqtrain-emergency")
    return f"{plain} (of several devices: `freqtrain-emergency-ENVIRONMENT`)" if several else plain


def _event(event: str, more: dict[str, object]) -> str:
    only = more.get("branches") or more.get("tags") if isinstance(more, dict) else None
    return f"{event} ({', '.join(only)})" if isinstance(only, list) else event


def _minutes(job: Job) -> str:
    return str(job.content["timeout-minutes"])


def _short(line: str) -> str:
    """A command; its variables are named in the file."""
    return re.sub(r'"\$\w+"', "…", line)
