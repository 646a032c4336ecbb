"""Releases: the page of a tag, and the sections of its text that are ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.github import release_files
from pipeline.adapters.github.marks import MOST_CHARACTERS, mark
from pipeline.adapters.github.refusals import Invalid, NotFound
from pipeline.adapters.github.session import GitHubSession, segment
from pipeline.adapters.github.shapes import MaybeText, Name, Number, Shape, read
from pipeline.domain.canonical import Plain
from pipeline.domain.github import Asset, ReleasePage
from pipeline.errors import Refused


@dataclass(frozen=True, slots=True)
class GitHubReleases:
    """See `ports.ReleasePages`."""

    github: GitHubSession

    def of_tag(self, tag: str) -> ReleasePage | None:
        found = self._of_tag(tag)
        return None if found is None else _page(read(_Release, found, "a release"))

    def find(self, name: str, tag: str) -> Asset | None:
        """A whole asset of that name: of the tag's release first, then of any, the newest first."""
        for one in self._likely(tag):
            for asset in release_files.all_of(one):
                if asset.name == name and asset.uploaded:
                    return asset
        return None

    def tags(self) -> Iterator[str]:
        for one in self.github.pages("releases"):
            page = _page(read(_Release, one, "a release"))
            if not page.draft:
                yield page.tag

    def made(self, tag: str, title: str, text: str, *, commit: str = "", prerelease: bool = False) -> ReleasePage:
        """It never becomes the latest one: that is for tags that people push."""
        there = self._of_tag(tag)
        wish: dict[str, Plain] = {"tag_name": tag, "name": title, "body": text, "make_latest": "false"}
        if commit:
            wish["target_commitish"] = commit
        if prerelease:
            wish["prerelease"] = True
        if there is None:
            try:
                there = self.github.post_once("releases", wish, lambda: self._of_tag(tag))
            except Invalid:
                there = self._of_tag(tag)  # somebody made it meanwhile
                if there is None:
                    raise
        return _page(read(_Release, there, "a release"))

    def keep_section(self, page: ReleasePage, name: str, text: str) -> ReleasePage:
        """Read anew before it is written, so that little can be lost of what a person writes at the same time."""
        now = _page(read(_Release, self.github.get(f"releases/{page.id}"), "a release"))
        wanted = with_section(now.text, name, text)
        if wanted == now.text:
            return now
        if len(wanted) > MOST_CHARACTERS:
            raise Refused(f"the text of release {now.tag} would be longer than GitHub takes", hint="shorten it by hand")
        changed = self.github.patch(f"releases/{page.id}", {"body": wanted})
        return _page(read(_Release, changed, "a release"))

    def assets(self, page: ReleasePage) -> tuple[Asset, ...]:
        return release_files.of_release(self.github, page)

    def put(self, page: ReleasePage, name: str, file: Path, *, replaces: bool = True) -> tuple[Asset, bool]:
        return release_files.put(self.github, page, name, file, replaces=replaces)

    def fetch(self, asset: Asset, into: Path, most_bytes: int) -> None:
        release_files.fetch(self.github, asset, into, most_bytes)

    def _likely(self, tag: str) -> Iterator[Plain]:
        yield self._of_tag(tag)
        yield from self.github.pages("releases")

    def _of_tag(self, tag: str) -> Plain:
        try:
            return self.github.get(f"releases/tags/{segment(tag)}")
        except NotFound:
            # Nothing or not for us: whoever may see the repository knows which.
            self.github.get("")
            return None


def with_section(whole: str, name: str, text: str) -> str:
    """A text with the section of that name replaced, or added at its end."""
    begin, end = mark(name), mark(f"{name}/end")
    whole = whole.replace("\r\n", "\n")
    section = f"{begin}\n{text.strip()}\n{end}"
    before, found, rest = whole.partition(begin)
    if not found:
        return f"{whole.rstrip()}\n\n{section}".lstrip()
    _, ended, after = rest.partition(end)
    return f"{before}{section}{after if ended else ''}"


class _Release(Shape):
    id: Number
    tag_name: Name
    body: MaybeText = ""
    html_url: Name
    upload_url: Name
    draft: bool


def _page(said: _Release) -> ReleasePage:
    return ReleasePage(said.id, said.tag_name, said.body, said.html_url, said.upload_url, said.draft)
