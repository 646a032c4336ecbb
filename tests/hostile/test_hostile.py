"""Hostile strategies in every sandbox: none passes, none finds anything, none leaves anything, and the next one is judged as ever."""

import re
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import freqtrade
import pytest

from pipeline.adapters import engine
from pipeline.adapters.engine import FreqtradeChild
from pipeline.adapters.sandbox import Sandbox
from pipeline.domain import metrics
from pipeline.domain.job import BacktestResult, Job, Limits
from pipeline.domain.lint import lint
from pipeline.domain.verdict import Outcome
from pipeline.errors import ToolFailed
from pipeline.render import annotations, report, summary, terminal
from tests import descendants
from tests.hostile import ground
from tests.hostile.case import CANARY, Hostile, candidate
from tests.hostile.cheat import CHEAT
from tests.hostile.exhaust import EXHAUST
from tests.hostile.ground import Market
from tests.hostile.inject import INJECT
from tests.hostile.steal import STEAL

pytestmark = pytest.mark.processes

ALL = (*STEAL, *CHEAT, *EXHAUST, *INJECT)
TOGETHER = tuple(attack for attack in ALL if not attack.alone and not attack.waits)
WAITING = tuple(attack for attack in ALL if attack.waits)
ALONE = tuple(attack for attack in ALL if attack.alone)
HONEST = "honest"


@dataclass(frozen=True)
class Tried:
    """What came of all that was tried in one sandbox; the honest window was judged before, amid and after."""

    market: Market
    job: Job
    answers: Mapping[str, BacktestResult | ToolFailed]
    honest: tuple[BacktestResult, ...]


@pytest.fixture(scope="session")
def tried(sandbox: Sandbox, market: Market, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tried]:
    """Everything tried once, with secrets lying about, while engine, judge, candles and temporary folder are watched."""
    folder, temporary = tmp_path_factory.mktemp("strategies"), tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(temporary))
        patch.setenv("GITHUB_TOKEN", CANARY)
        patch.setattr(engine, "GRACE_SECONDS", 6.0)
        before = _watched(market, temporary)
        child = FreqtradeChild(sandbox)
        honest = _results(ground.tried(child, ground.job(market, folder, (), [HONEST])))[HONEST]
        names = [HONEST, *(attack.name for attack in TOGETHER)]
        together = ground.job(market, folder, TOGETHER, names)
        answers: dict[str, BacktestResult | ToolFailed] = dict(_results(ground.tried(child, together)))
        with ThreadPoolExecutor(2) as pool:
            for answered in pool.map(partial(_few, child, market, folder), ((a,) for a in ALONE)):
                answers |= answered
        answers |= _few(child, market, folder, WAITING)
        after = _results(ground.tried(child, ground.job(market, folder, (), [HONEST])))[HONEST]
        amid = answers.pop(HONEST)
        assert isinstance(amid, BacktestResult)
        time.sleep(0.2)
        yield Tried(market, together, answers, (honest, amid, after))
        assert _watched(market, temporary) == before


def _few(
    child: FreqtradeChild, market: Market, folder: Path, attacks: Sequence[Hostile]
) -> Mapping[str, BacktestResult | ToolFailed]:
    """What came of attacks that have a child to themselves."""
    here = Path(tempfile.mkdtemp(dir=folder))
    names = [attack.name for attack in attacks]
    limits = Limits(5.0 if attacks[0].waits else attacks[0].seconds, attacks[0].memory_mib, 4)
    got = ground.tried(child, ground.job(market, here, attacks, names, limits=limits, parallel=len(attacks)))
    return {name: got if isinstance(got, ToolFailed) else got[name] for name in names}


def _results(answer: Mapping[str, BacktestResult] | ToolFailed) -> Mapping[str, BacktestResult]:
    assert not isinstance(answer, ToolFailed), f"{answer.message} {answer.hint}"
    return answer


def _watched(market: Market, temporary: Path) -> dict[str, object]:
    """Everything that a strategy could have changed or left: the engine, the judge, the candles, temporary files, processes."""
    packages = Path(freqtrade.__file__).parents[1]
    files = [
        *market.data_dir.iterdir(),
        *(packages / "freqtrade").rglob("*.py"),
        *packages.glob("*.py"),
        Path(metrics.__file__),
    ]
    return {
        "files": {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(files)},
        "markets": market.markets.read_bytes(),
        "temporary": sorted(path.name for path in temporary.rglob("*")),
        "processes": descendants.now(),
    }


def test_there_are_enough_of_them_and_no_two_have_one_name() -> None:
    assert len(ALL) >= 40
    assert len({attack.name for attack in ALL}) == len(ALL)


@pytest.mark.parametrize("attack", ALL, ids=lambda attack: attack.name)
def test_it_ends_with_fail_or_error_and_the_true_reason(tried: Tried, attack: Hostile) -> None:
    verdict = ground.verdict(tried.market, tried.job, attack.name, tried.answers[attack.name])
    reasons = " ".join(finding.reason for finding in verdict.reasons())
    assert verdict.outcome in (Outcome.FAIL, Outcome.ERROR)
    assert re.search(attack.reason, reasons), reasons


@pytest.mark.parametrize("attack", ALL, ids=lambda attack: attack.name)
def test_it_brings_no_secret_out(tried: Tried, attack: Hostile) -> None:
    answer = tried.answers[attack.name]
    assert CANARY not in repr(answer)
    assert not isinstance(answer, ToolFailed) or CANARY not in answer.hint


def test_the_next_strategy_is_judged_as_if_nothing_had_been(tried: Tried) -> None:
    before, amid, after = tried.honest
    assert before.failure is None
    assert len(before.trades) > 3
    assert before == amid == after


@pytest.mark.parametrize("attack", INJECT, ids=lambda attack: attack.name)
def test_what_it_says_is_text_wherever_it_is_read(tried: Tried, attack: Hostile) -> None:
    verdict = ground.verdict(tried.market, tried.job, attack.name, tried.answers[attack.name])
    judgements = (ground.judgement(attack.name, verdict),)
    for line in annotations.annotations(judgements).splitlines():
        assert line.startswith(("::error ", "::warning ")), line
        assert ".." not in line.split("::")[1], line
    told = terminal.render(judgements, report="report.html", width=100, color=False)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", told)
    folded = annotations.group("title", told).splitlines()[1:-1]
    assert not [line for line in folded if line.lstrip().startswith("::") or "##[" in line]
    page = report.html(judgements, {})
    assert "<script>alert" not in page
    assert "onerror=alert" not in re.sub(r"&[a-z]+;[^<]*", "", page)
    comment = summary.markdown(judgements, {})
    assert "\n# owned" not in comment
    assert not re.search(r"(?<!\\)\]\(javascript", comment)
    assert "<script" not in comment


@pytest.mark.parametrize("attack", [a for a in ALL if a.linted], ids=lambda attack: attack.name)
def test_lint_would_not_even_have_run_it(attack: Hostile) -> None:
    assert any(finding.outcome is Outcome.FAIL for finding in lint(candidate(attack), frozenset({"talib"})))


def test_lint_has_nothing_to_say_of_the_honest_part() -> None:
    found = lint(candidate(Hostile("nothing", "pass", "")), frozenset({"talib"}))
    assert [finding for finding in found if finding.outcome is not Outcome.PASS] == []


@pytest.mark.parametrize(
    "code", ["self.dp.runmode.value == 'backtest'", "self.config['runmode'].value == 'backtest'"], ids=["dp", "config"]
)
def test_a_strategy_that_asks_whether_it_is_a_backtest_is_not_run(code: str) -> None:
    attack = Hostile("detect the backtest", f"if {code}: dataframe['mean'] = 0.0", "")
    found = lint(candidate(attack), frozenset({"talib"}))
    assert [finding.rule for finding in found if finding.outcome is Outcome.FAIL] == ["FT109"]
