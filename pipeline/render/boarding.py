"""A promotion for people and for programs: who boards, what the others still lack, what is to be signed, how each one's deployment ended."""

from collections import Counter
from collections.abc import Iterator
from shlex import quote
from textwrap import wrap

from pipeline.domain.canonical import Plain
from pipeline.domain.promotion_account import MOVES
from pipeline.domain.train.approval import NAMESPACE
from pipeline.domain.train.boarding import Boards, Seat
from pipeline.domain.train.promotion import Attempt, Idle, Promotion
from pipeline.domain.train.state import Question
from pipeline.domain.train.steps import short
from pipeline.errors import ExitCode
from pipeline.render.plain import NAME_LIMIT, no_commands, plain_text

WIDTH = 110
LEAST = 40
"""Columns that are left for a reason, however narrow the screen."""

APPROVAL_FILE = "approval.txt"

TEXT_LIMIT = 2000
"""Characters of a reason, of which a tool's message may be a part."""


def promotion_text(promotion: Promotion | Idle, width: int = WIDTH) -> str:
    """What was decided about each strategy, a row each; then what came of it, or what is to be signed. Or why nothing boards by itself."""
    if isinstance(promotion, Idle):
        return no_commands(f"nothing boards by itself: {promotion.told}\n")
    where = f"tag {_name(promotion.tag)}, commit" if promotion.tag else "commit"
    lines = [f"{promotion.environment}: {where} {promotion.commit[:12]}", ""]
    lines += [*_rows(promotion, width), "", _summary(promotion)]
    if promotion.question:
        lines += ["", *_asking_lines(promotion.question)]
    if promotion.to_sign:
        lines += ["", *signing_lines(promotion)]
    if promotion.attempts:
        lines += ["", *(line for attempt in promotion.attempts for line in _attempt_lines(attempt, width))]
    return no_commands("\n".join(lines) + "\n")


def signing_lines(promotion: Promotion) -> Iterator[str]:
    """Commands that write the text exactly as it is to be signed, sign it, and come back with it.

    The tag is quoted: whoever may name one shall not have commands run by the person who copies these.
    """
    what = f"--tag {quote(promotion.tag)}" if promotion.tag else f"--commit {promotion.commit}"
    yield f"Nothing boards for '{promotion.environment}' until somebody signs who may. To approve exactly this:"
    yield ""
    yield f"cat > {APPROVAL_FILE} <<'END'"
    yield from promotion.to_sign.splitlines()
    yield "END"
    yield f"ssh-keygen -Y sign -n {NAMESPACE} -f ~/.ssh/id_ed25519 {APPROVAL_FILE}"
    files = f"--approval {APPROVAL_FILE} --signature {APPROVAL_FILE}.sig"
    yield f"freqtrain promote {promotion.environment} {what} {files}"


def _asking_lines(question: Question) -> Iterator[str]:
    asked = question.asked
    yield f"Run {asked.run} on GitHub asks for exactly this: whoever lets it into '{asked.environment}' approves it."
    yield f"Nothing boards before, and nothing after {asked.expires_at:%Y-%m-%d %H:%M} UTC."


def promotion_document(promotion: Promotion | Idle, run: str = "") -> dict[str, Plain]:
    """The same for a program; `run` (`ID.ATTEMPT`) is the one on GitHub that it is made in."""
    if isinstance(promotion, Idle):
        return failed_document(promotion.environment, "", "", promotion.code, promotion.told, "", run)
    return {
        "outcome": promotion.code.name,
        "environment": promotion.environment,
        "tag": promotion.tag,
        "commit": promotion.commit,
        "planned": promotion.planned,
        "recorded": promotion.recorded,
        "to_sign": promotion.to_sign,
        "asked": _asked_document(promotion.question),
        "approved_by": promotion.approved.signer if promotion.approved else "",
        "told": "",
        "hint": "",
        "run": run,
        "strategies": [_seat_document(seat) for seat in promotion.boarding.seats],
        "attempts": [
            {
                "strategy": one.strategy,
                "outcome": one.code.name,
                "told": one.told,
                "hint": one.hint,
                "runs": one.runs,
            }
            for one in promotion.attempts
        ],
    }


def asked_outputs(promotion: Promotion | Idle) -> str:
    """For GITHUB_OUTPUT of the job that asks: whether there is anything to do for the one that comes after it."""
    if isinstance(promotion, Idle):
        return ""
    moves = any(seat.decision in MOVES for seat in promotion.boarding.seats)
    return f"moves={'true' if moves else 'false'}\n"


def failed_document(
    environment: str, tag: str, commit: str, code: ExitCode, told: str, hint: str, run: str = ""
) -> dict[str, Plain]:
    """The same keys where nothing was decided: refused, failed or cut off. `recorded` then says that nothing is known to be."""
    return {
        "outcome": code.name,
        "environment": environment,
        "tag": tag,
        "commit": commit,
        "planned": False,
        "recorded": False,
        "to_sign": "",
        "asked": None,
        "approved_by": "",
        "told": told,
        "hint": hint,
        "run": run,
        "strategies": [],
        "attempts": [],
    }


def _rows(promotion: Promotion, width: int) -> Iterator[str]:
    heads = ("strategy", "bundle", "decision", "because")
    rows = [
        (seat.strategy, short(seat.bundle) or "none", seat.decision.value, _text(seat.reason))
        for seat in promotion.boarding.seats
    ]
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(3)]
    for row in (heads, *rows):
        head = "".join(f"{cell:<{wide}}  " for cell, wide in zip(row, widths, strict=False))
        yield from _wrapped(head, row[3], width)


def _summary(promotion: Promotion) -> str:
    counted = Counter(seat.decision for seat in promotion.boarding.seats)
    told = ", ".join(f"{decision.value}: {counted[decision]}" for decision in Boards if counted[decision])
    if promotion.approved:
        told += f". Approved by {_name(promotion.approved.signer)}"
    if promotion.question:
        return f"{told}. Only the question was recorded."
    if promotion.planned:
        return f"{told}. This is a plan: nothing was recorded."
    return f"{told}." if promotion.recorded else f"{told}. Nothing was recorded."


def _attempt_lines(attempt: Attempt, width: int) -> Iterator[str]:
    failed = "" if attempt.code is ExitCode.DONE else f"{_FAILURES.get(attempt.code, 'failed')}: "
    yield from _wrapped(f"{attempt.strategy}: ", f"{failed}{_text(attempt.told)}", width)
    if attempt.hint:
        yield f"  do: {_text(attempt.hint)}"


_FAILURES = {
    ExitCode.UNDONE: "undone",
    ExitCode.REFUSED: "refused",
    ExitCode.LOCKED: "locked",
    ExitCode.TOOL: "failed",
}


def _seat_document(seat: Seat) -> dict[str, Plain]:
    return {
        "strategy": seat.strategy,
        "bundle": seat.bundle,
        "decision": seat.decision.value,
        "boards": seat.boards,
        "reason": seat.reason,
        "overridden": seat.overridden,
        "findings": [
            {"rule": found.rule, "outcome": found.outcome.name, "reason": found.reason}
            for found in seat.verdict.findings
        ],
    }


def _asked_document(question: Question | None) -> Plain:
    if question is None:
        return None
    asked = question.asked
    return {
        "run": asked.run,
        "bundles": list(asked.bundles),
        "asked_at": question.asked_at.isoformat(),
        "expires_at": asked.expires_at.isoformat(),
    }


def _wrapped(head: str, text: str, width: int) -> list[str]:
    lines = wrap(
        text,
        max(width, len(head) + LEAST),
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines or [head.rstrip()]


def _text(text: str) -> str:
    return plain_text(text, TEXT_LIMIT)


def _name(text: str) -> str:
    return plain_text(text, NAME_LIMIT)
