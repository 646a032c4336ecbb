"""A promotion as GitHub shows it: a sentence under a commit, a section of a tag's release notes, an issue. All of it is written anew by our words."""

import re
from collections import Counter
from collections.abc import Iterator

from pipeline.domain.promotion_account import AttemptAccount, Deploy, Ended, PromotionAccount, SeatAccount
from pipeline.domain.train.boarding import Boards
from pipeline.domain.train.steps import short
from pipeline.domain.verdict import Outcome
from pipeline.errors import ExitCode
from pipeline.render.markdown import code, table, words
from pipeline.render.plain import NAME_LIMIT, plain_text
from pipeline.render.summary import SIGNS

LIMIT = 28_000
"""Bytes of a section: two environments' fit into the release of one tag, beside what people wrote."""

ROWS = 100
LISTED = 5

HEADS = {Ended.SUCCESS: "✅", Ended.FAILURE: "❌", Ended.CANCELLED: "⚠️", Ended.SKIPPED: "⚠️"}

SAID = {
    ExitCode.DONE: "nothing boards",
    ExitCode.UNDONE: "undone",
    ExitCode.REFUSED: "refused",
    ExitCode.USAGE: "refused",
    ExitCode.LOCKED: "locked",
    ExitCode.TOOL: "failed",
    ExitCode.CRASH: "crashed",
    ExitCode.INTERRUPTED: "cut off",
}
"""What an exit code is called in a sentence."""

_COUNTED = (
    (frozenset({Boards.BOARDS, Boards.ANYWAY}), "boards", "board"),
    (frozenset({Boards.STAYS}), "stays", "stay"),
    (frozenset({Boards.BLOCKED}), "is blocked", "are blocked"),
    (frozenset({Boards.FROZEN}), "is frozen", "are frozen"),
    (frozenset({Boards.RETIRES, Boards.STOPS}), "leaves", "leave"),
    (frozenset({Boards.THERE}), "runs already", "run already"),
)


def sentence(deploy: Deploy, account: PromotionAccount | None, missing: str) -> str:
    """How a deployment ended, in a line: "2 board, 1 stays". `missing` says why there is nothing of the device to be told."""
    if deploy.ended is Ended.SKIPPED:
        return "nothing was deployed: the job was skipped, because something before it did not pass"
    cancelled = deploy.ended is Ended.CANCELLED
    if account is None:
        head = {Ended.SUCCESS: "it is done", Ended.CANCELLED: "cancelled"}.get(deploy.ended, "it failed")
        return f"{head}; {missing}"
    told = _decided(account)
    if cancelled:
        return f"cancelled: {told}"
    return f"the job failed after: {told}" if _failed_afterwards(deploy, account) else told


def section_markdown(deploy: Deploy, account: PromotionAccount | None, missing: str) -> str:
    """The section of the release notes: who boarded, who stayed, why, and what came of it; what is too long goes in steps."""
    *longer, shortest = ("\n".join(_parts(deploy, account, missing, depth)) for depth in (2, 1, 0))
    return next((text for text in longer if len(text.encode()) <= LIMIT), shortest)


def section_run(text: str, environment: str) -> tuple[int, int]:
    """The run of which a release's section of that environment tells, and its attempt; zeros where there is none."""
    found = re.search(rf"^<!-- {environment} of run ([0-9]{{1,18}})\.([0-9]{{1,9}}) -->\s*$", text, re.MULTILINE)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def issue_title(attempt: AttemptAccount, environment: str) -> str:
    """What an issue about a deployment that did not work out is called."""
    if attempt.code is ExitCode.UNDONE:
        return f"{attempt.strategy}: its deployment to {environment} was taken back"
    return f"{attempt.strategy}: its deployment to {environment} failed, and could not be taken back"


def issue_markdown(attempt: AttemptAccount, account: PromotionAccount, deploy: Deploy) -> str:
    """What happened, what was to run, what runs, and the evidence at hand."""
    seat = account.seat(attempt.strategy)
    ran = "What ran before runs again." if attempt.code is ExitCode.UNDONE else "Entries stay stopped."
    rows = [
        ["environment", code(deploy.environment)],
        ["was to run", code(seat.bundle) if seat else "–"],
        ["runs since", code(attempt.runs) if attempt.runs else "–"],
        ["asked for by", f"{_source(account, deploy)}, {linked('the run', deploy.link)}"],
        ["set", code(account.digest)],
    ]
    parts = [
        f"{code(attempt.strategy)} was to be deployed, and was not. {ran}\n",
        table(["", ""], rows, right_from=2),
        f"**What happened:** {words(attempt.told)}\n",
    ]
    parts += [f"**What to do:** {words(attempt.hint)}\n"] if attempt.hint else []
    if seat is not None and seat.findings:
        shown = "\n".join(f"- {SIGNS[outcome]} {words(reason)}" for outcome, reason in seat.findings[: 2 * LISTED])
        parts.append(f"**Why it boarded:** {words(seat.reason) if seat.reason else 'it showed what was demanded'}\n")
        parts.append(f"{shown}\n")
    parts.append(f"`freqtrain log {deploy.environment}` on the device has every step.")
    return "\n".join(parts)


def linked(text: str, address: str) -> str:
    """A link, where the address could be nothing else."""
    return f"[{text}](<{address}>)" if re.fullmatch(r"https?://[\w.:/-]+", address, re.ASCII) else text


def _decided(account: PromotionAccount) -> str:
    if account.told:
        return f"{SAID[account.code]}: {plain_text(account.told)}"
    if account.to_sign:
        return f"nothing boards until somebody approves it: {_counts(account)}"
    failed = Counter(SAID[one.code] for one in account.attempts if one.code is not ExitCode.DONE)
    told = ", ".join(f"{number} {said}" for said, number in failed.items())
    return f"{_counts(account)}; {told}" if told else _counts(account)


def _counts(account: PromotionAccount) -> str:
    decided = Counter(seat.decision for seat in account.seats)
    numbers = [(sum(decided[one] for one in kinds), singular, plural) for kinds, singular, plural in _COUNTED]
    told = ", ".join(
        f"{number} {singular if number == 1 else plural}" for number, singular, plural in numbers if number
    )
    return told or "there is no strategy"


def _failed_afterwards(deploy: Deploy, account: PromotionAccount) -> bool:
    return deploy.ended is Ended.FAILURE and account.code is ExitCode.DONE


def _parts(deploy: Deploy, account: PromotionAccount | None, missing: str, depth: int) -> Iterator[str]:
    """Depth 0 is the sentence alone, 1 also the table, 2 also the reasons."""
    yield f"<!-- {deploy.environment} of run {deploy.run_name} -->"
    yield f"## {HEADS[deploy.ended]} {code(deploy.environment)}: {words(sentence(deploy, account, missing))}\n"
    if account is not None and account.seats and depth > 0:
        rows = [_row(seat, account) for seat in account.seats[:ROWS]]
        yield table(["strategy", "bundle", "decision", "because", "what came of it"], rows, right_from=5)
        if len(account.seats) > ROWS:
            yield f"… and {len(account.seats) - ROWS} more.\n"
    if account is not None and depth > 1:
        listed = [line for seat in account.seats[:ROWS] for line in _reasons(seat)]
        listed += [line for one in account.attempts[:ROWS] for line in _what_to_do(one)]
        yield "".join(f"{line}\n" for line in listed)
        if account.hint:
            yield f"What to do: {words(account.hint)}\n"
    if depth < 2:
        yield "Shortened to what fits into a release; the run has everything.\n"
    yield _foot(deploy, account)


def _row(seat: SeatAccount, account: PromotionAccount) -> list[str]:
    came = next((one for one in account.attempts if one.strategy == seat.strategy), None)
    told = "" if came is None else came.told if came.code is ExitCode.DONE else f"{SAID[came.code]}: {came.told}"
    because = words(seat.reason, 200)
    return [code(seat.strategy), code(short(seat.bundle)), seat.decision.value, because, words(told, 200)]


def _reasons(seat: SeatAccount) -> Iterator[str]:
    """Of those that do not board: what each demand found."""
    against = [(outcome, reason) for outcome, reason in seat.findings if outcome is not Outcome.PASS]
    if seat.decision in (Boards.STAYS, Boards.ANYWAY) and against:
        yield f"- {code(seat.strategy)} lacks:"
        for outcome, reason in against[:LISTED]:
            yield f"  - {SIGNS[outcome]} {words(reason)}"
        if len(against) > LISTED:
            yield f"  - … and {len(against) - LISTED} more"


def _what_to_do(attempt: AttemptAccount) -> Iterator[str]:
    if attempt.hint and attempt.code is not ExitCode.DONE:
        yield f"- {code(attempt.strategy)} was {SAID[attempt.code]}. What to do: {words(attempt.hint)}"


def _source(account: PromotionAccount, deploy: Deploy) -> str:
    """What the device took for the commit, where it is one: main may have gone on since the commit that is told."""
    taken = account.commit if re.fullmatch(r"[0-9a-f]{40}", account.commit) else deploy.sha
    commit = f"commit {code(taken[:12])}"
    return f"tag {code(deploy.tag)}, {commit}" if deploy.tag else commit


def _foot(deploy: Deploy, account: PromotionAccount | None) -> str:
    told = linked("the run", deploy.link)
    if account is None:
        return f"<sub>{told} has the log.</sub>\n"
    approved = f" Approved by {words(account.approved_by, NAME_LIMIT)}." if account.approved_by else ""
    named = f" The set that is to run: {code(account.digest)}." if account.digest else ""
    return f"<sub>{_source(account, deploy)}; {told} has the log.{approved}{named}</sub>\n"
