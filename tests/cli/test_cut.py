"""From a gate to a bundle as a person calls it: the real freqtrade, a real repository, a real disk."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.domain.canonical import digest_bytes
from pipeline.render.evidence_json import document_digest
from pipeline.wiring.cut import live_environments
from tests.adapters.test_git import git
from tests.cli.freqtrain import Said, freqtrain
from tests.planted import HEAD, TESTS, quick_policy, write_waves

RIDER = HEAD.format(
    roi="10",
    indicators='dataframe["up"] = dataframe["close"] > dataframe["close"].shift(1)',
    enter='dataframe["up"] & (dataframe["date"].dt.hour == 0)',
    leave='(dataframe["date"].dt.hour == 18)',
)
"""Rides the waves: buys at midnight while they rise, and sells in the evening; a loss where the crest lies in between."""

PARAMETERS = {"strategy_name": "Planted", "params": {"stoploss": {"stoploss": -0.12}}}


@dataclass(frozen=True)
class Judged:
    """A repository whose strategies a gate has judged, and the data that it did so on."""

    root: Path
    data: Path
    folder: Path

    def cut(self, *arguments: str | Path, home: Path, root: Path | None = None, **env: str) -> Said:
        options = ("--dataset", self.data, "--user-data", self.folder / "user_data", "--evidence", self.root / "out")
        return freqtrain("cut", *arguments, *options, "--home", home, cwd=root or self.root, env=env)

    def clone(self, to: Path) -> Path:
        """The repository as somebody else gets it."""
        git(self.folder, "clone", "-q", str(self.root), str(to))
        return to


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    folder = tmp_path_factory.mktemp("judged")
    root = folder / "repository"
    here = root / "strategies" / "rider"
    here.mkdir(parents=True)
    (here / "strategy.py").write_text(RIDER)
    (here / "strategy.yml").write_text("class: Planted\ntitle: Rides the waves\n")
    (here / "strategy.json").write_text(json.dumps(PARAMETERS))
    (here / "test_strategy.py").write_text(TESTS)
    lazy = root / "strategies" / "lazy"
    shutil.copytree(here, lazy)
    (lazy / "strategy.json").unlink()
    (lazy / "strategy.py").write_text(RIDER.replace("dt.hour == 0", "dt.dayofyear == 40"))
    (root / "environments").mkdir()
    quick_policy(root / "environments" / "ci.yml")
    (root / ".gitignore").write_text("out/\n__pycache__/\n")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first")
    assert freqtrain("data", "import", write_waves(folder / "waves"), "--out", folder / "data").code == 0
    said = freqtrain("gate", "--dataset", folder / "data", "--user-data", folder / "user_data", cwd=root)
    assert said.code == 11, said.out + said.err
    return Judged(root, folder / "data", folder)


@pytest.fixture(scope="session")
def home(judged: Judged) -> Path:
    """A device's home with the bundle that was cut."""
    where = judged.folder / "home"
    said = judged.cut("--json", "--ledger", where / "ledger.jsonl", home=where)
    assert said.code == 0, said.err
    (judged.folder / "cut.json").write_text(said.out)
    return where


def name(home: Path) -> str:
    (folder,) = (home / "store" / "sha256").iterdir()
    return f"sha256:{folder.name}"


@pytest.mark.processes
def test_what_passed_is_cut_and_what_did_not_is_named(judged: Judged, home: Path) -> None:
    document = json.loads((judged.folder / "cut.json").read_text())
    assert next(iter(document.items())) == ("outcome", "DONE")
    (one,) = document["bundles"]
    assert (one["strategy"], one["bundle"], one["new"]) == ("rider", name(home), True)
    assert document["left"] == [{"strategy": "lazy", "outcome": "INCONCLUSIVE"}]
    told = one["manifest"]
    assert told["commit"] == git(judged.root, "rev-parse", "HEAD").strip()
    assert (told["simulated"], told["uncommitted"], told["against_live"]) == (False, False, [])
    assert told["facts"]["stoploss_ratio"] == -0.12
    archive = home / "store" / "sha256" / name(home)[7:] / "bundle.tar"
    assert digest_bytes(archive.read_bytes()) == name(home)


@pytest.mark.processes
def test_any_tar_shows_what_is_in_a_bundle(home: Path) -> None:
    archive = home / "store" / "sha256" / name(home)[7:] / "bundle.tar"
    listed = subprocess.run(["tar", "tf", archive], capture_output=True, text=True, check=True).stdout.split()
    assert listed == ["bundle.json", "strategy/strategy.json", "strategy/strategy.py"]


@pytest.mark.processes
def test_the_ledger_was_told(judged: Judged, home: Path) -> None:
    (line,) = (home / "ledger.jsonl").read_text().splitlines()
    entry = json.loads(line)
    assert (entry["kind"], entry["body"]["strategy"], entry["body"]["bundle"]) == ("cut", "rider", name(home))


@pytest.mark.processes
def test_a_clone_elsewhere_gives_the_same_bundle(judged: Judged, home: Path, tmp_path: Path) -> None:
    clone = judged.clone(tmp_path / "clone")
    os.utime(clone / "strategies" / "rider" / "strategy.py", (1, 1))
    (clone / "strategies" / "rider" / "strategy.json").chmod(0o755)
    git(clone, "config", "core.fileMode", "false")
    said = judged.cut("rider", home=tmp_path / "home", root=clone, TZ="Asia/Tokyo", PYTHONHASHSEED="7", LC_ALL="C")
    assert said.code == 0, said.err
    assert said.out == f"rider: cut: {name(home)}\n"


@pytest.mark.processes
def test_cutting_again_says_that_it_was_cut_before(judged: Judged, home: Path) -> None:
    said = judged.cut("--ledger", home / "ledger.jsonl", home=home)
    assert said.code == 0, said.err
    assert f"rider: was cut before on the same evidence: {name(home)}" in said.out
    assert "lazy: nothing was cut, it cannot be judged on these numbers" in said.out
    assert len((home / "ledger.jsonl").read_text().splitlines()) == 1


@pytest.mark.processes
def test_all_that_speaks_against_a_cut_is_told_at_once_and_nothing_is_cut(judged: Judged, tmp_path: Path) -> None:
    clone = judged.clone(tmp_path / "clone")
    with (clone / "strategies" / "rider" / "strategy.py").open("a") as file:
        file.write("# one more line\n")
    policy = clone / "environments" / "ci.yml"
    policy.write_text(policy.read_text().replace("at_least: 1.1", "at_least: 1.2"))
    said = judged.cut("rider", home=tmp_path / "home", root=clone)
    assert said.code == 3
    assert "other files: strategy.py changed since" in said.err
    assert "judged by another policy than the environment ci" in said.err
    assert "are not those of the commit" in said.err
    assert "freqtrain gate rider" in said.err
    assert not (tmp_path / "home").exists()


@pytest.mark.processes
def test_a_policy_that_is_in_no_commit_is_refused_and_may_be_let_pass(judged: Judged, tmp_path: Path) -> None:
    clone = judged.clone(tmp_path / "clone")
    with (clone / "environments" / "ci.yml").open("a") as file:
        file.write("# a remark changes no policy, but is in no commit\n")
    refused = judged.cut("rider", home=tmp_path / "home", root=clone)
    assert refused.code == 3
    assert "environments/ci.yml is not as it is in the commit" in refused.err
    said = judged.cut("rider", "--uncommitted-is-fine", home=tmp_path / "home", root=clone)
    assert said.code == 0, said.err
    assert "not for real money: It was cut from files that are in no commit." in said.out


@pytest.mark.processes
def test_another_data_set_is_refused(judged: Judged, tmp_path: Path) -> None:
    shutil.copytree(judged.folder / "waves", tmp_path / "waves")
    (tmp_path / "waves" / "ADA_USDT-1h.feather").unlink()
    assert freqtrain("data", "import", tmp_path / "waves", "--out", tmp_path / "data").code == 0
    other = Judged(judged.root, tmp_path / "data", judged.folder)
    said = other.cut("rider", home=tmp_path / "home")
    assert said.code == 3
    assert "It was measured on the data set" in said.err


@pytest.mark.processes
def test_forged_evidence_is_refused(judged: Judged, tmp_path: Path) -> None:
    shutil.copytree(judged.root / "out", tmp_path / "out")
    file = tmp_path / "out" / "lazy" / "evidence.json"
    file.write_text(file.read_text().replace('"outcome": "INCONCLUSIVE"', '"outcome": "PASS"'))
    said = freqtrain("cut", "lazy", "--evidence", tmp_path / "out", "--home", tmp_path / "home", cwd=judged.root)
    assert said.code == 3
    assert "it was changed" in said.err


@pytest.mark.processes
def test_simulated_data_are_refused_beside_an_environment_with_real_money(judged: Judged, tmp_path: Path) -> None:
    """The evidence is made to fit: what is tried out is that the other environments' files are looked at."""
    clone = judged.clone(tmp_path / "clone")
    (clone / "environments" / "sandbox.yml").write_text("mode: live\n")
    document = json.loads((judged.root / "out" / "rider" / "evidence.json").read_text())
    document["provenance"]["simulated"] = True
    document["digest"] = document_digest(document)
    (clone / "out" / "rider").mkdir(parents=True)
    (clone / "out" / "rider" / "evidence.json").write_text(json.dumps(document))
    there = Judged(clone, judged.data, judged.folder)
    words = "The data were simulated, and sandbox could trade real money"
    said = there.cut("rider", home=tmp_path / "home")
    assert (said.code, words in said.err) == (3, True), said.err
    said = there.cut("rider", "--simulated-data-is-fine", home=tmp_path / "home")
    assert (said.code, words in said.err) == (3, False), said.err
    assert "It was measured on the data set" in said.err


@pytest.mark.processes
def test_wrong_calls_say_what_would_be_right(judged: Judged, tmp_path: Path) -> None:
    said = freqtrain("cut", "--evidence", tmp_path / "nowhere", "--home", tmp_path / "home", cwd=judged.root)
    assert (said.code, "freqtrain gate" in said.err) == (3, True)
    said = judged.cut("rider", home=judged.root / "home")
    assert (said.code, "lies in the repository" in said.err) == (3, True)
    assert not (judged.root / "home").exists()
    said = judged.cut("lazy", home=tmp_path / "home")
    assert (said.code, "Judged again it is INCONCLUSIVE, not PASS" in said.err) == (3, True)


@pytest.mark.processes
def test_an_image_is_named_by_its_digest_and_shown(judged: Judged, tmp_path: Path) -> None:
    digest = "sha256:" + "d" * 64
    said = judged.cut("rider", "--image", "ghcr.io/o/n:main", home=tmp_path / "home")
    assert (said.code, "names no image by its digest" in said.err) == (2, True)
    said = judged.cut("rider", home=tmp_path / "home", FREQTRAIN_IMAGE=f"ghcr.io/o/n@{digest}")
    assert said.code == 0, said.err
    shown = freqtrain("bundle", "show", name(tmp_path / "home"), "--home", tmp_path / "home")
    assert f"for the image {digest}" in shown.out


@pytest.mark.processes
def test_what_shards_left_is_cut_together_and_copied_for_whoever_hands_it_on(judged: Judged, tmp_path: Path) -> None:
    shutil.copytree(judged.root / "out", tmp_path / "shards" / "gate-1")
    out = tmp_path / "left"
    said = judged.cut("--join", tmp_path / "shards", "--out", out, home=tmp_path / "home")
    assert said.code == 0, said.err
    assert said.out.splitlines() == [
        f"rider: cut: {name(tmp_path / 'home')}",
        "lazy: nothing was cut, it cannot be judged on these numbers",
    ]
    (manifest,) = (tmp_path / "home").glob("store/sha256/*/manifest-*.json")
    digest = json.loads(manifest.read_text())["digest"].removeprefix("sha256:")
    left = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.glob("*/*")}
    assert left == {
        "rider/evidence.json": (judged.root / "out" / "rider" / "evidence.json").read_bytes(),
        f"rider/manifest-{digest}.json": manifest.read_bytes(),
    }
    (tmp_path / "shards" / "gate-1" / "rider" / "evidence.json").unlink()
    said = judged.cut("--join", tmp_path / "shards", "--out", tmp_path / "none", home=tmp_path / "other")
    assert (said.code, said.out.splitlines()[-1]) == (0, "rider: nothing was cut, it could not be measured"), said.err
    assert not (tmp_path / "none").exists()
    assert not (tmp_path / "other").exists()


@pytest.mark.processes
def test_shards_are_cut_without_naming_anything(judged: Judged, tmp_path: Path) -> None:
    for wrong in (("rider", "--join", "shards"), ("--changed-since", "main")):
        assert judged.cut(*wrong, home=tmp_path / "home").code == 2


@pytest.mark.processes
def test_show_list_and_verify_tell_what_is_kept(home: Path) -> None:
    short = name(home)[:19]
    shown = freqtrain("bundle", "show", short, env={"FREQTRAIN_HOME": str(home)})
    assert shown.code == 0, shown.err
    assert "strategy           rider (class Planted): Rides the waves" in shown.out
    assert "stop loss          -12.00 % from the entry price" in shown.out
    assert json.loads(freqtrain("bundle", "show", short, "--json", "--home", home).out)["digest"] == name(home)
    listed = freqtrain("bundle", "list", "--home", home)
    assert (listed.code, short in listed.out) == (0, True)
    assert freqtrain("bundle", "list", "other", "--home", home).out == "There are no bundles here.\n"
    verified = freqtrain("bundle", "verify", "--home", home)
    assert (verified.code, verified.out) == (0, f"{name(home)}: sound, rider, 1 manifest\n")


@pytest.mark.processes
def test_a_damaged_bundle_shows_wherever_it_is_looked_at(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path / "home")
    archive = tmp_path / "home" / "store" / "sha256" / name(home)[7:] / "bundle.tar"
    archive.chmod(0o644)
    archive.write_bytes(archive.read_bytes().replace(b"stoploss = -0.20", b"stoploss = -0.99"))
    for verb in (("show", name(home)), ("list",), ("verify", name(home))):
        said = freqtrain("bundle", *verb, "--home", tmp_path / "home")
        assert said.code == 3
        assert "bundle.tar: is damaged" in said.out + said.err
    document = json.loads(freqtrain("bundle", "verify", "--json", "--home", tmp_path / "home").out)
    assert next(iter(document.items())) == ("outcome", "REFUSED")


@pytest.mark.processes
def test_a_bundle_that_is_not_there_is_a_wrong_call(home: Path) -> None:
    for digest in ("sha256:" + "0" * 64, "rider"):
        assert freqtrain("bundle", "show", digest, "--home", home).code == 2


@pytest.mark.processes
def test_every_command_explains_itself() -> None:
    for arguments in (("cut",), ("bundle",)):
        said = freqtrain(*arguments, "--help")
        assert (said.code, "Usage: freqtrain" in said.out) == (0, True)


def test_an_environment_counts_as_live_unless_its_file_plainly_says_otherwise(tmp_path: Path) -> None:
    files = {
        "ci.yml": "mode: history\n",
        "test.yml": "mode: dry_run\n",
        "sandbox.yml": "mode: live\n",
        "prod.yaml": "mode: ${MODE}\n",
        "broken.yml": "mode: dry_run\nmode: dry_run\n",
        "silent.yml": "exchange: binance\n",
        "notes.txt": "mode: live\n",
    }
    for file, text in files.items():
        (tmp_path / file).write_text(text)
    assert live_environments(tmp_path / "ci.yml") == ("broken", "prod", "sandbox", "silent")
