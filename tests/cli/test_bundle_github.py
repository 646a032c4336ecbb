"""`freqtrain bundle publish` and `fetch` as processes, against a GitHub on the loopback, with the engine that is installed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters import pins
from pipeline.adapters.manifest_text import manifest_text
from pipeline.domain.bundle import bundle_of
from pipeline.domain.engine_pins import engine_pins
from pipeline.render.evidence_json import evidence_document, to_text
from pipeline.wiring.cut import pinned_lines
from tests import bundle_samples as samples
from tests.cli.freqtrain import Said, freqtrain
from tests.flows.travel_ground import Travel
from tests.github_double import GitHubDouble, github_double
from tests.github_double.double import validator
from tests.github_double.world import TOKEN

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


@pytest.fixture
def hub() -> Iterator[GitHubDouble]:
    validator()
    with github_double() as running:
        yield running


def bundle(travel: Travel, verb: str, home: str, *more: str, token: str = TOKEN) -> Said:
    env = {"GITHUB_TOKEN": token, "GH_TOKEN": "", "GITHUB_API_URL": travel.hub.url}
    told = ("--commit", travel.commit, "--repository", "o/r", "--home", str(travel.root / home))
    return freqtrain("bundle", verb, *told, *more, cwd=travel.clone, env=env)


def test_what_one_home_published_another_one_keeps(hub: GitHubDouble, tmp_path: Path) -> None:
    travel = Travel(tmp_path, hub)
    candidate, versions = samples.candidate(), dict(pins.engine_identity())
    made = bundle_of(candidate, engine_pins(candidate.files, versions, pinned_lines()))
    told = samples.record(candidate, versions=versions)
    manifest = samples.manifest(made, told, commit=travel.commit, versions=versions)
    travel.hosted.put(made, manifest, told.document)
    published = bundle(travel, "publish", "hosted")
    assert published.code == 0, published.err
    assert f"sma_trend: published: {made.digest}\n" in published.out
    early = bundle(travel, "fetch", "device")
    assert (early.code, travel.device.digests()) == (3, ()), early.err
    text = to_text(evidence_document(samples.judgement(candidate, versions=versions))).encode()
    travel.ran({"evidence.json": text, "manifest-000001.json": manifest_text(manifest)})
    fetched = bundle(travel, "fetch", "device", "--json")
    assert fetched.code == 0, fetched.err
    document = json.loads(fetched.out)
    assert (next(iter(document)), document["outcome"]) == ("outcome", "DONE")
    assert [(one["bundle"], one["new"]) for one in document["bundles"]] == [(made.digest, True)]
    where = ("--repository", "o/r", "--home", str(tmp_path / "device"))
    rest = freqtrain("bundle", "fetch", "--missing", *where, cwd=travel.clone, env={"GITHUB_TOKEN": "", "GH_TOKEN": ""})
    assert (rest.code, rest.out) == (0, "A bundle of every strategy of main is here.\n"), rest.err
    assert bundle(travel, "fetch", "device", "--missing").code == 2
    again = bundle(travel, "fetch", "device", token="")
    assert (again.code, again.out) == (0, f"sma_trend: was here before: {made.digest}\n"), again.err
    assert TOKEN not in published.out + published.err + early.err + fetched.out + fetched.err
