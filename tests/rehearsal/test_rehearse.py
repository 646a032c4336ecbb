"""The rehearsal: played once for real, then played back with each of its claims broken in turn."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from pipeline.config.trading import load_trading_environment
from pipeline.domain.rehearsal import Chapter, Rehearsal
from pipeline.domain.trading import RuntimeKind
from pipeline.errors import ExitCode, Refused, ToolFailed
from pipeline.rehearsal import rehearse
from pipeline.rehearsal.chapters import STORY
from pipeline.rehearsal.exchange import RemoteControl
from pipeline.rehearsal.rehearse import play, real_scene, refuse_real_secrets
from pipeline.rehearsal.scene import Scene
from pipeline.rehearsal.world import RealWorld, World, lay_out
from pipeline.render.outcomes import exit_code
from pipeline.render.rehearsal_outcome import outcome
from tests.fakes import FakeNarrator
from tests.needs import program
from tests.rehearsal import breaking
from tests.rehearsal.recording import Answers, Change, PlayedBack, RecordingWorld, changed


@dataclass(frozen=True)
class Played:
    """The real rehearsal, and what the world answered in it."""

    told: Rehearsal
    world: RecordingWorld
    bundles: dict[str, str]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    for name in ("git", "ssh-keygen"):
        program(name)
    folder = tmp_path_factory.mktemp("rehearsal")
    with real_scene(folder, FakeNarrator()) as scene:
        scene.world = RecordingWorld(scene.world)
        told = play(scene)
    return Played(told, scene.world, scene.bundles)


def again(played: Played, folder: Path, answers: Answers) -> Rehearsal:
    """The story with other answers, in no time."""
    assert played.world.began is not None
    lay_out(folder / "repository")
    world = PlayedBack(answers, played.world.began)
    access = {name: ("key", "secret") for name in ("sandbox", "prod")}
    return play(Scene(world, folder / "repository", folder / "keys", FakeNarrator(), access))


def test_every_claim_of_the_story_holds(played: Played) -> None:
    failed = [claim for claim in played.told.claims if not claim.held]
    stopped = [chapter.stopped for chapter in played.told.chapters if chapter.stopped]
    assert (failed, stopped) == ([], [])
    assert played.told.held
    assert exit_code(outcome(played.told)) == ExitCode.DONE
    assert len(played.told.chapters) == len(STORY)


def test_the_story_was_played_by_real_bots_on_real_books(played: Played) -> None:
    """What it tells can be read off the exchange's log and the ledgers; it is not the story's own word."""
    assert min(played.told.orders.values()) >= 4
    kinds = {(event.environment, event.kind) for event in played.told.events}
    assert {
        ("sandbox", "braked"),
        ("sandbox", "rolled_back"),
        ("test", "undone"),
        ("prod", "approved"),
        ("prod", "doubted"),
        ("test", "rolled_back"),
    } <= kinds
    decided = {(one.environment, one.strategy): one.decision for one in played.told.decisions}
    assert decided == {("test", "tide"): "ROLL_BACK", ("test", "reef"): "HOLD", ("sandbox", "tide"): "PROMOTE"}
    assert {(one.environment, one.strategy) for one in played.told.ran} >= {
        ("test", "tide"),
        ("test", "reef"),
        ("sandbox", "tide"),
        ("prod", "tide"),
    }
    assert len({sample.worth for sample in played.told.samples}) > 10


def test_played_back_unchanged_it_holds_as_well(played: Played, tmp_path: Path) -> None:
    told = again(played, tmp_path, played.world.answers)
    assert [claim.sentence for claim in told.claims] == [claim.sentence for claim in played.told.claims]
    assert told.held


def nothing(document: dict[str, Any]) -> None:
    document.clear()
    document["bundles"] = []


def same(bundles: dict[str, str]) -> Change:
    """The changed strategies are cut into the bundles that there were."""

    def edit(document: dict[str, Any]) -> None:
        for one in document["bundles"]:
            one["bundle"] = bundles[one["strategy"]]

    return breaking.prints(edit, "cut", only=1)


def unexplained(document: dict[str, Any]) -> None:
    for seat in document["strategies"]:
        seat["reason"] = ""


def unblocked(document: dict[str, Any]) -> None:
    for seat in document["strategies"]:
        seat["decision"] = "boards anyway"


def hopeful(document: dict[str, Any]) -> None:
    for one in document["strategies"]:
        one["decision"] = "HOLD"


def unexplained_hold(document: dict[str, Any]) -> None:
    for one in document["strategies"]:
        one["reasons"] = [] if one["strategy"] == "reef" else one["reasons"]


def untraded(document: dict[str, Any]) -> None:
    for one in document["strategies"]:
        one["measurements"] = [found for found in one["measurements"] if found["metric"] != "trades"]


def first_seen(played: Played, name: str) -> int:
    """How many times `status test` was asked before it told of that bundle."""
    answers = played.world.answers[("freqtrain", "status", "test", "--json")]
    return next(place for place, answer in enumerate(answers) if played.bundles[name] in answer.out)


def sold_as_often(orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    bought = [order for order in orders if order["side"] == "BUY"]
    return bought + [{**order, "side": "SELL"} for order in bought]


def lost_in(played: Played) -> str:
    """The order of prod that no answer ever told of."""
    doubts = [one.sentence for one in played.told.events if (one.environment, one.kind) == ("prod", "doubted")]
    orders = played.world.answers[("orders", "prod")][-1]
    return next(str(order["id"]) for told in doubts for order in orders if str(order["id"]) in told)


def without(order: str) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    return lambda orders: [one for one in orders if str(one["id"]) != order]


def twice(order: str) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    return lambda orders: [*orders, *({**one, "id": -1} for one in orders if str(one["id"]) == order)]


def known_already(order: str) -> Change:
    return lambda question, _place, answer: answer | {order} if question == ("known_orders", "prod") else answer


def busy(question: tuple[str, ...], _place: int, answer: Any) -> Any:
    return {**answer, "open_orders": 1} if question == ("books",) else answer


SIGNED = ("promote", "prod", "--tag", "v1", "--main", "refs/heads/main", "--approval")


def recorded_at_once(played: Played) -> Change:
    """The ledger of prod has an entry when it is looked at for the first time."""
    early = played.world.answers[("ledger", "prod")][-1][:1]
    return lambda question, place, answer: early if question == ("ledger", "prod") and place == 0 else answer


LATER: dict[tuple[str, ...], Callable[[Played], Change]] = {
    ("A sick bundle", "they are other bundles"): lambda played: same(played.bundles),
    ("A sick bundle", "the reason is told"): lambda _: (
        lambda question, _place, answer: (
            replace(answer, out="", err="") if question[:3] == ("freqtrain", "deploy", "test") else answer
        )
    ),
    ("prod", "nothing was recorded by then"): recorded_at_once,
    ("A bundle that loses", "test gets it as well"): lambda played: breaking.ends_with(
        6, "deploy", "test", played.bundles["bold"]
    ),
    ("What the numbers decide", "it runs, proved"): lambda played: breaking.says(
        "test", "tide", after=first_seen(played, "bold"), entries="no"
    ),
    ("An exchange that hangs", "the exchange fills an order"): lambda played: breaking.books(
        "prod", without(lost_in(played))
    ),
    ("An exchange that hangs", "no database knows it"): lambda played: known_already(lost_in(played)),
    ("An exchange that hangs", "it bought nothing twice"): lambda played: breaking.books(
        "prod", twice(lost_in(played))
    ),
}
"""Those that need what was played to be broken."""

BROKEN: dict[tuple[str, ...], Change] = {
    ("The gate", "a market is simulated"): breaking.ends_with(4, "data", "simulate"),
    ("The gate", "both strategies pass"): breaking.ends_with(10, "gate"),
    ("The gate", "the verdict says"): breaking.prints(lambda told: told.update(simulated=False), "gate", only=0),
    ("The gate", "tide and reef can be cut"): breaking.prints(nothing, "cut", only=0),
    ("The gate", "each is built once"): breaking.ends_with(3, "bundle", "verify"),
    ("test", "both board"): breaking.ends_with(4, "promote", "test"),
    ("test", "tide runs in test"): breaking.says("test", "tide", entries="no"),
    ("test", "reef runs in test"): breaking.says("test", "reef", bot="down"),
    ("test", "tide is in the market"): breaking.says("test", "tide", open_trades=0),
    ("test", "tide closed two"): breaking.remembers("test", "observed", closed_trades=1),
    ("test", "no order was placed"): breaking.books("sandbox", lambda _: [{"id": 1}]),
    ("test", "tide has been healthy"): breaking.forgets("test", "soaked"),
    ("sandbox", "the tag is carried out"): breaking.ends_with(6, "promote", "sandbox", "--tag", "v1"),
    ("sandbox", "tide boards"): breaking.remembers("sandbox", "promoted", bundle="sha256:another"),
    ("sandbox", "reef stays"): breaking.prints(unexplained, "promote", "sandbox", "--tag", "v1"),
    ("sandbox", "nothing of reef"): breaking.prints(
        lambda told: told["strategies"].append({"strategy": "reef", "bundle": "sha256:x"}), "status", "sandbox"
    ),
    ("sandbox", "tide buys with real money"): breaking.books("sandbox", breaking.sides("SELL")),
    ("sandbox", "no order is larger"): breaking.books("sandbox", breaking.larger),
    ("sandbox", "nothing was ordered in prod"): breaking.books(
        "prod", lambda orders: [*orders, {"side": "?", "status": "NEW", "id": 0}], after=1
    ),
    ("A sick bundle", "the gate lets both"): breaking.prints(lambda told: told.update(outcome="FAIL"), "gate", only=1),
    ("A sick bundle", "tide and reef can be cut"): breaking.prints(nothing, "cut", only=1),
    ("A sick bundle", "the old bundle runs again"): breaking.says("test", "reef", after=2, entries="no"),
    ("A sick bundle", "its deployment is undone"): breaking.ends_with(0, "deploy", "test"),
    ("A sick bundle", "the ledger says so"): breaking.forgets("test", "undone"),
    ("prod", "tide has been healthy in sandbox"): breaking.forgets("sandbox", "soaked"),
    ("prod", "without a signature"): breaking.ends_with(
        0, "promote", "prod", "--tag", "v1", "--main", "refs/heads/main", "--json"
    ),
    ("prod", "a forged approval"): breaking.ends_with(0, *SIGNED, only=0),
    ("prod", "the author cannot"): breaking.ends_with(0, *SIGNED, only=1),
    ("prod", "the owner's approval"): breaking.ends_with(3, *SIGNED, only=2),
    ("prod", "it is recorded who signed"): breaking.remembers("prod", "approved", signer="trader@rehearsal.invalid"),
    ("prod", "tide runs in prod"): breaking.says("prod", "tide", bundle="sha256:another"),
    ("prod", "it buys with the full stake"): breaking.books("prod", breaking.sides("SELL")),
    ("prod", "between 90 and 100"): breaking.books("prod", breaking.larger),
    ("prod", "it sells with a profit"): breaking.books("prod", breaking.sides("BUY")),
    ("A bundle that loses", "it boards for sandbox"): breaking.ends_with(3, "promote", "sandbox", "--tag", "v2"),
    ("A bundle that loses", "it is recorded that a person"): breaking.remembers("sandbox", "promoted", overridden=""),
    ("A bundle that loses", "the brake on its drawdown"): breaking.forgets("sandbox", "braked"),
    ("A bundle that loses", "the last good bundle"): breaking.remembers("sandbox", "rolled_back", to=""),
    ("A bundle that loses", "the bad one is blocked"): breaking.forgets("sandbox", "blocked"),
    ("A bundle that loses", "it is in the market"): breaking.books("sandbox", sold_as_often),
    ("A bundle that loses", "the good one runs"): breaking.says("sandbox", "tide", entries="no"),
    ("A bundle that loses", "and nobody can insist"): breaking.prints(
        unblocked, "promote", "sandbox", "--tag", "v2", "--main", "refs/heads/main", "--plan"
    ),
    ("An exchange that hangs", "the bot is killed"): breaking.answers(("kill", "prod"), 0),
    ("An exchange that hangs", "the order is found"): breaking.forgets("prod", "doubted"),
    ("An exchange that hangs", "tide is up"): breaking.says("prod", "tide", entries="yes"),
    ("What the numbers decide", "the bundle that loses has"): breaking.says("test", "tide", open_trades=1),
    ("What the numbers decide", "it sells at its stop"): breaking.answers(("closed_profits", "test", "tide"), [0.005]),
    ("What the numbers decide", "it is seen"): breaking.remembers("test", "observed", bundle="sha256:another"),
    ("What the numbers decide", "by its trades it is taken back"): breaking.prints(hopeful, "decide", "test"),
    ("What the numbers decide", "the last good bundle"): breaking.forgets("test", "rolled_back"),
    ("What the numbers decide", "reef is held"): breaking.prints(unexplained_hold, "decide", "test"),
    ("What the numbers decide", "the good bundle has earned"): breaking.prints(untraded, "decide", "sandbox"),
    ("The books", "no order is open"): busy,
    ("The books", "each of the", "sandbox"): breaking.answers(("known_orders", "sandbox"), set()),
    ("The books", "each of the", "prod"): breaking.answers(("known_orders", "prod"), set()),
    ("The books", "everything is sold in test"): breaking.ends_with(4, "stop", "test"),
    ("The books", "everything is sold in sandbox"): breaking.ends_with(4, "stop", "sandbox"),
    ("The books", "everything is sold in prod"): breaking.ends_with(4, "stop", "prod"),
    ("The books", "the ledger of test is whole"): breaking.ends_with(3, "log", "test"),
    ("The books", "the ledger of sandbox is whole"): breaking.ends_with(3, "log", "sandbox"),
    ("The books", "the ledger of prod is whole"): breaking.ends_with(3, "log", "prod"),
    ("The books", "freqtrain sees that"): breaking.ends_with(3, "reconcile", "sandbox"),
    ("The books", "no process is left"): breaking.answers(("processes",), ["a bot"]),
}


def places(told: Rehearsal) -> list[tuple[Chapter, str]]:
    return [(chapter, claim.sentence) for chapter in told.chapters for claim in chapter.claims]


def breaks(way: tuple[str, ...], chapter: Chapter, sentence: str) -> bool:
    title, begins, *rest = way
    return chapter.title.startswith(title) and sentence.startswith(begins) and all(word in sentence for word in rest)


def test_for_every_claim_there_is_a_way_to_break_it(played: Played) -> None:
    """A claim that nobody knows how to break may be one that cannot fail."""
    ways = (*BROKEN, *LATER)
    assert [s for chapter, s in places(played.told) if sum(breaks(way, chapter, s) for way in ways) != 1] == []


@pytest.mark.parametrize("way", [*BROKEN, *LATER], ids=lambda way: ": ".join(way))
def test_a_broken_claim_is_found_and_ends_the_story(way: tuple[str, ...], played: Played, tmp_path: Path) -> None:
    change = BROKEN[way] if way in BROKEN else LATER[way](played)
    told = again(played, tmp_path, changed(played.world.answers, change))
    (failed,) = [claim for claim in told.claims if not claim.held]
    assert breaks(way, told.chapters[-1], failed.sentence)
    assert told.chapters[-1].claims[-1] is failed
    assert not told.held
    assert exit_code(outcome(told)) == ExitCode.FAIL


def test_a_tool_that_is_missing_ends_the_story_as_an_error(played: Played, tmp_path: Path) -> None:
    def change(question: tuple[str, ...], _place: int, answer: Any) -> Any:
        return replace(answer, code=127, err="not found") if question[0] == "tool" and "tag" in question else answer

    told = again(played, tmp_path, changed(played.world.answers, change))
    assert "ended with 127" in told.chapters[-1].stopped
    assert exit_code(outcome(told)) == ExitCode.ERROR


def test_inherited_secrets_are_refused_by_name() -> None:
    with pytest.raises(Refused, match="EXCHANGE_ACCESS_SECRET") as refused:
        refuse_real_secrets({"EXCHANGE_ACCESS_SECRET": "hunter2", "PATH": "/bin"})
    assert "hunter2" not in refused.value.message + refused.value.hint


def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(Refused, match="is not empty") as refused, real_scene(tmp_path, FakeNarrator()):
        pass
    assert "--folder" in refused.value.hint
    assert [one.name for one in tmp_path.iterdir()] == ["mine"]


def test_a_folder_in_a_checkout_is_refused_at_once_and_not_made(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with pytest.raises(Refused, match="lies in the repository") as refused, real_scene(tmp_path / "r", FakeNarrator()):
        pass
    assert "--folder" in refused.value.hint
    assert not (tmp_path / "r").exists()


@pytest.mark.processes
@pytest.mark.sockets
def test_bots_are_ended_though_the_exchange_does_not_answer_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_control: RemoteControl, _number: int | None = None) -> None:
        raise ToolFailed("the exchange is gone")

    ended: list[Path] = []
    monkeypatch.setattr(RemoteControl, "lift", gone)
    monkeypatch.setattr(RealWorld, "shut_down", lambda world: ended.append(world.home))
    with pytest.raises(ToolFailed, match="is gone"), real_scene(tmp_path / "r", FakeNarrator()):
        pass
    assert ended == [tmp_path / "r" / "home"]


def test_a_rehearsal_with_containers_asks_for_them_in_every_environment_with_bots(tmp_path: Path) -> None:
    for kind in RuntimeKind:
        lay_out(tmp_path / kind, kind)
        for name in ("test", "sandbox", "prod"):
            variables = {"REHEARSAL_EXCHANGE": "binance", "REHEARSAL_DRY_RUN": "true" if name == "test" else "false"}
            loaded = load_trading_environment(tmp_path / kind / "environments" / f"{name}.yml", variables)
            assert loaded.environment.runtime is kind


def test_a_rehearsal_with_containers_says_what_is_missing_before_anything_is_laid_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearse, "demand", _no_engine)
    monkeypatch.setenv("FREQTRAIN_IMAGE", "sha256:" + "a" * 64)
    with pytest.raises(ToolFailed, match="no engine"), real_scene(tmp_path / "r", FakeNarrator(), RuntimeKind.COMPOSE):
        pytest.fail("it was laid out")
    assert not (tmp_path / "r").exists()


def test_a_rehearsal_with_containers_says_how_to_get_their_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FREQTRAIN_IMAGE", raising=False)
    with (
        pytest.raises(Refused, match="FREQTRAIN_IMAGE") as refused,
        real_scene(tmp_path / "r", FakeNarrator(), RuntimeKind.COMPOSE),
    ):
        pytest.fail("it was laid out")
    assert "make rehearse-compose" in refused.value.hint
    assert not (tmp_path / "r").exists()


class Stubborn:
    """A device that is ended at the last of several attempts."""

    def __init__(self, *failures: BaseException) -> None:
        self.failures = [*failures]
        self.ended = 0

    def shut_down(self) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.ended += 1


def test_somebody_who_interrupts_the_end_too_leaves_nothing_behind() -> None:
    device, narrator = (
        Stubborn(KeyboardInterrupt(), ToolFailed("docker compose down: it was interrupted")),
        FakeNarrator(),
    )
    rehearse.shut_down(cast("World", device), narrator)
    assert device.ended == 1
    assert "is being ended" in narrator.lines[-1]


def test_what_cannot_be_ended_is_told_in_the_end() -> None:
    device = Stubborn(*(ToolFailed("Docker's engine does not answer") for _ in range(9)))
    with pytest.raises(ToolFailed, match="does not answer"):
        rehearse.shut_down(cast("World", device), FakeNarrator())


def _no_engine(_kind: RuntimeKind) -> None:
    raise ToolFailed("no engine")
