"""The one verdict of many shards: for people, for a program, as annotations, and as the summary of a job."""

from collections.abc import Iterator, Sequence

from pipeline.domain.canonical import Plain, plain
from pipeline.domain.dataset import SIMULATED_NOTE
from pipeline.domain.evidence import SCHEMA
from pipeline.domain.gate_account import TOLD
from pipeline.domain.joining import CHECK, Joined, JoinedVerdict
from pipeline.domain.verdict import ALL_WINDOWS, Measurement, Outcome, Subject
from pipeline.render.annotations import SHOWN, error_annotation
from pipeline.render.figures import said
from pipeline.render.gate_plan import NOTHING
from pipeline.render.markdown import code, table, words
from pipeline.render.outcomes import MEANINGS, SYMBOLS, counted, exit_code
from pipeline.render.plain import no_commands, plain_text
from pipeline.render.summary import COLUMNS, LIMIT, MARKER, SIGNS

LISTED = 5
"""Reasons told for one strategy; its evidence has all."""

ROWS = 100
HEADER = ("strategy", "outcome", "", *(title for title, _, _ in COLUMNS))
NOTICE = (
    "::notice title=Simulated data%3A not evidence::The market is simulated: it proves the train, not the strategy.\n"
)
"""What the check says where no real candles were judged on."""


def joined_text(joined: Joined) -> str:
    """The outcome, a line a strategy with its reasons, then what is wrong with the run as a whole."""
    lines = [_head(joined)]
    for verdict in joined.verdicts:
        lines.append(f"  {SYMBOLS[verdict.outcome]} {plain_text(verdict.strategy)} {MEANINGS[verdict.outcome]}")
        lines += [f"      {reason}" for reason in _reasons(verdict)]
    lines += [f"  {SYMBOLS[Outcome.ERROR]} {plain_text(problem)}" for problem in joined.problems[:ROWS]]
    return no_commands("\n".join(lines) + "\n")


def joined_document(joined: Joined) -> dict[str, Plain]:
    """The same for a program."""
    return {
        "outcome": joined.outcome.name,
        "schema": SCHEMA,
        "exit_code": int(exit_code(joined.outcome)),
        "simulated": joined.simulated,
        "note": SIMULATED_NOTE if joined.simulated else "",
        "problems": list(joined.problems),
        "strategies": [
            {
                "id": verdict.strategy,
                "outcome": verdict.outcome.name,
                "chosen_because": verdict.because,
                "evidence_digest": verdict.record.digest if verdict.record else None,
                "reasons": [reason.reason for reason in verdict.reasons],
                "measurements": _measured(verdict),
            }
            for verdict in joined.verdicts
        ],
    }


def _measured(verdict: JoinedVerdict) -> Plain:
    """Subject -> window -> metric -> value, of the metrics that comments show."""
    found: dict[str, dict[str, dict[str, Plain]]] = {}
    for m in verdict.record.measurements if verdict.record else ():
        if m.metric in TOLD and m.subject in (Subject.CANDIDATE, Subject.INCUMBENT, Subject.MARKET):
            found.setdefault(m.subject.value, {}).setdefault(m.window, {})[m.metric] = plain(float(m.value))
    return plain(found)


def joined_markdown(joined: Joined) -> str:
    """Candidate, incumbent and market of every strategy side by side, and why; at most 60,000 bytes.

    Where that is too long, the reasons go; of very many strategies the worst hundred are shown.
    """
    shown = sorted(joined.verdicts, key=lambda verdict: -verdict.outcome)[:ROWS]
    head = [MARKER, f"## {SIGNS[joined.outcome]} {_head(joined)}", ""]
    if joined.simulated:
        head += ["> [!NOTE]", f"> The market is {SIMULATED_NOTE}.", ""]
    cells = [
        row
        for verdict in shown
        for row in rows(verdict.strategy, verdict.outcome, verdict.record.measurements if verdict.record else ())
    ]
    parts = [*head, table(list(HEADER), cells, right_from=3)] if cells else head
    parts += [f"- {SIGNS[Outcome.ERROR]} {words(problem)}" for problem in joined.problems[:LISTED]]
    reasons = [
        f"- {SIGNS[verdict.outcome]} {code(verdict.strategy)} {words(reason)}"
        for verdict in shown
        for reason in _reasons(verdict)
    ]
    whole = "\n".join([*parts, *reasons]) + "\n"
    return whole if len(whole.encode()) <= LIMIT else "\n".join(parts) + "\n"


def joined_annotations(joined: Joined) -> str:
    """Workflow commands: what the market was, where it was simulated, and what did not arrive as it should."""
    undelivered = [
        f"{verdict.strategy}: {reason.reason}"
        for verdict in joined.verdicts
        for reason in verdict.reasons
        if reason.check == CHECK
    ]
    told = [error_annotation("gate", text) for text in (*joined.problems, *undelivered)[:SHOWN]]
    return "".join([*([NOTICE] if joined.simulated else []), *told])


def _head(joined: Joined) -> str:
    passed = sum(verdict.outcome is Outcome.PASS for verdict in joined.verdicts)
    if not joined.verdicts:
        return f"{joined.outcome.name}: {NOTHING}"
    return f"{joined.outcome.name}: {passed} of {counted(len(joined.verdicts), 'strategy')} passed"


def _reasons(verdict: JoinedVerdict) -> Iterator[str]:
    yield from (plain_text(reason.reason) for reason in verdict.reasons[:LISTED])
    if len(verdict.reasons) > LISTED:
        yield f"… and {len(verdict.reasons) - LISTED} more"


def rows(strategy: str, outcome: Outcome, measured: Sequence[Measurement]) -> Iterator[list[str]]:
    """A table's rows for one strategy, below `HEADER`: candidate, incumbent and market, as far as they were measured."""
    yield [code(strategy), f"{SIGNS[outcome]} {outcome.name}", *_numbers(measured, Subject.CANDIDATE)]
    for subject in (Subject.INCUMBENT, Subject.MARKET):
        if any(m.subject is subject for m in measured):
            yield ["", "", *_numbers(measured, subject)]


def _numbers(measured: Sequence[Measurement], subject: Subject) -> list[str]:
    figures = {(m.subject, m.window, m.metric): m.value for m in measured}
    return [
        subject.value,
        *(said(figures, subject, ALL_WINDOWS, metric, signed=signed) for _, metric, signed in COLUMNS),
    ]
