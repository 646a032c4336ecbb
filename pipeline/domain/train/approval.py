"""What a person signs before a bundle trades real money, and whether a signature covers what is wanted. Without a whole yes it is a no."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from pipeline.domain.train.steps import short
from pipeline.domain.verdict import Finding, Outcome, Verdict

NAMESPACE = "freqtrain-approval"
"""What the signature is made for: one that was made for a commit, a tag or a file does not count."""

FORM = "freqtrain approval 1"
CLOCK_SKEW = timedelta(minutes=5)
"""How far the signer's clock may be ahead of the device's."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is about to board: an environment, the digests of the bundles, and the digest of the policy that judged them."""

    environment: str
    bundles: frozenset[str]
    policy: str


@dataclass(frozen=True, slots=True)
class Approval:
    """What was signed; it holds from `issued_at` to before `expires_at`, both aware UTC, to the second."""

    wanted: Wanted
    issued_at: datetime
    expires_at: datetime


class Signature(StrEnum):
    """What an adapter found out about a signature."""

    VALID = "valid"
    MISSING = "missing"
    INVALID = "invalid"
    """Damaged, made over another text or for another purpose."""
    UNKNOWN = "unknown"
    """Good, by a key that is not among the allowed signers."""
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Signed:
    """The signature and whose it is; `signer` is empty unless the signature is valid."""

    signature: Signature
    signer: str = ""


def text(approval: Approval) -> str:
    """The text that is signed: one form only, so that nobody signs what reads alike and means something else."""
    wanted = approval.wanted
    lines = [
        FORM,
        f"environment: {wanted.environment}",
        *(f"bundle: {bundle}" for bundle in sorted(wanted.bundles)),
        f"policy: {wanted.policy}",
        f"issued: {_time(approval.issued_at)}",
        f"expires: {_time(approval.expires_at)}",
    ]
    return "\n".join(lines) + "\n"


def read(content: str) -> Approval:
    """The approval in a text.

    Raises:
        ValueError: it is not written exactly as `text` writes it.
    """
    fields = [line.partition(": ") for line in content.splitlines()[1:]]
    try:
        (environment,), (policy,) = _all(fields, "environment"), _all(fields, "policy")
        (issued,), (expires,) = _all(fields, "issued"), _all(fields, "expires")
        wanted = Wanted(environment, frozenset(_all(fields, "bundle")), policy)
        approval = Approval(wanted, datetime.fromisoformat(issued), datetime.fromisoformat(expires))
        same = text(approval) == content and all(value and value == value.strip() for _, _, value in fields)
    except ValueError:
        raise ValueError("this is no approval") from None
    if not same:
        raise ValueError("this approval is not written in the form that is signed")
    return approval


def check(
    approval: Approval | None,
    signed: Signed,
    wanted: Wanted,
    now: datetime,
    *,
    authors: Sequence[str],
    solo: bool,
    valid_for: timedelta,
) -> Verdict:
    """Whether the approval lets what is wanted board: one finding for each rule, and PASS only if all of them hold.

    Args:
        approval: what was signed; None where there is none, or it could not be read.
        signed: the adapter's word about the signature over exactly that text.
        wanted: computed afresh from what would board now, never from the approval.
        now: aware UTC.
        authors: who wrote what boards, in the names of the allowed signers (mail addresses); none: nobody knows.
        solo: whether the author may sign.
        valid_for: the longest that the environment lets an approval hold.
    """
    found = [_finding("signature", *_signature(signed)), _finding("signer", *_signer(signed, authors, solo))]
    if approval is None:
        return Verdict((*found, _finding("approval", False, "There is no approval that could be read.")))
    found += [
        _finding(rule, ok, reason)
        for rules in (bindings(approval.wanted, wanted), times(approval, now, valid_for))
        for rule, ok, reason in rules
    ]
    return Verdict(tuple(found))


def bindings(signed: Wanted, wanted: Wanted) -> Iterator[tuple[str, bool, str]]:
    """Whether exactly what is wanted was approved: rule, whether it holds, and a sentence."""
    yield (
        "environment",
        signed.environment == wanted.environment,
        f"The approval is for '{signed.environment}', and this is '{wanted.environment}'.",
    )
    added, removed = sorted(wanted.bundles - signed.bundles), sorted(signed.bundles - wanted.bundles)
    told = []
    if not wanted.bundles:
        told.append("Nothing boards, so nothing can be approved.")
    if added:
        told.append(f"Not approved: {', '.join(map(short, added))}.")
    if removed:
        told.append(f"Approved, and no longer boarding: {', '.join(map(short, removed))}.")
    yield "bundles", not told, " ".join(told) or f"Exactly these bundles are approved ({len(wanted.bundles)})."
    yield (
        "policy",
        signed.policy == wanted.policy,
        f"The approval is for policy {short(signed.policy)}, and this is {short(wanted.policy)}.",
    )


def times(approval: Approval, now: datetime, valid_for: timedelta) -> Iterator[tuple[str, bool, str]]:
    """Whether it holds now, and for no longer than it may: rule, whether it holds, and a sentence."""
    issued, expires = approval.issued_at, approval.expires_at
    yield "expiry", now < expires, f"The approval expires at {_time(expires)}, and it is {_time(now)}."
    yield (
        "issue",
        issued <= now + CLOCK_SKEW,
        f"The approval was issued at {_time(issued)}, and it is {_time(now)}: was a clock set back?",
    )
    hours = (expires - issued) / timedelta(hours=1)
    most = valid_for / timedelta(hours=1)
    yield (
        "validity",
        timedelta(0) < expires - issued <= valid_for,
        f"The approval holds for {hours:g} hours, and the environment allows {most:g}.",
    )


def _signature(signed: Signed) -> tuple[bool, str]:
    reasons = {
        Signature.VALID: "The signature is good.",
        Signature.MISSING: "There is no signature.",
        Signature.INVALID: "The signature is not one over this approval.",
        Signature.UNKNOWN: "The signature is by a key that is not among the allowed signers.",
        Signature.REVOKED: "The signature is by a key that was revoked.",
    }
    return signed.signature is Signature.VALID, reasons[signed.signature]


def _signer(signed: Signed, authors: Sequence[str], solo: bool) -> tuple[bool, str]:
    signer = _same(signed.signer)
    if not signer or signed.signature is not Signature.VALID:
        return False, "Nobody is known to have signed."
    if solo:
        return True, f"{signed.signer} signed; the team is one person."
    if not authors or not all(_same(author) for author in authors):
        return False, "Who wrote what boards is not known, so nobody can be told apart from the author."
    if signer in {_same(author) for author in authors}:
        return False, f"{signed.signer} signed and is an author of what boards: somebody else has to."
    return True, f"{signed.signer} signed and is no author of what boards."


def _finding(rule: str, ok: bool, reason: str) -> Finding:
    return Finding("approval", rule, Outcome.PASS if ok else Outcome.FAIL, reason)


def _same(identity: str) -> str:
    return identity.strip().casefold()


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _all(fields: Sequence[tuple[str, str, str]], name: str) -> list[str]:
    return [value for key, _, value in fields if key == name]
