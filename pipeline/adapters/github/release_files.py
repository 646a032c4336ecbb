"""The files of a release: there once and whole, and believed by their digest."""

import hashlib
import re
from itertools import count
from pathlib import Path

from pipeline.adapters.github.refusals import Invalid, NotFound
from pipeline.adapters.github.retries import back_off_seconds
from pipeline.adapters.github.session import GitHubSession, Unanswered
from pipeline.adapters.github.shapes import MaybeText, Name, Number, Shape, read
from pipeline.domain.canonical import Plain
from pipeline.domain.github import Asset, ReleasePage
from pipeline.errors import Refused, ToolFailed, UsageError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}(?<!\.)", re.ASCII)
"""GitHub renames whatever holds other characters, and it would not be found again."""

OTHERS_SECONDS = 15.0
"""How long an upload that is not finished may be somebody's who is still at it."""


def of_release(github: GitHubSession, page: ReleasePage) -> tuple[Asset, ...]:
    """Its files."""
    listed = github.pages(f"releases/{page.id}/assets")
    return tuple(_asset(read(_Asset, one, "an asset")) for one in listed)


def all_of(release: Plain) -> tuple[Asset, ...]:
    """The files that GitHub lists within its answer about a release; none of no release."""
    return tuple(_asset(one) for one in read(_WithAssets, release, "a release").assets) if release is not None else ()


def put(
    github: GitHubSession, page: ReleasePage, name: str, file: Path, *, replaces: bool = True
) -> tuple[Asset, bool]:
    """Upload a file, unless an equal one is there. What broke off, ours or another's, leaves half a file, which is removed first.

    Raises:
        Refused: another whole one has that name, and it is not to be replaced.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for an asset", hint="use A-Z, a-z, 0-9 and . _ -")
    size, digest = file.stat().st_size, _digest(file)
    sent = False
    for tried in count(1):
        there = _of_name(github, page, name)
        if there is not None and not there.uploaded and not sent:
            github.clock.sleep(OTHERS_SECONDS)
            there = _of_name(github, page, name)
        if there is not None and there.uploaded and (there.size, there.digest or digest) == (size, digest):
            return there, not sent
        if there is not None and there.uploaded and not replaces:
            raise Refused(
                f"release {page.tag} holds another file {name}", hint="nothing was replaced; look who put it there"
            )
        if there is not None:
            _remove(github, there)
        sent = True
        try:
            with file.open("rb") as content:
                said = github.upload(page.upload_url, name, content, "application/octet-stream")
            return _asset(read(_Asset, said, "an asset")), False
        except (Unanswered, Invalid):
            # No answer came, or somebody else was quicker: look what is there now.
            if tried >= github.tries:
                raise
            github.clock.sleep(back_off_seconds(tried))
    raise AssertionError("unreachable")


def fetch(github: GitHubSession, asset: Asset, into: Path, most_bytes: int) -> None:
    """Write it into a file; raises ToolFailed where that is not what GitHub says it is."""
    with into.open("w+b") as content:
        github.save(f"releases/assets/{asset.id}", content, most_bytes)
    size = into.stat().st_size
    if size != asset.size:
        raise ToolFailed(f"the download of {asset.name} broke off after {size} of {asset.size} bytes", hint="try again")
    if asset.digest and _digest(into) != asset.digest:
        raise ToolFailed(f"{asset.name} is not what GitHub says it is: {asset.digest}", hint="try again")


def _of_name(github: GitHubSession, page: ReleasePage, name: str) -> Asset | None:
    return next((one for one in of_release(github, page) if one.name == name), None)


def _remove(github: GitHubSession, asset: Asset) -> None:
    try:
        github.delete(f"releases/assets/{asset.id}")
    except NotFound:
        return  # gone, which is what was wanted


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return "sha256:" + hashlib.file_digest(content, "sha256").hexdigest()


class _Asset(Shape):
    id: Number
    name: Name
    size: Number
    digest: MaybeText = ""
    state: Name
    browser_download_url: Name


class _WithAssets(Shape):
    assets: list[_Asset]


def _asset(said: _Asset) -> Asset:
    return Asset(said.id, said.name, said.size, said.digest, said.state == "uploaded", said.browser_download_url)
