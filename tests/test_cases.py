"""Judgements that anybody can add without Python: each file in tests/cases is a policy, numbers, and the verdict that must come of them.

given: {all together: {trades: 12}, early: {profit_total_ratio: -0.2}}   # the candidate's numbers by window; nan and inf in quotes
market: {early: {profit_total_ratio: 0.1}}                               # optional; also incumbent:
found: [{check: lint, outcome: FAIL, reason: A sentence.}]               # optional: what the checks found
policy: {checks: [lint], thresholds: [...]}                              # as in environments/*.yml
overrides: [...]                                                         # optional: a strategy's own thresholds
verdict: FAIL
because: [Not enough trades (12 of 30) over all windows.]                # the reasons that decided, in any order
"""

from pathlib import Path
from typing import Any

import pytest

from pipeline.config.source import Source, read
from pipeline.config.thresholds import read_thresholds
from pipeline.domain.evidence import CheckResult
from pipeline.domain.judge import judge
from pipeline.domain.policy import Policy, tighten
from pipeline.domain.verdict import Finding, Measurement, Outcome, Subject

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
KEYS = {"about", "given", "market", "incumbent", "found", "policy", "overrides", "verdict", "because"}


def measurements(case: dict[str, Any]) -> list[Measurement]:
    """The numbers of all subjects."""
    subjects = {"given": Subject.CANDIDATE, "market": Subject.MARKET, "incumbent": Subject.INCUMBENT}
    return [
        Measurement(metric, float(value), window, subject)
        for key, subject in subjects.items()
        for window, numbers in case.get(key, {}).items()
        for metric, value in numbers.items()
    ]


def checks(case: dict[str, Any]) -> list[CheckResult]:
    """Every check that the policy demands was made; `found` is what they found."""
    found: dict[str, list[Finding]] = {name: [] for name in case["policy"].get("checks", [])}
    for item in case.get("found", []):
        found.setdefault(item["check"], []).append(
            Finding(item["check"], item["check"], Outcome[item["outcome"]], item["reason"])
        )
    return [CheckResult(name, tuple(findings)) for name, findings in found.items()]


def policy(case: dict[str, Any], source: Source) -> Policy:
    """The policy, tightened by the overrides."""
    thresholds, problems = read_thresholds(source, ("policy", "thresholds"))
    overrides, more = read_thresholds(source, ("overrides",))
    tightened, loosened = tighten(Policy(tuple(case["policy"].get("checks", [])), thresholds), overrides)
    assert (*problems, *more, *loosened) == ()
    assert len(thresholds) == len(case["policy"].get("thresholds") or []), "a threshold of the case is malformed"
    return tightened


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_verdict_is_the_one_that_the_case_expects(path: Path) -> None:
    source = read(path)
    case = source.data
    assert isinstance(case, dict)
    assert set(case) <= KEYS, f"a case has only these keys: {', '.join(sorted(KEYS))}"
    verdict = judge(checks(case), measurements(case), policy(case, source))
    assert verdict.outcome.name == case["verdict"], [finding.reason for finding in verdict.reasons()]
    assert sorted(finding.reason for finding in verdict.reasons()) == sorted(case.get("because") or [])


def test_there_are_cases_of_every_outcome() -> None:
    assert {str(read(path).data["verdict"]) for path in CASES} == set(Outcome.__members__)  # type: ignore[index,call-overload]
