"""What every store of bundles promises, on the fake and on a real disk; then what only a disk can do: fill up, lie and be shared."""

import errno
import os
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline import ports
from pipeline.adapters import bundle_store, files
from pipeline.adapters.bundle_store import BundleStore
from pipeline.domain import tar
from pipeline.domain.bundle import CARD_FILE, Bundle
from pipeline.domain.bundle_manifest import BundleManifest
from pipeline.domain.canonical import canonical, digest_bytes
from pipeline.errors import Refused, ToolFailed, UsageError
from tests.adapters.bot_device import full_disk
from tests.bundle_samples import bundle, candidate, evidence_of, manifest, record
from tests.fake_bundles import FakeBundles
from tests.needs import ROOT

BUNDLE = bundle()
MANIFEST = manifest(BUNDLE)
EVIDENCE = record().document


@pytest.fixture(params=["fake", "disk"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> ports.Bundles:
    return FakeBundles() if request.param == "fake" else BundleStore(tmp_path / "store")


def test_a_store_that_is_not_there_yet_is_empty(any_store: ports.Bundles) -> None:
    assert any_store.digests() == ()
    with pytest.raises(UsageError, match="there is no bundle"):
        any_store.get(BUNDLE.digest)


def test_what_is_put_is_got_back(any_store: ports.Bundles) -> None:
    assert any_store.put(BUNDLE, MANIFEST, EVIDENCE) == (MANIFEST, True)
    stored = any_store.get(BUNDLE.digest)
    assert (stored.bundle, stored.digest, stored.manifests) == (BUNDLE, BUNDLE.digest, (MANIFEST,))
    assert any_store.evidence(MANIFEST) == EVIDENCE
    assert any_store.digests() == (BUNDLE.digest,)


def test_putting_the_same_again_adds_nothing(any_store: ports.Bundles) -> None:
    any_store.put(BUNDLE, MANIFEST, EVIDENCE)
    later = replace(MANIFEST, cut_at=MANIFEST.cut_at + timedelta(days=1))
    assert any_store.put(BUNDLE, later, EVIDENCE) == (MANIFEST, False)
    assert any_store.get(BUNDLE.digest).manifests == (MANIFEST,)


def test_new_evidence_for_an_unchanged_strategy_is_added_and_the_newest_is_last(any_store: ports.Bundles) -> None:
    other = record(of=candidate(test_strategy_py=b"# another test\n"))
    second = manifest(BUNDLE, other, commit="f" * 40)
    third = replace(MANIFEST, uncommitted=True)
    for one, evidence in ((MANIFEST, EVIDENCE), (second, other.document), (third, EVIDENCE)):
        assert any_store.put(BUNDLE, one, evidence) == (one, True)
    stored = any_store.get(BUNDLE.digest)
    assert stored.manifests == (MANIFEST, second, third)
    assert any_store.evidence(second) == other.document
    assert any_store.digests() == (BUNDLE.digest,)


def test_several_bundles_are_kept_apart(any_store: ports.Bundles) -> None:
    other = bundle(strategy_json=None)
    any_store.put(BUNDLE, MANIFEST, EVIDENCE)
    any_store.put(other, manifest(other), evidence_of(other).document)
    assert any_store.digests() == tuple(sorted([BUNDLE.digest, other.digest]))
    assert any_store.get(other.digest).bundle == other


def test_what_does_not_belong_together_is_refused(any_store: ports.Bundles) -> None:
    for wrong, evidence in (
        (manifest(bundle(strategy_json=None)), EVIDENCE),
        (replace(MANIFEST, strategy="other"), EVIDENCE),
        (replace(MANIFEST, simulated=True), EVIDENCE),
        (manifest(BUNDLE, evidence_of(bundle(strategy_json=None))), evidence_of(bundle(strategy_json=None)).document),
        (MANIFEST, {**EVIDENCE, "outcome": "FAIL"}),
    ):
        with pytest.raises(Refused):
            any_store.put(BUNDLE, wrong, evidence)
    assert any_store.digests() == ()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "home" / "store"


@pytest.fixture
def store(root: Path) -> BundleStore:
    return BundleStore(root)


def folder(root: Path, of: Bundle = BUNDLE) -> Path:
    return root / "sha256" / of.digest.removeprefix("sha256:")


def names(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*") if path.is_file())


def filled(store: BundleStore) -> None:
    store.put(BUNDLE, MANIFEST, EVIDENCE)


def overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def test_the_archive_on_the_disk_has_the_digest_that_its_folder_is_named_by(store: BundleStore, root: Path) -> None:
    filled(store)
    assert digest_bytes((folder(root) / "bundle.tar").read_bytes()) == BUNDLE.digest
    assert all(not path.stat().st_mode & 0o222 for path in folder(root).iterdir())


def test_a_digest_leads_nowhere_else(store: BundleStore) -> None:
    filled(store)
    for wrong in ("sha256:../../x", "..", "", "sha256:" + "A" * 64, BUNDLE.digest + "/.."):
        with pytest.raises(UsageError, match="is no bundle's digest"):
            store.get(wrong)


def test_strange_names_beside_the_bundles_are_passed_over(store: BundleStore, root: Path) -> None:
    filled(store)
    (root / "sha256" / ".abc.part").mkdir()
    (root / "sha256" / "notes").write_text("x")
    assert store.digests() == (BUNDLE.digest,)


EVIL = tar.pack({CARD_FILE: b"{}\n", "strategy/strategy.py": b"x"})


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: content + b"\0",
        lambda content: content.replace(b"SmaTrend", b"SmaTrenD"),
        lambda content: b"",
        lambda content: EVIL,
        lambda content: b"\0" * (8 * 2**20),
    ],
    ids=["cut", "longer", "edited", "empty", "another archive", "huge"],
)
def test_a_damaged_archive_is_refused_with_what_to_do(store: BundleStore, root: Path, damage: object) -> None:
    filled(store)
    archive = folder(root) / "bundle.tar"
    overwrite(archive, damage(archive.read_bytes()))  # type: ignore[operator]
    with pytest.raises(Refused, match=r"bundle\.tar: is (damaged|larger)") as refused:
        store.get(BUNDLE.digest)
    assert "cut the bundle again" in refused.value.hint


def test_an_archive_that_is_no_bundle_is_refused_though_its_digest_fits(store: BundleStore, root: Path) -> None:
    digest = digest_bytes(EVIL)
    there = root / "sha256" / digest.removeprefix("sha256:")
    there.mkdir(parents=True)
    (there / "bundle.tar").write_bytes(EVIL)
    with pytest.raises(Refused, match="another kind"):
        store.get(digest)


def test_an_archive_behind_a_link_or_gone_is_refused(store: BundleStore, root: Path, tmp_path: Path) -> None:
    filled(store)
    archive = folder(root) / "bundle.tar"
    archive.rename(tmp_path / "elsewhere.tar")
    with pytest.raises(Refused, match="No such file"):
        store.get(BUNDLE.digest)
    archive.symlink_to(tmp_path / "elsewhere.tar")
    with pytest.raises(Refused, match="is a symbolic link"):
        store.get(BUNDLE.digest)


def test_putting_a_bundle_again_mends_its_archive_and_its_evidence(store: BundleStore, root: Path) -> None:
    filled(store)
    overwrite(folder(root) / "bundle.tar", b"rot")
    (evidence,) = folder(root).glob("evidence-*.json")
    overwrite(evidence, b"rot")
    assert store.put(BUNDLE, MANIFEST, EVIDENCE) == (MANIFEST, False)
    assert store.get(BUNDLE.digest).bundle == BUNDLE
    assert store.evidence(MANIFEST) == EVIDENCE


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda text: text.replace(b'"simulated":false', b'"simulated":true'), "was changed"),
        (lambda text: text[:-2], "is no manifest"),
        (lambda text: b"", "is no manifest"),
        (lambda text: text.replace(b'"commit":"0', b'"commit":"x'), "is no manifest: commit"),
        (lambda text: b" " + text, "was changed"),
        (lambda text: b"x" * (2**20 + 1), "is larger than"),
    ],
    ids=["edited", "cut", "empty", "no commit", "rewritten", "huge"],
)
def test_a_damaged_manifest_is_refused_and_stops_adding_others(
    store: BundleStore, root: Path, damage: object, complaint: str
) -> None:
    filled(store)
    path = folder(root) / "manifest-000001.json"
    overwrite(path, damage(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(Refused, match=complaint):
        store.get(BUNDLE.digest)
    with pytest.raises(Refused, match=complaint):
        store.put(BUNDLE, replace(MANIFEST, uncommitted=True), EVIDENCE)


def test_a_manifest_of_another_bundle_or_a_missing_one_is_refused(store: BundleStore, root: Path) -> None:
    other = bundle(strategy_json=None)
    filled(store)
    store.put(other, manifest(other), evidence_of(other).document)
    store.put(BUNDLE, replace(MANIFEST, uncommitted=True), EVIDENCE)
    (folder(root) / "manifest-000001.json").unlink()
    with pytest.raises(Refused, match=r"manifest-000001\.json: is missing, though later ones are there"):
        store.get(BUNDLE.digest)
    (folder(root) / "manifest-000002.json").unlink()
    with pytest.raises(Refused, match="holds no manifest"):
        store.get(BUNDLE.digest)
    (folder(root) / "manifest-000001.json").write_bytes((folder(root, other) / "manifest-000001.json").read_bytes())
    with pytest.raises(Refused, match="speaks of another bundle"):
        store.get(BUNDLE.digest)


def test_damaged_or_missing_evidence_is_refused(store: BundleStore, root: Path) -> None:
    filled(store)
    (evidence,) = folder(root).glob("evidence-*.json")
    overwrite(evidence, evidence.read_bytes().replace(b'"PASS"', b'"FAIL"', 1))
    with pytest.raises(Refused, match="is damaged"):
        store.evidence(MANIFEST)
    evidence.unlink()
    with pytest.raises(Refused, match="No such file"):
        store.evidence(MANIFEST)


def failing_fsync(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """The disk is full at the `at`-th flush of a file or folder."""
    real, calls = os.fsync, 0

    def fsync(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.parametrize("at", range(1, 9))
def test_a_full_disk_leaves_nothing_wherever_it_strikes(
    store: BundleStore, root: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    (root / "sha256").mkdir(parents=True)
    failing_fsync(monkeypatch, at)
    with pytest.raises(ToolFailed, match="No space left"):
        store.put(BUNDLE, MANIFEST, EVIDENCE)
    monkeypatch.undo()
    if folder(root).exists():
        assert store.get(BUNDLE.digest).manifests == (MANIFEST,)
        assert store.evidence(MANIFEST) == EVIDENCE
    else:
        assert list((root / "sha256").iterdir()) == []
    assert store.put(BUNDLE, MANIFEST, EVIDENCE)[0] == MANIFEST


@pytest.mark.parametrize("at", range(1, 4))
def test_a_full_disk_leaves_the_manifests_as_they_were(
    store: BundleStore, root: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    filled(store)
    before = names(root)
    other = record(of=candidate(test_strategy_py=b"# another test\n"))
    second = manifest(BUNDLE, other)
    failing_fsync(monkeypatch, at)
    with pytest.raises(ToolFailed, match="No space left"):
        store.put(BUNDLE, second, other.document)
    monkeypatch.undo()
    kept = store.get(BUNDLE.digest).manifests
    assert kept in ((MANIFEST,), (MANIFEST, second))
    left = [name for name in names(root) if name not in before and not name.startswith("evidence-")]
    assert left == (["manifest-000002.json"] if len(kept) == 2 else [])
    assert store.put(BUNDLE, second, other.document)[0] == second
    assert store.get(BUNDLE.digest).manifests == (MANIFEST, second)


def test_a_file_that_the_kernel_does_not_let_grow_leaves_nothing(store: BundleStore, root: Path) -> None:
    with (
        full_disk(3 * 1024),
        pytest.raises(ToolFailed, match="File too large"),
    ):  # pytest's own output must not meet the limit
        store.put(BUNDLE, MANIFEST, EVIDENCE)
    assert list((root / "sha256").iterdir()) == []


def test_an_interrupt_leaves_nothing(store: BundleStore, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []

    def interrupted(path: Path, content: bytes | str, *, mode: int = 0o644) -> None:
        written.append(path)
        if len(written) == 2:
            raise KeyboardInterrupt
        files.write_whole(path, content, mode=mode)

    monkeypatch.setattr(bundle_store, "write_whole", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.put(BUNDLE, MANIFEST, EVIDENCE)
    assert list((root / "sha256").iterdir()) == []


def test_many_who_put_at_once_keep_every_manifest_once(store: BundleStore, root: Path) -> None:
    wanted = [replace(MANIFEST, commit=f"{number:040x}") for number in range(6)]
    failures: list[BaseException] = []
    together = threading.Barrier(12)

    def put(one: BundleManifest) -> None:
        together.wait()
        try:
            BundleStore(root).put(BUNDLE, one, EVIDENCE)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=put, args=(one,)) for one in (*wanted, *wanted)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(one.commit for one in store.get(BUNDLE.digest).manifests) == sorted(one.commit for one in wanted)
    expected = ["bundle.tar", f"evidence-{MANIFEST.evidence[7:]}.json", *(f"manifest-{n:06}.json" for n in range(1, 7))]
    assert names(root) == expected


PUT = """\
import os, sys
from pathlib import Path
from dataclasses import replace
os.umask(int(sys.argv[2], 8))
from pipeline.adapters.bundle_store import BundleStore
from tests.bundle_samples import bundle, manifest, record
store = BundleStore(Path(sys.argv[1]))
print(bundle().digest, flush=True)
number = 0
while True:
    number += 1
    store.put(bundle(), replace(manifest(), commit=f"{number:040x}"), record().document)
    if sys.argv[3] == "once":
        break
"""


@pytest.mark.processes
@pytest.mark.parametrize(("zone", "mask", "seed"), [("Asia/Tokyo", "077", "1"), ("America/Lima", "000", "2")])
def test_another_process_elsewhere_makes_the_same_archive(
    store: BundleStore, root: Path, tmp_path: Path, zone: str, mask: str, seed: str
) -> None:
    environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed, "LC_ALL": "C", "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-c", PUT, str(tmp_path / "other"), mask, "once"]
    done = subprocess.run(argv, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == BUNDLE.digest
    filled(store)
    theirs = folder(tmp_path / "other") / "bundle.tar"
    assert theirs.read_bytes() == (folder(root) / "bundle.tar").read_bytes()
    assert stat.S_IMODE(theirs.stat().st_mode) == 0o444


@pytest.mark.processes
def test_kill_9_at_any_moment_leaves_only_whole_manifests(store: BundleStore, root: Path) -> None:
    argv = [sys.executable, "-c", PUT, str(root), "022", "forever"]
    for moment in (0.0, 0.05, 0.2):
        child = subprocess.Popen(argv, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(moment)
        child.kill()
        child.communicate()
        for digest in store.digests():
            assert store.get(digest).bundle == BUNDLE
            assert store.evidence(store.get(digest).newest) == EVIDENCE
    filled(store)
    assert store.get(BUNDLE.digest).newest in (MANIFEST, *store.get(BUNDLE.digest).manifests)
    assert canonical(store.evidence(MANIFEST)) == canonical(EVIDENCE)
