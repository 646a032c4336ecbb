"""Names and ports of slots, and the words of steps."""

from pipeline.domain.train.state import EnvironmentState, StrategyState
from pipeline.domain.train.steps import SENTENCES, UNDONE_BY, Step, StepKind, api_port, bot_name, short


def test_a_bot_is_named_by_environment_strategy_and_slot() -> None:
    assert bot_name("prod", "sma_trend", "b") == "prod-sma_trend-b"


def test_no_two_bots_share_a_port() -> None:
    ports = [api_port(18100, place, slot) for place in range(5) for slot in "ab"]
    assert ports == list(range(18100, 18110))


def test_a_place_is_known_before_the_first_deployment() -> None:
    state = EnvironmentState("prod", {"one": StrategyState("one", 4)})
    assert (state.place_of("one"), state.place_of("two")) == (4, 5)


def test_every_step_has_a_sentence_and_an_answer_to_what_takes_it_back() -> None:
    assert set(SENTENCES) == set(UNDONE_BY) == set(StepKind)


def test_a_step_reads_as_a_sentence() -> None:
    assert str(Step(StepKind.PROVE, "a", "sha256:" + "1" * 64)) == (
        "prove identity, mode and fresh loops [a, 111111111111]"
    )
    assert str(Step(StepKind.PREFLIGHT)) == "check what could speak against it"
    assert short("sha256:abc") == "abc"
