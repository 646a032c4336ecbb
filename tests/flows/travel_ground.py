"""A hosted machine that cut bundles, a GitHub in memory, and a device with a clone of its own: what bundles travel between."""

import io
import os
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.bundle_store import BundleStore
from pipeline.adapters.git_tags import GitTags
from pipeline.adapters.github.releases import GitHubReleases
from pipeline.adapters.github.session import GitHubSession
from pipeline.adapters.github.workflow_runs import GitHubWorkflowRuns
from pipeline.adapters.manifest_text import manifest_text, read_manifest
from pipeline.domain.bundle import bundle_of
from pipeline.domain.bundle_manifest import BundleManifest
from pipeline.domain.provenance import CarriedBundles, Origin, tag_of
from pipeline.errors import FreqtrainError, Refused
from pipeline.flows.bundle_fetch import FetchTools, fetch
from pipeline.flows.bundle_publish import PublishTools, publish
from pipeline.wiring.bundle_github import EVIDENCE, own_build
from tests import bundle_samples as samples
from tests.fakes import FakeClock, FakeNarrator
from tests.github_double import GitHubDouble
from tests.github_double.routes_runs import artifact, job, run
from tests.github_double.world import TOKEN, digest

Json = Any
MAIN = "refs/remotes/origin/main"
REPOSITORY = "o/r"


def git(root: Path, *arguments: str) -> str:
    """Run git with nobody's configuration."""
    env = {"PATH": os.environ["PATH"], "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1"}
    who = ["-c", "user.name=ada", "-c", "user.email=ada@example.org"]
    return subprocess.run(
        ["git", *who, *arguments], cwd=root, env=env, check=True, capture_output=True, text=True
    ).stdout.strip()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip file of these files, as an artifact is."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


@dataclass
class Travel:
    """All of it; `hub` is the GitHub that runs."""

    root: Path
    hub: GitHubDouble
    narrator: FakeNarrator = field(default_factory=FakeNarrator)
    clock: FakeClock = field(default_factory=FakeClock)
    versions: Mapping[str, str] = field(default_factory=lambda: samples.VERSIONS)

    def __post_init__(self) -> None:
        self.origin = self.root / "origin"
        self.origin.mkdir()
        git(self.origin, "init", "-q", "-b", "main")
        self.commit = self.write("sma_trend")
        self.clone = self.root / "clone"
        git(self.root, "clone", "-q", str(self.origin), str(self.clone))
        self.hosted = BundleStore(self.root / "hosted" / "store")
        self.device = BundleStore(self.root / "device" / "store")
        self.tries = 0

    @property
    def repository(self) -> Json:
        """The double's."""
        return self.hub.world.repository(REPOSITORY)

    def write(self, id: str, **files: bytes | None) -> str:
        """Commit a strategy to the origin's branch."""
        folder = self.origin / "strategies" / id
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in samples.candidate(id, spec=None, **files).files.items():
            (folder / path).write_bytes(content)
        return self.committed()

    def committed(self) -> str:
        git(self.origin, "add", "-A")
        git(self.origin, "commit", "-q", "--allow-empty", "-m", "change")
        return git(self.origin, "rev-parse", "HEAD")

    def pulled(self) -> None:
        """The device fetches into its clone."""
        git(self.clone, "fetch", "-q", "--force", "origin")

    def cut(self, id: str = "sma_trend", commit: str = "", **changes: Any) -> BundleManifest:
        """The hosted machine cuts a strategy; `changes` are of the manifest."""
        bundle = bundle_of(samples.candidate(id), samples.ENGINE)
        told = samples.record(samples.candidate(id))
        manifest = samples.manifest(bundle, told, commit=commit or self.commit, **changes)
        return self.hosted.put(bundle, manifest, told.document)[0]

    def left(self, *manifests: BundleManifest) -> dict[str, bytes]:
        """What job `cut` uploads: evidence.json of each, and the manifests."""
        files = {
            f"out/{one.strategy}/evidence.json": samples.evidence_text(samples.candidate(one.strategy))
            for one in manifests
        }
        return files | {
            f"home/store/sha256/{one.bundle[7:]}/{number}/manifest-000001.json": manifest_text(one)
            for number, one in enumerate(manifests)
        }

    def ran(self, files: Mapping[str, bytes], *, ended: Json = "success", name: str = "evidence", **more: Json) -> Json:
        """A run of test.yml whose job `cut` left these files; `more` is of the run."""
        of = run(self.hub.world, self.repository, self.commit, status="in_progress", conclusion=None, **more)
        status = "completed" if ended else "in_progress"
        job(self.hub.world, self.repository, of, "cut", conclusion=ended, status=status)
        artifact(self.hub.world, self.repository, of, name, zipped(files))
        return of

    def published(self) -> BundleManifest:
        """One bundle, cut, published, and with the run that made it."""
        manifest = self.cut()
        self.publish()
        self.ran(self.left(manifest))
        return manifest

    def publish(self, commit: str = "", token: str = TOKEN) -> CarriedBundles:
        tools = PublishTools(
            self.hosted, GitHubReleases(self._session(token)), manifest_text, self.narrator, self._scratch()
        )
        return publish(commit or self.commit, tools)

    def fetch(self, commit: str = "", token: str = TOKEN, main: str = MAIN) -> CarriedBundles:
        session, wanted = self._session(token), commit or self.commit
        own = partial(own_build, self.clone, wanted, self._scratch(), self.versions, samples.EXTRA)
        tools = FetchTools(
            self.device,
            GitTags(self.clone, main),
            own,
            lambda: (GitHubReleases(session), GitHubWorkflowRuns(session)),
            read_manifest,
            EVIDENCE,
            self.narrator,
            self._scratch(),
        )
        return fetch(Origin(REPOSITORY, wanted, "main"), tools)

    def assets(self) -> dict[str, Json]:
        """Of the commit's release, by name."""
        (page,) = [one for one in self.repository.releases if one["tag_name"] == tag_of(self.commit)]
        return {one["name"]: one for one in page["assets"]}

    def asset(self, kind: str) -> Json:
        """The one of a kind: bundle, evidence or manifest."""
        (found,) = [one for name, one in self.assets().items() if name.startswith(kind)]
        return found

    def swap(self, kind: str, change: Callable[[bytes], bytes]) -> None:
        """Somebody who may write contents puts another file in an asset's place."""
        one = self.asset(kind)
        content = change(self.repository.contents[f"asset-{one['id']}"])
        self.repository.contents[f"asset-{one['id']}"] = content
        one.update(size=len(content), digest=digest(content))

    def _session(self, token: str) -> GitHubSession:
        return GitHubSession(token, REPOSITORY, self.hub.url, self.clock)

    def _scratch(self) -> Path:
        self.tries += 1
        made = self.root / f"scratch-{self.tries}"
        made.mkdir()
        return made


def refused(travel: Travel, *words: str, kind: type[FreqtrainError] = Refused, **how: str) -> FreqtrainError:
    """It is refused with all these words, and nothing is kept."""
    with pytest.raises(kind) as found:
        travel.fetch(**how)
    told = f"{found.value.message} ({found.value.hint})"
    for word in words:
        assert word in told
    assert travel.device.digests() == ()
    return found.value
