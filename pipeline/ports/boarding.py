"""What deciding about bundles needs: where they are kept, what the repository says of them, who signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pipeline.domain.bundle import Bundle
    from pipeline.domain.bundle_manifest import BundleManifest, StoredBundle
    from pipeline.domain.canonical import Plain
    from pipeline.domain.train.approval import Signed
    from pipeline.domain.train.named import Files, Tag, Written


class Bundles(Protocol):
    """Where bundles are kept, by their digest."""

    def put(
        self, bundle: Bundle, manifest: BundleManifest, evidence: Mapping[str, Plain]
    ) -> tuple[BundleManifest, bool]:
        """Keep a bundle with a manifest and the evidence that it names; when this returns, all of it is on the disk.

        Returns the manifest and True; or an earlier one that says the same, and False: then nothing was added.

        Raises:
            Refused: the three do not belong together, or what is kept of the bundle is damaged.
            ToolFailed: the disk; nothing half done was kept.
        """
        ...

    def get(self, digest: str) -> StoredBundle:
        """A bundle with all its manifests, verified.

        Raises:
            UsageError: there is none.
            Refused: it is damaged; the message says what is.
        """
        ...

    def evidence(self, manifest: BundleManifest) -> Mapping[str, Plain]:
        """The evidence document that a manifest names, verified; raises Refused where it is damaged or missing."""
        ...

    def digests(self) -> tuple[str, ...]:
        """The digests of all bundles, in order; none of them is verified by that."""
        ...


class Tags(Protocol):
    """What the repository keeps (never a work tree) about who boards; commits by their whole names. Every call raises ToolFailed where git fails."""

    def tag(self, name: str) -> Tag:
        """A tag as it is now; raises UsageError where there is none, Refused where it names no commit or was made under another name."""
        ...

    def commit(self, ref: str) -> str:
        """The commit that a reference names; raises UsageError where there is none."""
        ...

    def main(self) -> str:
        """The latest commit of the protected main; raises Refused where there is none."""
        ...

    def is_ancestor(self, commit: str, of: str) -> bool:
        """Whether a commit leads to another one, or is it; False for one that the repository does not have."""
        ...

    def strategies(self, commit: str) -> Mapping[str, Files]:
        """The strategies of a commit by id, with their files."""
        ...

    def written(self, strategy: str, commit: str, since: str = "") -> tuple[Written, ...]:
        """The commits that touch a strategy, up to one and after another, with those who wrote them.

        Raises:
            Refused: the history is not all there.
        """
        ...

    def read_main(self, path: str) -> bytes:
        """A file of the protected main; raises Refused where there is none."""
        ...


class Signatures(Protocol):
    """Who signed."""

    def verify(self, text: str, signature: str, allowed_signers: bytes, revoked: bytes = b"") -> Signed:
        """Whether the signature is one over exactly this text, and whose it is; raises ToolFailed where it cannot be found out."""
        ...
