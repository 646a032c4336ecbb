"""evidence.json, and the one object that `freqtrain gate --json` prints: what a program reads."""

import json
from collections.abc import Iterable, Mapping, Sequence

from pipeline.domain.canonical import Plain, digest, plain
from pipeline.domain.dataset import SIMULATED_NOTE
from pipeline.domain.evidence import SCHEMA, Evidence, Judgement, WindowTrades
from pipeline.domain.metrics import METRICS
from pipeline.domain.policy import Policy
from pipeline.domain.verdict import ALL_WINDOWS, Finding, Subject
from pipeline.render.figures import figures, in_order, measurements, subjects, warnings, windows
from pipeline.render.outcomes import MEANINGS, exit_code, overall

Document = dict[str, Plain]


def evidence_document(judgement: Judgement) -> Document:
    """One strategy's evidence as evidence.json holds it; its form is `evidence_schema.EVIDENCE`.

    `run` says how this run went and may differ between equal runs; `digest` names everything else.
    """
    evidence = judgement.evidence
    document: Document = {
        "outcome": judgement.verdict.outcome.name,
        "schema": SCHEMA,
        "simulated": evidence.provenance.simulated,
        "note": SIMULATED_NOTE if evidence.provenance.simulated else "",
        "provenance": _provenance(evidence),
        "policy": _policy(judgement.policy),
        "checks": [check.name for check in evidence.checks],
        "findings": [_finding(finding) for finding in in_order(judgement.verdict.findings)],
        "measurements": [
            {
                "subject": m.subject.value,
                "window": m.window,
                "metric": m.metric,
                "value": plain(float(m.value)),
                "unit": METRICS[m.metric].unit if m.metric in METRICS else "number",
            }
            for m in measurements(judgement)
        ],
        "windows": [_window(item) for item in _by_time(evidence.windows)],
        "incumbent": _incumbent(judgement.incumbent),
    }
    document["digest"] = document_digest(document)
    document["run"] = _fields(evidence.run) | {"chosen_because": judgement.chosen_because}
    return document


def document_digest(document: Mapping[str, Plain]) -> str:
    """The digest that an evidence document must carry: over everything but `digest` and `run`."""
    return digest({key: value for key, value in document.items() if key not in ("digest", "run")})


def gate_document(judgements: Sequence[Judgement], *, report: str | None = None) -> Document:
    """The whole gate as one object: outcome first, then each strategy with its reasons and numbers."""
    outcome = overall(judgements)
    simulated = any(judgement.evidence.provenance.simulated for judgement in judgements)
    return {
        "outcome": outcome.name,
        "schema": SCHEMA,
        "exit_code": int(exit_code(outcome)),
        "meaning": "Nothing was to be judged." if not judgements else _meaning(judgements),
        "simulated": simulated,
        "note": SIMULATED_NOTE if simulated else "",
        "report": report,
        "strategies": [_strategy(judgement) for judgement in judgements],
    }


def to_text(document: Mapping[str, Plain]) -> str:
    """The document as indented ASCII with a final line end; nothing in it can act on a terminal or become a workflow command."""
    text = json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False)
    return text.replace("##[", "##\\u005b").replace("\x7f", "\\u007f") + "\n"


def _meaning(judgements: Sequence[Judgement]) -> str:
    names = ", ".join(
        judgement.evidence.provenance.strategy
        for judgement in judgements
        if judgement.verdict.outcome is overall(judgements)
    )
    return f"{names} {MEANINGS[overall(judgements)]}."


def _strategy(judgement: Judgement) -> Document:
    provenance, table = judgement.evidence.provenance, figures(judgement)
    numbers: Document = {
        subject.value: {
            window: {
                metric: plain(float(table[subject, window, metric])) for metric in _metrics(table, subject, window)
            }
            for window in (ALL_WINDOWS, *windows(judgement))
        }
        for subject in subjects(judgement)
    }
    return {
        "id": provenance.strategy,
        "outcome": judgement.verdict.outcome.name,
        "reasons": [_finding(finding) for finding in in_order(judgement.verdict.reasons())],
        "warnings": [_finding(finding) for finding in warnings(judgement)],
        "chosen_because": judgement.chosen_because,
        "content_digest": provenance.content_digest,
        "evidence_digest": evidence_document(judgement)["digest"],
        "cached": judgement.evidence.run.cached,
        "measurements": numbers,
    }


def _metrics(table: Mapping[tuple[Subject, str, str], float], subject: Subject, window: str) -> list[str]:
    found = {metric for s, w, metric in table if s is subject and w == window}
    return [metric for metric in METRICS if metric in found] + sorted(found - METRICS.keys())


def _provenance(evidence: Evidence) -> Document:
    return {
        key: dict(sorted(value.items())) if isinstance(value, dict) else value
        for key, value in _fields(evidence.provenance).items()
    }


def _policy(policy: Policy) -> Document:
    return {
        "digest": policy.digest,
        "checks": list(policy.checks),
        "thresholds": [_fields(threshold) | {"scope": str(threshold.scope)} for threshold in policy.thresholds],
    }


def _fields(value: object) -> Document:
    """A dataclass as an object."""
    taken_apart = plain(value)
    assert isinstance(taken_apart, dict)
    return taken_apart


def _finding(finding: Finding) -> Document:
    return {
        "check": finding.check,
        "rule": finding.rule,
        "outcome": finding.outcome.name,
        "warning": finding.warning,
        "reason": finding.reason,
        "window": finding.window,
        "place": plain(finding.place),
    }


def _window(item: WindowTrades) -> Document:
    return {
        "name": item.window.name,
        "start": plain(item.window.start),
        "end": plain(item.window.end),
        "trades": len(item.trades),
        "trades_digest": item.digest,
    }


def _incumbent(evidence: Evidence | None) -> Plain:
    if evidence is None:
        return None
    return {
        "provenance": _provenance(evidence),
        "findings": [_finding(f) for f in in_order(f for check in evidence.checks for f in check.findings)],
        "windows": [_window(item) for item in _by_time(evidence.windows)],
    }


def _by_time(items: Iterable[WindowTrades]) -> list[WindowTrades]:
    return sorted(items, key=lambda item: (item.window.start, item.window.name))
