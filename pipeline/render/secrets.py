"""Which secrets are there, in words: names and times, never a value."""

from collections.abc import Iterator, Mapping, Sequence

from pipeline.domain.trading.kept import Standing


def standing_lines(environment: str, found: Sequence[Standing]) -> Iterator[str]:
    """A line a name, and what to do about those that are missing."""
    width = max((len(one.name.name) for one in found), default=0)
    for one in found:
        yield f"{one.name.name:<{width}}  {one.name.kind.value:<8}  {_where(one)}"
    missing = [one.name.name for one in found if one.missing]
    if missing:
        yield missing_line(environment, found)


def missing_line(environment: str, found: Sequence[Standing]) -> str:
    """What is needed and not here, in one sentence; empty where nothing is."""
    missing = [one.name.name for one in found if one.missing]
    if not missing:
        return ""
    where = f"the GitHub Environment '{environment}' gives them to its jobs, or this device keeps them"
    return f"not here: {', '.join(missing)} ({where}: freqtrain secrets set {environment})"


def standing_document(environment: str, found: Sequence[Standing]) -> Mapping[str, object]:
    """The same for programs."""
    return {
        "environment": environment,
        "names": [
            {
                "name": one.name.name,
                "kind": one.name.kind.value,
                "needed": one.name.needed,
                "in_process": one.in_process,
                "kept_since": one.since_at.isoformat() if one.since_at else None,
                "unnamed": one.unnamed,
            }
            for one in found
        ],
        "missing": [one.name.name for one in found if one.missing],
    }


def _where(one: Standing) -> str:
    since = f"{one.since_at:%Y-%m-%d %H:%M} UTC" if one.since_at else ""
    if one.unnamed:
        return f"kept since {since}, and no longer named in the file"
    if one.in_process:
        return f"with this process; passed over: kept since {since}" if since else "with this process"
    if since:
        return f"kept since {since}"
    return "missing" if one.name.needed else "not set, not needed"
