"""The checkout that takes a newer framework in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pipeline.domain.updating import Files, Sides


class Checkout(Protocol):
    """A git repository with a work tree. Only `advance` changes what a person sees of it."""

    def obstacles(self) -> tuple[str, ...]:
        """Why nothing can be merged into it now: sentences, none where it can."""
        ...

    def branch(self) -> str:
        """The branch that is checked out."""
        ...

    def fetch(self, source: str, version: str) -> str:
        """Fetch a version (a branch or tag; "": the default branch) of another repository, without its tags; its commit.

        Raises:
            UsageError: there is no such remote.
            ToolFailed: it was not reached, or has no such version.
        """
        ...

    def has(self, commit: str) -> bool:
        """Whether the commit is part of what is checked out."""
        ...

    def origin(self, commit: str, made_from: str) -> str:
        """The commit of the framework that this repository began with; "" where none is found.

        It is `made_from`, else the one that was taken last, else the last common one, else the one with this repository's first files.

        Raises:
            UsageError: `made_from` is no earlier commit of the framework.
        """
        ...

    def files(self, commit: str) -> Files:
        """All files of a commit."""
        ...

    def marked(self, commit: str) -> str:
        """A file that names the commit, as in Files."""
        ...

    def merged(self, sides: Sides) -> tuple[str, Sequence[str]]:
        """The tree that comes out, and the files that both changed in the same place."""
        ...

    def advance(self, tree: str, commit: str, message: str) -> str:
        """Commit the tree as a merge of what is checked out and that commit, and check it out: as a whole, or not at all; the new commit.

        Raises:
            Refused: a file that git does not know lies where one would be written.
        """
        ...
