"""A person's signed yes, before anything boards: what is to be signed, and whether what was signed is a yes to exactly that."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from pipeline.domain.canonical import digest_bytes
from pipeline.domain.trading import Team, TradingEnvironment
from pipeline.domain.train.approval import Approval, Wanted, check, read, text
from pipeline.domain.train.decisions import Approved
from pipeline.domain.verdict import Outcome
from pipeline.errors import Refused
from pipeline.ports import Signatures, Tags


@dataclass(frozen=True, slots=True)
class Given:
    """What a person brings: the text that was signed, as it is in its file, and the signature over it ("" where there is none)."""

    text: str
    signature: str


def wanted_of(environment: TradingEnvironment, bundles: Iterable[str]) -> Wanted:
    """What is to be approved so that these bundles board."""
    return Wanted(environment.name, frozenset(bundles), environment.policy_digest)


def to_sign(wanted: Wanted, environment: TradingEnvironment, now: datetime) -> str:
    """The text that is to be signed; it holds from now, for as long as the environment lets it."""
    issued = now.replace(microsecond=0)
    return text(Approval(wanted, issued, issued + environment.approval.valid_for))


def approve(
    given: Given,
    wanted: Wanted,
    authors: Iterable[str],
    environment: TradingEnvironment,
    now: datetime,
    signatures: Signatures,
    allowed_signers: bytes,
) -> Approved:
    """The fact that a person approved, not yet recorded.

    Args:
        given: what the person brought.
        wanted: what boards, computed afresh.
        authors: the mail addresses of all who wrote it.
        environment: the target.
        now: aware UTC.
        signatures: verifies.
        allowed_signers: see `signers`.

    Raises:
        Refused: it is no yes to exactly that; the message lists everything that speaks against it.
        ToolFailed: the signature could not be verified.
    """
    signed = signatures.verify(given.text, given.signature, allowed_signers)
    terms = environment.approval
    try:
        approval = read(given.text)
    except ValueError:
        approval = None
    verdict = check(
        approval,
        signed,
        wanted,
        now,
        authors=sorted(authors),
        solo=terms.team is Team.SOLO,
        valid_for=terms.valid_for,
    )
    if approval is None or verdict.outcome is not Outcome.PASS:
        told = "\n".join(f"  {found.reason}" for found in verdict.findings if found.outcome is not Outcome.PASS)
        raise Refused(
            f"this is no approval for '{environment.name}', and nothing boards:\n{told}",
            hint=f"freqtrain promote {environment.name} --plan says what is to be signed",
        )
    return Approved(
        environment.name,
        tuple(sorted(wanted.bundles)),
        wanted.policy,
        signed.signer,
        approval.expires_at,
        digest_bytes(given.text.encode()),
    )


def signers(environment: TradingEnvironment, tags: Tags, protected: Callable[[Path], bytes]) -> bytes:
    """The content of the allowed signers: from the protected main, or a file of root; never from what is about to board.

    Raises:
        Refused: none are named, the file is missing, or others could have written it.
    """
    name = environment.approval.allowed_signers
    if not name:
        raise Refused(
            f"'{environment.name}' names no allowed signers, so nobody can approve",
            hint=f"approval.allowed_signers in environments/{environment.name}.yml",
        )
    return protected(Path(name)) if PurePosixPath(name).is_absolute() else tags.read_main(name)
