"""Evidence as its document tells it, and everything that may speak against cutting a bundle on it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.domain.canonical import Plain, digest
from pipeline.domain.dataset import Manifest
from pipeline.domain.engine_pins import differing
from pipeline.domain.environment import Environment
from pipeline.domain.evidence import CheckResult, Provenance
from pipeline.domain.judge import JUDGE, judge
from pipeline.domain.policy import Policy, tighten, without_incumbent
from pipeline.domain.strategy import Candidate
from pipeline.domain.verdict import Finding, Measurement, Outcome, Verdict

JUDGING_CODE = "judging code"
"""What evidence calls the digest of our own code that measured."""


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """One evidence document: what it says, and itself.

    `checks` names the checks that were made, `findings` are all of them, the judge's included. `incumbent` is the content digest of what the
    candidate was compared with, "" without one. `document` is everything that `digest` covers.
    """

    digest: str
    outcome: Outcome
    provenance: Provenance
    policy_digest: str
    checks: tuple[str, ...]
    findings: tuple[Finding, ...]
    measurements: tuple[Measurement, ...]
    incumbent: str
    document: Mapping[str, Plain]


@dataclass(frozen=True, slots=True)
class Present:
    """What is there now, for evidence to be held against.

    `versions` are the engine and the judge by name, as they are installed, `pins` those that the bundle would pin.
    """

    candidate: Candidate
    environment: Environment
    dataset: Manifest
    versions: Mapping[str, str]
    pins: Mapping[str, str]


def judged_again(record: EvidenceRecord, policy: Policy) -> Verdict:
    """The verdict on what the evidence says was found and measured; what it says of itself does not count."""
    found = [finding for finding in record.findings if finding.check != JUDGE]
    names = dict.fromkeys((*record.checks, *(finding.check for finding in found)))
    checks = [CheckResult(name, tuple(f for f in found if f.check == name)) for name in names]
    return judge(checks, record.measurements, policy)


def policy_for(candidate: Candidate, environment: Environment, *, incumbent: bool) -> Policy:
    """The policy that the gate applies to a candidate, with or without an incumbent."""
    policy, _ = tighten(environment.policy, candidate.spec.overrides)
    return policy if incumbent else without_incumbent(policy)


def objections(record: EvidenceRecord, present: Present) -> tuple[str, ...]:
    """Why no bundle may be cut on this evidence, a sentence each; none where it is for exactly what is there, and a PASS."""
    return tuple(_objections(record, present))


def strangeness(record: EvidenceRecord, present: Present) -> tuple[str, ...]:
    """What the evidence was made for that is not there now, a sentence each; its verdict does not matter."""
    return tuple(_strangeness(record, present))


def _objections(record: EvidenceRecord, present: Present) -> Iterator[str]:
    yield from _strangeness(record, present)
    yield from _other_verdict(record, _policy(record, present))


def _policy(record: EvidenceRecord, present: Present) -> Policy:
    return policy_for(present.candidate, present.environment, incumbent=bool(record.incumbent))


def _strangeness(record: EvidenceRecord, present: Present) -> Iterator[str]:
    told, candidate, environment = record.provenance, present.candidate, present.environment
    policy = _policy(record, present)
    if (told.strategy, told.content_digest) != (
        candidate.id,
        candidate.content_digest,
    ) or told.files != candidate.file_digests:
        yield _other_files(told.strategy, told.files, candidate)
    if {record.policy_digest, told.policy_digest} != {policy.digest}:
        yield f"It was judged by another policy than the environment {environment.name} and strategy.yml demand now."
    elif told.environment_digest != environment.digest:
        yield f"It was made for another version of the environment {environment.name}: money, windows or settings differ."
    data = (present.dataset.digest, present.dataset.markets_sha256, present.dataset.simulated)
    if (told.dataset_digest, told.markets_digest, told.simulated) != data:
        yield f"It was measured on the data set {told.dataset} ({told.dataset_digest}), not on {present.dataset.name} ({data[0]})."
    yield from _other_engine(told.versions, present)


def _other_files(strategy: str, files: Mapping[str, str], candidate: Candidate) -> str:
    if strategy != candidate.id:
        return f"It is about the strategy {strategy!r}, not about {candidate.id}."
    now = candidate.file_digests
    apart = [path for path in sorted(files.keys() | now.keys()) if files.get(path) != now.get(path)]
    return f"It was made for other files: {', '.join(apart) or 'its digest is another one'} changed since."


def _other_engine(told: Mapping[str, str], present: Present) -> Iterator[str]:
    for name, then in differing(present.pins, told).items():
        with_what = f"{name} {then}" if then else f"an unknown {name}"
        yield f"It was measured with {with_what}, but {present.pins[name]} is installed."
    if told.get(JUDGING_CODE) != present.versions.get(JUDGING_CODE):
        yield "It was made by another version of the judge's own code."


def _other_verdict(record: EvidenceRecord, policy: Policy) -> Iterator[str]:
    again = judged_again(record, policy)
    if again.outcome is not Outcome.PASS:
        reasons = " ".join(finding.reason for finding in again.reasons()[:3])
        yield f"Judged again it is {again.outcome.name}, not PASS: {reasons}"
    elif record.outcome is not again.outcome:
        yield f"It calls itself {record.outcome.name}, and judged again it is {again.outcome.name}."
    elif record.policy_digest == policy.digest and Counter(record.findings) != Counter(again.findings):
        yield "Judged again on its own numbers, the findings are not the ones that it lists."


def verdict_digest(findings: Iterable[Finding]) -> str:
    """Names a verdict by its findings, whatever their order."""
    return digest(sorted(digest(finding) for finding in findings))
