"""One whole promotion with a real repository and real signatures: forged approvals refused, the real one accepted."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.adapters.git_tags import GitTags
from pipeline.adapters.ssh_signatures import SshSignatures, read_protected
from pipeline.domain.trading import Approval
from pipeline.domain.train.decisions import Approved
from pipeline.domain.train.facts import recorded
from pipeline.domain.train.named import content_name
from pipeline.errors import ExitCode, Refused
from pipeline.flows.approve import Given
from pipeline.flows.promote import planned, promote
from pipeline.flows.promote_decide import PromoteGround, Wish
from tests.adapters.test_git_tags import MAIN, Repository
from tests.adapters.test_ssh_signatures import Keys
from tests.domain.trading.samples import LIVE
from tests.flows.promote_ground import DIP, DIP_2, Town, contents, stored
from tests.flows.road_ground import Device
from tests.needs import program

pytestmark = pytest.mark.processes
SIGNERS = ".github/allowed_signers"
PROD = replace(LIVE, name="prod", after="sandbox", approval=Approval(True, allowed_signers=SIGNERS))
SSH = SshSignatures()


class Story:
    """Bob writes, ada reviews and may sign, eve may do neither."""

    def __init__(self, folder: Path) -> None:
        program("git")
        program("ssh-keygen")
        (folder / "clone").mkdir()
        (folder / "keys").mkdir()
        self.keys = Keys(folder / "keys")
        self.who = {name: self.keys.make(name) for name in ("ada", "bob", "eve")}
        self.repository = Repository(folder / "clone")
        self.town = Town(Device(folder / "device", PROD))
        self._write()

    def _write(self) -> None:
        root = self.repository.root
        (root / ".github").mkdir()
        (root / SIGNERS).write_bytes(self.keys.allowed(ada=self.who["ada"], bob=self.who["bob"]))
        self.repository.commit("ada")
        folder = root / "strategies" / DIP
        folder.mkdir(parents=True)
        for name, content in contents(DIP, 2).items():
            (folder / name).write_bytes(content)
        commit = self.repository.commit("bob", "write dip")
        self.town.bundles.kept = {DIP_2: stored(DIP_2, DIP, 2, commit)}
        self.town.earn(DIP, DIP_2)
        self.repository.git("tag", "-a", "v1", "-m", "Version 1")

    def ground(self) -> PromoteGround:
        ground = self.town.ground()
        return replace(ground, tags=GitTags(self.repository.root, MAIN), signatures=SSH, protected=read_protected)

    def wish(self, text: str, signature: str) -> Wish:
        return Wish("owner", tag="v1", given=Given(text, signature))

    def to_sign(self) -> str:
        return planned(Wish("owner", tag="v1"), self.ground()).to_sign

    def refused(self, text: str, signature: str) -> str:
        with pytest.raises(Refused) as refused:
            promote(self.wish(text, signature), self.ground())
        assert (self.town.device.kinds(), self.town.device.alive()) == ([], [])
        return refused.value.message


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


def test_forged_approvals_are_refused_and_the_real_one_is_accepted(story: Story) -> None:
    text = story.to_sign()
    real = SSH.sign(text, story.who["ada"])
    assert "There is no signature" in story.refused(text, "")
    assert "not among the allowed signers" in story.refused(text, SSH.sign(text, story.who["eve"]))
    assert "bob@example.org signed and is an author" in story.refused(text, SSH.sign(text, story.who["bob"]))
    longer = text.replace("expires: 2026-01-02", "expires: 2026-01-03")
    assert longer != text
    assert "not one over this approval" in story.refused(longer, real)
    for_git = SshSignatures(namespace="git").sign(text, story.who["ada"])
    assert "not one over this approval" in story.refused(text, for_git)

    made = promote(story.wish(text, real), story.ground())
    assert (made.code, story.town.device.entering()) == (ExitCode.DONE, [DIP_2])
    fact = recorded(story.town.device.entries())[0].fact
    assert isinstance(fact, Approved)
    assert (fact.signer, fact.bundles) == ("ada@example.org", (DIP_2,))


def test_signers_that_the_tags_own_tree_adds_do_not_count(story: Story) -> None:
    """Eve commits her key beside main and moves the tag there; even on main's commit her signature is worth nothing."""
    text, repository = story.to_sign(), story.repository
    signature = SSH.sign(text, story.who["eve"])
    repository.git("checkout", "-q", "-b", "topic")
    (repository.root / SIGNERS).write_bytes(story.keys.allowed(eve=story.who["eve"]))
    repository.commit("eve")
    assert "not among the allowed signers" in story.refused(text, signature)
    repository.git("tag", "-f", "-a", "v1", "-m", "Version 1")
    assert "is not on the protected main" in story.refused(text, signature)


def test_a_file_of_signers_that_its_group_may_write_is_refused(story: Story, tmp_path: Path) -> None:
    signers = tmp_path / "signers"
    signers.write_bytes(story.keys.allowed(ada=story.who["ada"]))
    signers.chmod(0o664)
    story.town.device.environment = replace(PROD, approval=Approval(True, allowed_signers=str(signers)))
    text = story.to_sign()
    assert "is not protected" in story.refused(text, SSH.sign(text, story.who["ada"]))


def test_git_names_a_bundles_files_as_they_are_named_here(story: Story) -> None:
    root = story.repository.root
    for name, content in contents(DIP, 2).items():
        assert story.repository.git("hash-object", str(root / "strategies" / DIP / name)) == content_name(content, 40)
