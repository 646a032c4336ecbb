"""What git keeps about who boards: tags, the protected main, the strategies of a commit and who wrote them. No work tree is read."""

import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.adapters import process
from pipeline.domain.strategy import ID_PATTERN
from pipeline.domain.train.named import Files, Tag, Written
from pipeline.errors import Refused, ToolFailed, UsageError

TIMEOUT_SECONDS = 60.0
MAIN = "refs/remotes/origin/main"
REGULAR = "100"
"""How the mode of a file begins that is no link and no other repository."""

BYTE_CODE = "__pycache__"
_PLAIN = ("--no-replace-objects", "--literal-pathspecs", "-c", "log.showSignature=false", "-c", "log.follow=false")
_ADDRESS = re.compile(r"<([^<>]*)>")
_AUTHORSHIP = "%x00%H%x00%P%x00%ae%x00%(trailers:key=Co-authored-by,valueonly)%x00"


class GitTags:
    """See `ports.Tags`.

    Args:
        root: a clone with its whole history.
        main: the protected main by its whole name: git takes a tag called `main` for it where the name is short, and whoever may tag would
            choose the allowed signers.
        folder: where the strategies are, relative to the root.

    Raises:
        ValueError: `main` is not the whole name of a branch.
    """

    def __init__(self, root: Path, main: str = MAIN, folder: str = "strategies") -> None:
        if not main.startswith(("refs/heads/", "refs/remotes/")):
            raise ValueError(f"{main!r} is not the whole name of a branch")
        self._root, self._main, self._folder = root, main, folder.strip("/")
        self._known: dict[str, Mapping[str, Files]] = {}

    def tag(self, name: str) -> Tag:
        """Asked for by its whole name, so that no branch and no expression such as `v1~1` passes for a tag."""
        found = self._git("show-ref", "--verify", "--hash", f"refs/tags/{name}")
        if found.code != 0:
            raise UsageError(f"there is no tag {name!r} in {self._root}", hint="fetch it first: git fetch --tags")
        object_name = found.out.strip()
        commit = self._git("rev-parse", "--verify", "--quiet", f"{object_name}^{{commit}}")
        if commit.code != 0:
            raise Refused(f"tag {name} names no commit", hint="tag a commit of main")
        if self._must("cat-file", "-t", object_name).strip() != "tag":
            return Tag(name, commit.out.strip())
        head, _, message = self._must("cat-file", "tag", object_name).partition("\n\n")
        if f"tag {name}" not in head.split("\n"):
            raise Refused(f"tag {name} was made under another name", hint="make a new tag: git tag --annotate")
        return Tag(name, commit.out.strip(), message)

    def commit(self, ref: str) -> str:
        found = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        if found.code != 0:
            raise UsageError(f"{ref!r} names no commit in {self._root}", hint="fetch it first: git fetch")
        return found.out.strip()

    def main(self) -> str:
        found = self._git("rev-parse", "--verify", "--quiet", f"{self._main}^{{commit}}")
        if found.code != 0:
            raise Refused(f"{self._root} has no {self._main}", hint="fetch the protected branch first: git fetch")
        return found.out.strip()

    def is_ancestor(self, commit: str, of: str) -> bool:
        done = self._git("merge-base", "--is-ancestor", commit, of)
        if done.code > 1 and self._git("cat-file", "-e", f"{commit}^{{commit}}").code == 0:
            raise ToolFailed(f"git merge-base failed: {done.err.strip()}")
        return done.code == 0

    def strategies(self, commit: str) -> Mapping[str, Files]:
        if commit not in self._known:
            self._known[commit] = self._strategies(commit)
        return self._known[commit]

    def written(self, strategy: str, commit: str, since: str = "") -> tuple[Written, ...]:
        """Whoever only merged wrote nothing, unless the merge itself holds something that neither side had."""
        if self._must("rev-parse", "--is-shallow-repository").strip() != "false":
            raise Refused(
                f"{self._root} holds a part of the history, so nobody knows all authors", hint="git fetch --unshallow"
            )
        span = [commit, f"^{since}"] if since else [commit]
        shown = ["--full-history", "-c", "--name-only", "--no-color", f"--format={_AUTHORSHIP}"]
        out = self._must("log", *shown, *span, "--", f"{self._folder}/{strategy}")
        fields = out.split("\0")[1:]
        return tuple(
            Written(name, author.strip(), _named(others))
            for name, parents, author, others, paths in zip(*(fields[place::5] for place in range(5)), strict=True)
            if " " not in parents or paths.strip()
        )

    def read_main(self, path: str) -> bytes:
        found = self._git("cat-file", "blob", f"{self.main()}:{path}")
        if found.code != 0:
            raise Refused(f"{self._main} holds no file {path}", hint="merge it into the protected branch, and fetch")
        return found.out.encode()

    def _strategies(self, commit: str) -> Mapping[str, Files]:
        listed = self._must("ls-tree", "-r", "-z", "--full-tree", commit, "--", f"{self._folder}/")
        found: dict[str, dict[str, str]] = {}
        for line in listed.split("\0"):
            meta, _, path = line.partition("\t")
            strategy, _, inside = path.removeprefix(f"{self._folder}/").partition("/")
            if not inside or not re.fullmatch(ID_PATTERN, strategy) or BYTE_CODE in path.split("/"):
                continue
            mode, _, name = meta.split(" ")
            found.setdefault(strategy, {})[inside] = name if mode.startswith(REGULAR) else f"no file ({mode})"
        return found

    def _must(self, *arguments: str) -> str:
        done = self._git(*arguments)
        if done.code != 0:
            raise ToolFailed(f"git {arguments[0]} failed: {done.err.strip()}")
        return done.out

    def _git(self, *arguments: str) -> process.Completed:
        return process.run(["git", *_PLAIN, "-C", str(self._root), *arguments], timeout_seconds=TIMEOUT_SECONDS)


def _named(trailers: str) -> frozenset[str]:
    """The addresses in trailers, one a line; of one that has none, the line."""
    lines = [line.strip() for line in trailers.splitlines() if line.strip()]
    return frozenset(address.strip() for line in lines for address in _ADDRESS.findall(line) or [line])
