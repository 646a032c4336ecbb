"""Jobs as JSON and back, for both ends of the pipe."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from pipeline.domain.canonical import Plain
from pipeline.domain.job import Account, Job, Limits
from pipeline.domain.windows import Window


def moment(text: str) -> datetime:
    """An ISO 8601 time as `canonical.plain` writes it, aware UTC."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def job_from_plain(value: Plain) -> Job:
    """The job that `canonical.plain(job)` came from. The text is the judge's own, so that a wrong one is a bug and raises KeyError or TypeError."""
    job = cast(Mapping[str, Any], value)
    windows = tuple(Window(w["name"], moment(w["start"]), moment(w["end"])) for w in job["windows"])
    lists = {name: tuple(job[name]) for name in ("pairs", "tasks")}
    rest = {**lists, "windows": windows, "account": Account(**job["account"]), "limits": Limits(**job["limits"])}
    return Job(**{**job, **rest})
