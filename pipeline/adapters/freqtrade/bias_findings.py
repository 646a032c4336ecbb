"""What the comparisons of the bias check found, as findings with their places."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.adapters.freqtrade import analysis
from pipeline.adapters.freqtrade.bias_callbacks import callbacks, place_of
from pipeline.adapters.freqtrade.bias_frames import Ground, World
from pipeline.domain import bias_words as words
from pipeline.domain.bias import compare, is_signal
from pipeline.domain.bias_source import Origins
from pipeline.domain.job import BIAS, Job
from pipeline.domain.strategy import STRATEGY_FILE
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.domain.verdict import Finding, Outcome, Place

LOOKAHEAD = "bias-lookahead"
REPAINTS = "bias-repaints"
CALLBACK = "bias-callback"

MOST_FINDINGS = 8


@dataclass(slots=True)
class Found:
    """What disagreed, by column and by callback: the first example, and how often."""

    columns: dict[str, tuple[words.Seen, bool]] = field(default_factory=dict)
    answers: dict[str, tuple[words.Seen, str]] = field(default_factory=dict)
    compared: int = 0

    def column(self, name: str, seen: words.Seen, at_decision: bool) -> None:
        """An example at the time of a decision is better than one that was overtaken."""
        before = self.columns.get(name)
        count = before[0].differed + 1 if before else 1
        if before is None or (at_decision and not before[1]):
            before = (seen, at_decision)
        self.columns[name] = (replace(before[0], differed=count), before[1])

    def answer(self, callback: str, seen: words.Seen, question: str) -> None:
        """The first example of a callback is as good as any."""
        before = self.answers.get(callback, (seen, question))
        count = before[0].differed + 1 if callback in self.answers else 1
        self.answers[callback] = (replace(before[0], differed=count), before[1])


def told(found: Found, full: World, ground: Ground, job: Job) -> tuple[Finding, ...]:
    """Findings, first causes first; one that passes where nothing was found.

    A column that looks ahead fails even if it moved no signal on the candles that were compared; only where signals and callbacks can do
    without it is it a warning.
    """
    origins = origins_of(job)
    decides = bool(found.answers) or any(
        is_signal(name) or _is_read(name, full, ground, origins) for name in found.columns
    )
    findings = []
    # What a strategy computes first, what it does about it afterwards.
    for name, (seen, at_decision) in sorted(found.columns.items(), key=lambda item: is_signal(item[0])):
        counted = replace(seen, tried=found.compared)
        sentence = words.looks_ahead(name, counted) if at_decision else words.repaints(name, counted)
        place = origins.of(name, tuple(TIMEFRAMES)) or Place(STRATEGY_FILE)
        rule = LOOKAHEAD if at_decision else REPAINTS
        if decides:
            findings.append(Finding(BIAS, rule, Outcome.FAIL, sentence, place))
        else:
            findings.append(Finding(BIAS, rule, Outcome.PASS, words.harmless(sentence), place, warning=True))
    for callback, (seen, question) in found.answers.items():
        sentence = words.answers_ahead(callback, question, replace(seen, tried=found.compared))
        place = place_of(full.strategy, callback, Path(job.strategy_dir)) or Place(STRATEGY_FILE)
        findings.append(Finding(BIAS, CALLBACK, Outcome.FAIL, sentence, place))
    if not findings:
        asked = ", callbacks" if callbacks(full.strategy) else ""
        reason = (
            f"indicators, signals{asked}: the same when later candles are not known yet ({found.compared} comparisons)"
        )
        return (Finding(BIAS, LOOKAHEAD, Outcome.PASS, reason),)
    more = len(findings) - MOST_FINDINGS
    if more > 0:
        last = findings[MOST_FINDINGS - 1]
        findings[MOST_FINDINGS - 1 :] = [replace(last, reason=f"{last.reason}; and so do {more} more")]
    return tuple(findings)


def origins_of(job: Job) -> Origins:
    """Of the columns that the strategy's own code makes, its tests apart."""
    folder = Path(job.strategy_dir)
    files = sorted(folder.rglob("*.py"), key=lambda file: (file.name != STRATEGY_FILE, str(file)))
    return Origins(
        {
            str(file.relative_to(folder)): file.read_text(encoding="utf-8", errors="replace")
            for file in files
            if not file.name.startswith("test_")
        }
    )


def _is_read(column: str, full: World, ground: Ground, origins: Origins) -> bool:
    """Whether signals change or fail without the column, or a callback may read it."""
    if callbacks(full.strategy) and origins.read_by_callbacks(column):
        return True
    for pair in ground.pairs:
        if column not in full.indicators[pair]:
            return True
        try:
            without = analysis.signals(full.strategy, pair, full.indicators[pair].drop(columns=column))
        except Exception:
            return True
        if any(is_signal(difference.column) for difference in compare(full.frames[pair], without)):
            return True
    return False
