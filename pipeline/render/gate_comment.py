"""The comment under a pull request, made of validated numbers and defused sentences by our own words alone."""

import math
import re
from collections.abc import Iterator, Sequence

from pipeline.domain.canonical import Plain
from pipeline.domain.dataset import SIMULATED_NOTE
from pipeline.domain.gate_account import Commented, Ending, GateAccount, RunStory, StrategyAccount
from pipeline.domain.verdict import ALL_WINDOWS, Outcome, Subject
from pipeline.render.figures import say
from pipeline.render.gate_join import HEADER, LISTED, ROWS, rows
from pipeline.render.gate_plan import NOTHING
from pipeline.render.markdown import code, table, words
from pipeline.render.outcomes import MEANINGS, counted
from pipeline.render.plain import no_commands, plain_text
from pipeline.render.summary import COLOURS, LIMIT, SIGNS

CHARTS = 10
MOST_BARS = 24
_MARK = re.compile(r"^<!-- run ([0-9]{1,18})\.([0-9]{1,9}) -->$", re.MULTILINE)
_HEADS = {
    Ending.PASSED: "✅ The gate passed",
    Ending.RED: "❌ The gate did not pass",
    Ending.CANCELLED: "⚠️ The gate was cancelled: there is no verdict",
    Ending.WAITS: "⏳ The gate waits for a maintainer, who has to let it begin",
    Ending.NO_VERDICT: "⚠️ The gate ended without a verdict",
}


def told_run(text: str) -> tuple[int, int]:
    """Number and attempt of the run that one of our comments tells of; zeros where it says none."""
    found = _MARK.search(text.replace("\r\n", "\n"))
    return (int(found[1]), int(found[2])) if found else (0, 0)


def comment_markdown(story: RunStory) -> str:
    """The comment, at most 60,000 bytes: the check's verdict, candidate, incumbent and market side by side, why, and a chart.

    Where that is too long, the charts go first, then the reasons, then the table; of very many strategies the worst hundred are shown.
    """
    *longer, shortest = ("\n".join(_parts(story, depth)) for depth in (2, 1, 0, -1))
    return next((text for text in longer if len(text.encode()) <= LIMIT), shortest)


def commented_text(commented: Commented) -> str:
    """A line for each comment, and for what was left alone."""
    lines = [f"#{number} is told: {one.url}" for number, one in commented.comments.items()]
    lines += [f"Left alone: {why}." for why in commented.left_alone]
    return no_commands("".join(f"{plain_text(line)}\n" for line in lines))


def commented_document(commented: Commented) -> dict[str, Plain]:
    """The same for a program."""
    told: list[Plain] = [{"pull_request": number, "url": one.url} for number, one in commented.comments.items()]
    return {"outcome": "DONE", "comments": told, "left_alone": list(commented.left_alone)}


def _parts(story: RunStory, depth: int) -> Iterator[str]:
    """Depth -1 is the verdict alone, 0 also the table, 1 also the reasons, 2 also the charts."""
    account = story.account
    yield f"<!-- run {story.run.number}.{story.run.attempt} -->"
    yield f"## {_HEADS[story.ending]}{_count(account)}\n"
    if account is not None and depth >= 0:
        yield from _told(account, depth)
    if story.missing:
        yield f"{words(story.missing)}\n"
    if len(story.pulls) > 1:
        yield "This commit is the head of several pull requests, and GitHub does not say for which of them the run was.\n"
    if depth < 2:
        yield "Shortened to what fits into a comment; the run has everything.\n"
    yield _foot(story)


def _count(account: GateAccount | None) -> str:
    if account is None:
        return ""
    if not account.strategies:
        return ": no strategy was to be judged" if not account.problems else ""
    passed = sum(one.outcome is Outcome.PASS for one in account.strategies)
    return f": {passed} of {counted(len(account.strategies), 'strategy')} passed"


def _told(account: GateAccount, depth: int) -> Iterator[str]:
    shown = sorted(account.strategies, key=lambda one: -one.outcome)[:ROWS]
    if account.simulated:
        yield f"> [!NOTE]\n> The market is {SIMULATED_NOTE}.\n"
    if shown:
        yield table(
            list(HEADER), [row for one in shown for row in rows(one.id, one.outcome, one.measurements)], right_from=3
        )
    elif not account.problems:
        yield f"{NOTHING}\n"
    reasons = [f"- {SIGNS[Outcome.ERROR]} {words(problem)}" for problem in account.problems[:LISTED]]
    if depth > 0:
        reasons += [line for one in shown for line in _reasons(one)]
    if reasons:
        yield "\n".join(reasons) + "\n"
    if depth > 1:
        yield from (chart for one in shown[:CHARTS] if (chart := _chart(one)))


def _reasons(told: StrategyAccount) -> Iterator[str]:
    sign, name = SIGNS[told.outcome], code(told.id)
    yield f"- {sign} {name} {MEANINGS[told.outcome]}.{_attempts(told)}"
    for reason in told.reasons[:LISTED]:
        yield f"  - {sign} {words(reason)}"
    if len(told.reasons) > LISTED:
        yield f"  - … and {len(told.reasons) - LISTED} more"


def _attempts(told: StrategyAccount) -> str:
    """Luck grows with every attempt, so a reader has to know how many there were."""
    counts = [m.value for m in told.measurements if m.metric == "attempts" and m.subject is Subject.CANDIDATE]
    if not counts or not math.isfinite(counts[0]) or counts[0] < 1:
        return ""
    return f" It took {say('attempts', counts[0])} {'attempt' if counts[0] == 1 else 'attempts'} so far."


def _chart(told: StrategyAccount) -> str:
    """Profit window by window as a mermaid chart, which GitHub draws by itself; names of windows are the text's, never the chart's."""
    profits = {(m.subject, m.window): m.value * 100 for m in told.measurements if m.metric == "profit_total_ratio"}
    windows = [window for subject, window in profits if subject is Subject.CANDIDATE and window != ALL_WINDOWS]
    lines = {
        subject: [profits.get((subject, window), math.nan) for window in windows]
        for subject in (Subject.CANDIDATE, Subject.MARKET, Subject.INCUMBENT)
        if any((subject, window) in profits for window in windows)
    }
    if not 2 <= len(windows) <= MOST_BARS or not all(math.isfinite(v) for line in lines.values() for v in line):
        return ""
    return f"### {code(told.id)}, window by window\n\n{_drawn(windows, lines)}"


def _drawn(windows: Sequence[str], lines: dict[Subject, list[float]]) -> str:
    low, high = (bound(0.0, *(value for line in lines.values() for value in line)) for bound in (min, max))
    margin = max((high - low) * 0.05, 0.5)
    palette = ", ".join(COLOURS[subject][1] for subject in lines)
    drawn = "\n".join(
        f"    {'bar' if subject is Subject.CANDIDATE else 'line'} [{', '.join(f'{value:.1f}' for value in line)}]"
        for subject, line in lines.items()
    )
    axis = ", ".join(f'"{number}"' for number in range(1, len(windows) + 1))
    names = "; ".join(f"{number}: {words(window, 80)}" for number, window in enumerate(windows, 1))
    legend = ", ".join(f"{COLOURS[subject][0]}: {subject.value}" for subject in lines)
    return (
        "```mermaid\n"
        "---\nconfig:\n  xyChart:\n    width: 880\n    height: 320\n"
        f'  themeVariables:\n    xyChart:\n      plotColorPalette: "{palette}"\n---\n'
        "xychart-beta\n"
        f'    x-axis "window" [{axis}]\n'
        f'    y-axis "profit in percent" {low - margin:.1f} --> {high + margin:.1f}\n'
        f"{drawn}\n```\n\n<sub>{legend}. Windows: {names}.</sub>\n"
    )


def _foot(story: RunStory) -> str:
    """A link to GitHub's own page of the run: where it leads is GitHub's word, and is not taken where it could be more than an address."""
    run, note = story.run, "The numbers are the run's own account; the verdict is GitHub's."
    link = f"[the run](<{run.url}>)" if re.fullmatch(r"https?://[\w.:/-]+", run.url, re.ASCII) else f"run {run.id}"
    told = f" {note}" if story.account is not None and story.account.strategies else ""
    return f"<sub>Commit {code(run.sha[:12])}; {link} has the report, the evidence and the log.{told}</sub>\n"
