"""The git repository, through git's own command."""

import re
import tarfile
from pathlib import Path

from pipeline.adapters import process
from pipeline.errors import ToolFailed, UsageError

TIMEOUT_SECONDS = 60.0
_WHOLE_NAME = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class GitRepository:
    """See `ports.Repository`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def resolve(self, ref: str) -> str:
        found = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        if found.code != 0:
            raise UsageError(
                f"{ref!r} names no commit in {self.root}",
                hint="fetch it first, or give another reference, such as origin/main",
            )
        return found.out.strip()

    def is_gone(self, name: str) -> bool:
        """Whether it is a commit's whole name, and this clone, which has the whole history, holds no such commit.

        GitHub calls by such a name what was before a push: nothing (all zeros) before the first one, and what a forced push threw away. A short
        name or a branch that is not there is somebody's slip, and no such name.
        """
        if not _WHOLE_NAME.fullmatch(name):
            return False
        if not name.strip("0"):
            return True
        if self._git("cat-file", "-e", f"{name}^{{commit}}").code == 0:
            return False
        return self._must("rev-parse", "--is-shallow-repository").strip() == "false"

    def changed_files(self, since: str) -> tuple[str, ...]:
        commit = self.resolve(since)
        base = self._git("merge-base", commit, "HEAD")
        if base.code != 0:
            raise UsageError(
                f"{since!r} and HEAD have no common ancestor", hint="fetch the full history (fetch-depth: 0)"
            )
        tracked = self._must("diff", "--name-only", "--no-renames", "-z", base.out.strip(), "--")
        untracked = self._must("ls-files", "--others", "--exclude-standard", "-z")
        return tuple(sorted({path for path in (tracked + untracked).split("\0") if path}))

    def export(self, ref: str, path: str, to: Path) -> bool:
        commit = self.resolve(ref)
        if path != "." and self._git("cat-file", "-e", f"{commit}:{path}").code != 0:
            return False
        to.mkdir(parents=True, exist_ok=True)
        archive = to / ".export.tar"
        self._must("archive", "--format=tar", "-o", str(archive), commit, "--", path)
        with tarfile.open(archive) as tar:
            tar.extractall(to, filter="data")
        archive.unlink()
        return True

    def _must(self, *arguments: str) -> str:
        done = self._git(*arguments)
        if done.code != 0:
            raise ToolFailed(f"git {arguments[0]} failed: {done.err.strip()}")
        return done.out

    def _git(self, *arguments: str) -> process.Completed:
        return process.run(["git", "-C", str(self.root), *arguments], timeout_seconds=TIMEOUT_SECONDS)


def repository_root(start: Path) -> Path | None:
    """The root of the work tree that holds a folder, or None outside of one."""
    done = process.run(["git", "-C", str(start), "rev-parse", "--show-toplevel"], timeout_seconds=TIMEOUT_SECONDS)
    return Path(done.out.strip()) if done.code == 0 else None
