"""Approval on GitHub: a run asks, a person lets it in, and only exactly what was asked for boards."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.domain.canonical import digest_bytes
from pipeline.domain.github import Artifact, Person, Review, WaitingDeployment, WorkflowJob, WorkflowRun
from pipeline.domain.trading import Approval, Team
from pipeline.domain.train.approval import text
from pipeline.domain.train.approval_github import Approvers, what_was_asked
from pipeline.domain.train.decisions import Approved, Asked, Blocked
from pipeline.domain.train.facts import recorded
from pipeline.errors import ConfigError, ExitCode, Refused, ToolFailed, UsageError
from pipeline.flows.approve import Given
from pipeline.flows.approve_github import OnGitHub
from pipeline.flows.promote import promote
from pipeline.flows.promote_ask import ask
from pipeline.flows.promote_decide import PromoteGround, Wish
from tests.domain.trading.samples import LIVE
from tests.flows.promote_ground import ASTRAY, DIP, DIP_2, FIRST, SECOND, THIRD, TREND, TREND_1, Town, stored
from tests.flows.road_ground import Crash, Device

PROD = replace(LIVE, name="prod", after="sandbox", approval=Approval(True))
RUN = 77
TAG = Wish("bob", tag="v1", run=RUN)


@dataclass
class FakeRuns:
    """GitHub's word about one run; everything else is nobody's business here."""

    run: WorkflowRun
    answers: list[Review] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def get(self, run_id: int) -> WorkflowRun:
        return self.run

    def reviews(self, run_id: int) -> tuple[Review, ...]:
        assert run_id == self.run.id
        self.meanwhile()
        return tuple(self.answers)

    def of_commit(self, workflow: str, event: str, sha: str, branch: str) -> tuple[WorkflowRun, ...]:
        raise AssertionError("an approval asks for the run and its reviews alone")

    def jobs(self, run_id: int) -> tuple[WorkflowJob, ...]:
        raise AssertionError("an approval asks for the run and its reviews alone")

    def artifacts(self, run_id: int, name: str = "") -> tuple[Artifact, ...]:
        raise AssertionError("an approval asks for the run and its reviews alone")

    def fetch(self, artifact: Artifact, most_bytes: int) -> bytes:
        raise AssertionError("an approval asks for the run and its reviews alone")

    def waiting(self, run_id: int) -> tuple[WaitingDeployment, ...]:
        raise AssertionError("an approval asks for the run and its reviews alone")


@dataclass
class FakePeople:
    """Accounts by commits and by addresses; the owner is a person unless somebody says otherwise."""

    wrote: dict[str, Person] = field(default_factory=dict)
    addresses: dict[str, Person] = field(default_factory=dict)
    of: Person | None = field(default_factory=lambda: Person("owner", 9))
    asked: list[str] = field(default_factory=list)

    def owner(self) -> Person | None:
        return self.of

    def author_of(self, commit: str) -> Person | None:
        self.asked.append(commit)
        return self.wrote.get(commit)

    def known_as(self, address: str) -> Person | None:
        return self.addresses.get(address)


ADA, BOB, EVE = Person("ada", 1), Person("bob", 2), Person("eve", 3)


@dataclass
class Hall(Town):
    """A town whose repository is on GitHub: ada and bob may approve, eve and bob wrote dip, bob wrote trend."""

    approvers: Approvers = field(default_factory=lambda: Approvers(frozenset({"ada", "bob"})))
    people: FakePeople = field(default_factory=lambda: FakePeople({FIRST: EVE, SECOND: BOB}))
    runs: FakeRuns = field(init=False)

    def __post_init__(self) -> None:
        at = self.device.clock.now()
        workflow, event = ".github/workflows/prod.yml", "workflow_dispatch"
        self.runs = FakeRuns(
            WorkflowRun(RUN, 1, workflow, event, THIRD, "main", "o/r", "in_progress", "", "https://x", at)
        )

    def ground(self) -> PromoteGround:
        github = OnGitHub("o/r", "main", self.runs, self.people, lambda: self.approvers)
        return replace(super().ground(), github=github)

    def answer(self, who: Person, state: str = "approved", environment: str = "prod") -> None:
        self.runs.answers.append(Review(state, who, (environment,), ""))


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    return a_hall(tmp_path)


def a_hall(folder: Path) -> Hall:
    made = Hall(Device(folder, PROD))
    made.tags.name("v1", THIRD)
    made.earn(DIP, DIP_2)
    made.earn(TREND, TREND_1)
    made.tags.wrote = {
        (DIP, FIRST): {"eve@example.org"},
        (DIP, SECOND): {"bob@example.org"},
        (TREND, SECOND): {"bob@example.org"},
    }
    return made


def approved(hall: Hall) -> Hall:
    """The run asked, and ada let it in."""
    ask(TAG, hall.ground())
    hall.answer(ADA)
    return hall


def refusal(hall: Hall, wish: Wish = TAG) -> str:
    before = hall.device.kinds()
    with pytest.raises(Refused) as caught:
        promote(wish, hall.ground())
    assert (hall.device.kinds(), hall.device.alive()) == (before, [])
    return caught.value.message


def test_a_run_that_asks_changes_nothing_but_the_ledger(hall: Hall) -> None:
    made = ask(TAG, hall.ground())
    assert (made.code, made.planned, made.recorded, hall.device.alive()) == (ExitCode.DONE, True, False, [])
    (fact,) = (record.fact for record in recorded(hall.device.entries()))
    assert isinstance(fact, Asked)
    assert (fact.run, fact.bundles) == (RUN, tuple(sorted((DIP_2, TREND_1))))
    assert (fact.policy, fact.source, fact.by) == (PROD.policy_digest, f"tag v1 at {THIRD}", "bob")
    assert fact.expires_at == hall.device.clock.now() + timedelta(hours=24)
    assert made.question is not None
    assert made.question.asked == fact


def test_after_the_yes_exactly_that_boards_and_the_ledger_says_who_said_it(hall: Hall) -> None:
    approved(hall)
    question = hall.device.road().state().asked[RUN]
    made = promote(TAG, hall.ground())
    assert (made.code, set(hall.device.entering())) == (ExitCode.DONE, {DIP_2, TREND_1})
    fact = recorded(hall.device.entries())[1].fact
    assert isinstance(fact, Approved)
    assert (fact.signer, fact.run, fact.bundles) == ("@ada", RUN, tuple(sorted((DIP_2, TREND_1))))
    assert fact.expires_at == question.asked.expires_at
    assert fact.text == digest_bytes(text(what_was_asked(question)).encode())
    assert made.approved == fact


def test_a_run_may_ask_again_for_the_same_and_for_nothing_else(hall: Hall) -> None:
    ask(TAG, hall.ground())
    again = ask(TAG, hall.ground())
    assert again.question is not None
    assert hall.device.kinds() == ["asked"]
    hall.earned.append(Blocked("sandbox", TREND, TREND_1, "operator", "it lost"))
    with pytest.raises(Refused, match="run 77 on GitHub asked for something else at 2026-01-01"):
        ask(TAG, hall.ground())
    assert hall.device.kinds() == ["asked"]
    assert ask(replace(TAG, run=78), hall.ground()).question is not None


def test_a_question_that_expired_is_not_asked_again_by_its_run(hall: Hall) -> None:
    ask(TAG, hall.ground())
    hall.device.clock.at += timedelta(hours=24)
    with pytest.raises(Refused, match="asked already, and that expired"):
        ask(TAG, hall.ground())


def test_a_run_that_is_run_again_boards_on_the_same_yes(hall: Hall) -> None:
    promote(replace(TAG, deploy=False), approved(hall).ground())
    hall.runs.run = replace(hall.runs.run, attempt=2)
    ask(TAG, hall.ground())
    assert promote(TAG, hall.ground()).code is ExitCode.DONE
    assert set(hall.device.entering()) == {DIP_2, TREND_1}


def test_where_nobody_has_to_approve_or_nothing_boards_nothing_is_asked(hall: Hall) -> None:
    hall.device.environment = replace(PROD, approval=Approval(False))
    assert ask(TAG, hall.ground()).question is None
    hall.device.environment = PROD
    hall.earned.clear()
    made = ask(TAG, hall.ground())
    assert (made.code, made.question, hall.device.kinds()) == (ExitCode.DONE, None, [])


def _one_more(hall: Hall) -> None:
    hall.tags.versions[THIRD]["extra"] = 1
    digest = "sha256:" + "d" * 64
    hall.bundles.kept[digest] = stored(digest, "extra", 1, THIRD)
    hall.tags.wrote["extra", THIRD] = {"bob@example.org"}
    hall.earn("extra", digest)


def _one_less(hall: Hall) -> None:
    hall.earned.append(Blocked("sandbox", TREND, TREND_1, "operator", "it lost"))


def _other_policy(hall: Hall) -> None:
    brakes = replace(PROD.brakes, drawdown_max_ratio=replace(PROD.brakes.drawdown_max_ratio, limit=0.5))
    hall.device.environment = replace(PROD, brakes=brakes)


def _late(hall: Hall) -> None:
    hall.device.clock.at += timedelta(hours=24)


def _nobody(hall: Hall) -> None:
    hall.runs.answers.clear()


def _by_author(hall: Hall) -> None:
    hall.runs.answers.clear()
    hall.answer(BOB)


def _by_stranger(hall: Hall) -> None:
    hall.runs.answers.clear()
    hall.answer(Person("mallory", 66))


def _rejected(hall: Hall) -> None:
    hall.answer(Person("mallory", 66), "rejected")


def _elsewhere(hall: Hall) -> None:
    hall.runs.answers.clear()
    hall.answer(ADA, environment="sandbox")


def _strange_workflow(hall: Hall) -> None:
    hall.runs.run = replace(hall.runs.run, workflow=".github/workflows/idea.yml")


def _strange_commit(hall: Hall) -> None:
    hall.runs.run = replace(hall.runs.run, sha=ASTRAY)


def _option_for_a_commit(hall: Hall) -> None:
    hall.tags.history.append("--help")
    hall.tags.versions["--help"] = hall.tags.versions[THIRD]
    hall.runs.run = replace(hall.runs.run, sha="--help")


def _unknown_author(hall: Hall) -> None:
    del hall.people.wrote[SECOND]


def _unknown_helper(hall: Hall) -> None:
    hall.tags.wrote[DIP, SECOND] = {"bob@example.org", "kim@example.org"}


def _helped(hall: Hall) -> None:
    hall.tags.wrote[DIP, SECOND] = {"bob@example.org", "lovelace@example.org"}
    hall.people.addresses["lovelace@example.org"] = ADA


def _helped_in_private(hall: Hall) -> None:
    """Ada was called otherwise then; the first address is the author's."""
    hall.tags.wrote[DIP, SECOND] = {"0@example.org", "1+before@users.noreply.github.com"}


def _teams_only(hall: Hall) -> None:
    hall.approvers = Approvers(frozenset(), ("@o/product",))


def _organization(hall: Hall) -> None:
    hall.approvers, hall.people.of = Approvers(frozenset(), solo=True), None


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_one_more, "Not approved: dddddddddddd"),
        (_one_less, "no longer boarding"),
        (_other_policy, "The approval is for policy"),
        (_late, "expires at 2026-01-02"),
        (_nobody, "Nobody approved 'prod' in this run"),
        (_by_author, "@bob approved and is an author of what boards"),
        (_by_stranger, "@mallory approved and may not"),
        (_rejected, "@mallory said no to 'prod'"),
        (_elsewhere, "Nobody approved 'prod' in this run"),
        (_strange_workflow, "The run is one of .github/workflows/idea.yml"),
        (_strange_commit, "The run's commit ffffffffffff is to be on the protected main"),
        (_option_for_a_commit, "is to be on the protected main"),
        (_unknown_author, "no account for bob@example.org of 222222222222"),
        (_unknown_helper, "no account for kim@example.org"),
        (_helped, "@ada approved and is an author"),
        (_helped_in_private, "@ada approved and is an author"),
        (_teams_only, "Who is in @o/product, a workflow's token cannot ask"),
        (_organization, "o/r belongs to an organization and names no approvers"),
    ],
)
def test_what_is_no_yes_to_exactly_that_is_refused(hall: Hall, spoil: Callable[[Hall], None], why: str) -> None:
    approved(hall)
    spoil(hall)
    assert why in refusal(hall)


def test_a_yes_to_a_run_that_asked_nothing_is_none(hall: Hall) -> None:
    hall.answer(ADA)
    assert "This device was asked nothing by this run" in refusal(hall)


def test_a_yes_to_one_tag_is_none_to_another(hall: Hall) -> None:
    approved(hall).tags.name("v2", THIRD)
    assert "asked for tag v1" in refusal(hall, replace(TAG, tag="v2"))


def test_everything_that_speaks_against_it_is_told_at_once(hall: Hall) -> None:
    approved(hall)
    for spoil in (_one_less, _late, _by_author, _rejected, _strange_workflow):
        spoil(hall)
    assert len(refusal(hall).splitlines()) == 1 + 5


def test_each_author_is_asked_for_once(hall: Hall) -> None:
    promote(TAG, approved(hall).ground())
    assert sorted(hall.people.asked) == [FIRST, SECOND]


def test_alone_the_owner_approves_what_is_their_own(hall: Hall) -> None:
    hall.device.environment = replace(PROD, approval=Approval(True, team=Team.SOLO))
    hall.approvers = Approvers(frozenset(), solo=True)
    hall.people = FakePeople({FIRST: Person("owner", 9), SECOND: Person("owner", 9)})
    ask(TAG, hall.ground())
    hall.answer(Person("owner", 9))
    assert promote(TAG, hall.ground()).recorded
    assert hall.people.asked == []


@pytest.mark.parametrize("team", list(Team))
def test_alone_is_only_who_is_alone_for_both_files(hall: Hall, team: Team) -> None:
    hall.device.environment = replace(PROD, approval=Approval(True, team=team))
    hall.approvers = Approvers(frozenset({"bob"}), solo=team is Team.SEVERAL)
    ask(TAG, hall.ground())
    hall.answer(BOB)
    assert "@bob approved and is an author of what boards" in refusal(hall)


def test_what_boards_is_judged_again_after_the_yes(hall: Hall) -> None:
    """A bundle is blocked while GitHub is asked."""
    approved(hall)
    block = Blocked("prod", TREND, TREND_1, "operator", "it lost")
    hall.runs.meanwhile = lambda: hall.device.road().record(block)
    with pytest.raises(Refused, match="has changed while the approval was looked at"):
        promote(TAG, hall.ground())
    assert hall.device.kinds() == ["asked", "blocked"]


def test_a_promotion_that_dies_anywhere_is_completed_by_its_run_or_by_a_new_one(tmp_path: Path) -> None:
    """Its own run boards only what it asked for: where a part of that runs already, the rest is asked for anew."""
    died: list[str] = []
    completed = []
    while True:
        (tmp_path / str(len(died))).mkdir()
        hall = approved(a_hall(tmp_path / str(len(died))))
        hall.device.calls, hall.device.dies_at = 0, (len(died) // 2 + 1, len(died) % 2 == 1)
        with suppress(Crash):
            promote(TAG, hall.ground())
        if not hall.device.died_in:
            break
        died.append(hall.device.died_in)
        hall.device.dies_at = None
        with suppress(Refused):
            completed.append(promote(TAG, hall.ground()).code)
        if set(hall.device.entering()) != {DIP_2, TREND_1}:
            anew = replace(TAG, run=RUN + 1)
            hall.runs.run = replace(hall.runs.run, id=RUN + 1)
            ask(anew, hall.ground())
            promote(anew, hall.ground())
        assert set(hall.device.entering()) == {DIP_2, TREND_1}, (died[-1], hall.device.kinds())
        assert hall.device.violations == []
    assert len(died) > 10
    assert ExitCode.DONE in completed


def test_a_github_that_does_not_answer_is_no_yes(hall: Hall) -> None:
    def down() -> None:
        raise ToolFailed("GitHub does not answer")

    approved(hall).runs.meanwhile = down
    with pytest.raises(ToolFailed):
        promote(TAG, hall.ground())
    assert (hall.device.kinds(), hall.device.alive()) == (["asked"], [])


def test_another_run_than_was_asked_about_is_no_answer(hall: Hall) -> None:
    approved(hall).runs.run = replace(hall.runs.run, id=78)
    with pytest.raises(ToolFailed, match="asked for run 77 and told of run 78"):
        promote(TAG, hall.ground())


def test_a_main_that_says_nothing_plain_names_nobody(hall: Hall) -> None:
    def broken() -> Approvers:
        raise ConfigError(())

    approved(hall)
    ground = hall.ground()
    assert ground.github is not None
    with pytest.raises(ConfigError):
        promote(TAG, replace(ground, github=replace(ground.github, approvers=broken)))
    assert hall.device.kinds() == ["asked"]


def test_an_approval_is_signed_or_given_on_github_and_not_both(hall: Hall) -> None:
    with pytest.raises(UsageError, match="either signed or given on GitHub"):
        promote(replace(TAG, given=Given("text", "signature")), hall.ground())
    with pytest.raises(UsageError, match="only a run on GitHub can ask"):
        ask(replace(TAG, run=0), hall.ground())
