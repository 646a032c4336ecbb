"""A git checkout that takes a newer framework in: merged beside the work tree, which then moves on as a whole."""

import os
import re
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.adapters import process
from pipeline.domain.updating import MARK, MINE, Files, Sides
from pipeline.errors import Refused, ToolFailed, UsageError

FETCHED = "refs/freqtrain/update"
FETCH_SECONDS = 600.0
_SECONDS = 120.0
_UNFINISHED = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
}
_SIGN_IN = ("GH_TOKEN", "GITHUB_TOKEN")
"""What git's credential helpers (that of gh, that of a codespace) ask for: given to git where it goes to a remote, and nowhere else."""

_OURS = {
    "GIT_AUTHOR_NAME": "freqtrain",
    "GIT_AUTHOR_EMAIL": "freqtrain@localhost",
    "GIT_COMMITTER_NAME": "freqtrain",
    "GIT_COMMITTER_EMAIL": "freqtrain@localhost",
}
"""Who makes the commits that only the merge sees."""


class GitCheckout:
    """See `ports.Checkout`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def obstacles(self) -> tuple[str, ...]:
        found = []
        for name, what in _UNFINISHED.items():
            if (self.root / self._must("rev-parse", "--git-path", name).strip()).exists():
                found.append(f"{what} is not finished: end it first, or `git status` tells how to take it back")
        changed = [line[3:] for line in self._must("status", "--porcelain", "-z", "-uno").split("\0") if line]
        if changed:
            told = ", ".join(changed[:5]) + (f" and {len(changed) - 5} more" if len(changed) > 5 else "")
            found.append(
                f"there is something that is not committed ({told}): commit it, or put it aside with `git stash`"
            )
        if self._git("symbolic-ref", "-q", "HEAD").code != 0:
            found.append("no branch is checked out: `git switch -c update`")
        if self._must("rev-parse", "--is-shallow-repository").strip() == "true":
            found.append("the clone lacks its history: `git fetch --unshallow`")
        if self._git("var", "GIT_COMMITTER_IDENT").code != 0:
            found.append("git does not know who you are: `git config user.name` and `git config user.email`")
        return tuple(dict.fromkeys(found))

    def branch(self) -> str:
        return self._must("symbolic-ref", "--short", "HEAD").strip()

    def fetch(self, source: str, version: str) -> str:
        for text in (source, version):
            if text.startswith("-") or any(ord(one) <= 32 for one in text):
                raise UsageError(f"{text!r} is neither an address nor a version")
        if source in self._must("remote").split():
            told = f"the remote '{source}'"
        elif "/" in source or ":" in source:
            told = "the address that was given"
        else:
            raise UsageError(
                f"there is no remote '{source}'",
                hint=f"git remote add {source} URL, or FREQTRAIN_FROM=URL make update",
            )
        done = process.run(
            ["git", "-C", str(self.root), "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules",
             "--end-of-options", source, f"+{version or 'HEAD'}:{FETCHED}"],
            timeout_seconds=FETCH_SECONDS, env=process.for_programs({"GIT_TERMINAL_PROMPT": "0", **_for_remotes()}),
        )  # fmt: skip
        if done.code != 0:
            said = done.err.strip().replace(source, "it") if "://" in source else done.err.strip()
            what = f"version {version!r}" if version else "a newer version"
            raise ToolFailed(
                f"{what} could not be fetched from {told}: {said}", hint="nothing was changed; is there a network?"
            )
        return self._must("rev-parse", "--verify", f"{FETCHED}^{{commit}}").strip()

    def has(self, commit: str) -> bool:
        return self._before(commit, "HEAD")

    def origin(self, commit: str, made_from: str) -> str:
        if made_from:
            named = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{made_from}^{{commit}}")
            found = named.out.strip()
            if named.code != 0 or not self._before(found, commit):
                raise UsageError(
                    f"{made_from!r} is no commit of the framework before its newest", hint=f"git log {FETCHED}"
                )
            return found
        common = self._git("merge-base", commit, "HEAD")
        found = common.out.strip() if common.code == 0 else ""
        taken = self._git("show", f"HEAD:{MARK}").out.strip()
        if (
            re.fullmatch(r"[0-9a-f]{40,64}", taken)
            and self._before(taken, commit)
            and (not found or self._before(found, taken))
        ):
            return taken
        return found or self._same_files(commit)

    def marked(self, commit: str) -> str:
        made = self._must("hash-object", "-w", "--stdin", stdin=f"{commit}\n".encode())
        return f"100644 blob {made.strip()}"

    def files(self, commit: str) -> Files:
        listed = self._must("ls-tree", "-r", "-z", "--full-tree", commit)
        if "\ufffd" in listed:
            raise Refused(f"a file in {commit[:12]} has a name that is no UTF-8", hint="rename it: nothing was changed")
        entries = listed.split("\0")
        return {path: about for about, _, path in (entry.partition("\t") for entry in entries if entry)}

    def merged(self, sides: Sides) -> tuple[str, Sequence[str]]:
        origin = self._commit(sides.origin, ())
        ours, theirs = (self._commit(files, (origin,)) for files in (sides.ours, sides.theirs))
        done = self._git("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs)
        if done.code not in (0, 1):
            raise ToolFailed(f"git merge-tree failed: {done.err.strip()}", hint="it takes git 2.38 or later")
        tree, *conflicts = [part for part in done.out.split("\0") if part]
        return tree, tuple(dict.fromkeys(conflicts)) if done.code == 1 else ()

    def advance(self, tree: str, commit: str, message: str) -> str:
        signed = ["-S"] if self._git("config", "--type=bool", "commit.gpgsign").out.strip() == "true" else []
        made = self._must("commit-tree", *signed, "-p", "HEAD", "-p", commit, "-m", message, tree).strip()
        done = self._git("merge", "--ff-only", "--quiet", "--no-overwrite-ignore", made)
        if done.code != 0:
            raise Refused(f"nothing was changed: {done.err.strip()}", hint="move these files away, and try again")
        return made

    def _before(self, one: str, other: str) -> bool:
        return self._git("merge-base", "--is-ancestor", one, other).code == 0

    def _same_files(self, commit: str) -> str:
        """The framework's newest commit whose files are those that this repository began with; the user's own may differ."""
        trees = self._must("log", "--format=%H %T", commit).splitlines()
        roots = self._must("log", "--max-parents=0", "--format=%H %T", "HEAD").splitlines()
        firsts = {line.partition(" ")[2] for line in roots}
        exact = next((line.partition(" ")[0] for line in trees if line.partition(" ")[2] in firsts), "")
        if exact:
            return exact
        apart = [".", *(f":(exclude,top,literal){name.rstrip('/')}" for name in MINE)]
        for root in (line.partition(" ")[0] for line in roots):
            for one in (line.partition(" ")[0] for line in trees):
                if self._git("diff", "--quiet", "--no-ext-diff", root, one, "--", *apart).code == 0:
                    return one
        return ""

    def _commit(self, files: Files, parents: Sequence[str]) -> str:
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            lines = "".join(f"{about}\t{path}\0" for path, about in sorted(files.items()))
            self._must("update-index", "-z", "--index-info", env=index, stdin=lines.encode(errors="surrogateescape"))
            tree = self._must("write-tree", "--missing-ok", env=index).strip()
        options = [option for parent in parents for option in ("-p", parent)]
        return self._must("commit-tree", *options, "-m", "merge", tree, env=_OURS).strip()

    def _must(self, *arguments: str, env: Mapping[str, str] | None = None, stdin: bytes | None = None) -> str:
        done = self._git(*arguments, env=env, stdin=stdin)
        if done.code != 0:
            raise ToolFailed(f"git {shlex.quote(arguments[0])} failed: {done.err.strip()}")
        return done.out

    def _git(
        self, *arguments: str, env: Mapping[str, str] | None = None, stdin: bytes | None = None
    ) -> process.Completed:
        own = process.for_programs({"LC_ALL": "C", **(env or {})})
        return process.run(["git", "-C", str(self.root), *arguments], timeout_seconds=_SECONDS, env=own, stdin=stdin)


def _for_remotes() -> dict[str, str]:
    return {name: os.environ[name] for name in _SIGN_IN if name in os.environ}
