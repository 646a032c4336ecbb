"""A ledger's entries as sentences, one a line, and as objects."""

from collections.abc import Sequence

from pipeline.domain.canonical import Plain
from pipeline.domain.ledger import Entry
from pipeline.domain.train.fact_words import say
from pipeline.domain.train.facts import recorded
from pipeline.errors import Refused
from pipeline.render.plain import no_commands, plain_text


def text(entries: Sequence[Entry]) -> str:
    """`<line> <time> <sentence>`; an entry that is not understood is shown by its kind."""
    return no_commands(
        "".join(f"{entry.seq:>6}  {entry.at:%Y-%m-%d %H:%M:%S}  {plain_text(_said(entry))}\n" for entry in entries)
    )


def document(entries: Sequence[Entry], breaks: Sequence[str]) -> dict[str, Plain]:
    """The same for programs."""
    listed: list[Plain] = [
        {"seq": entry.seq, "at": entry.at.isoformat(), "kind": entry.kind, "body": entry.body, "hash": entry.hash}
        for entry in entries
    ]
    return {"outcome": "REFUSED" if breaks else "DONE", "breaks": list(breaks), "entries": listed}


def _said(entry: Entry) -> str:
    try:
        (record,) = recorded([entry])
        return say(record.fact)
    except Refused:
        return f"({entry.kind}: not understood by this version)"
