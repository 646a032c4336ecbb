"""Issues that the train opens, once each."""

from dataclasses import dataclass

from pipeline.adapters.github.marks import is_marked, marked, whoami
from pipeline.adapters.github.session import GitHubSession
from pipeline.adapters.github.shapes import MaybeText, Name, Number, Shape, User, read
from pipeline.domain.canonical import Plain
from pipeline.domain.github import IssuePage

LABEL = "freqtrain"
"""Ours are found by it; GitHub makes the label where it is missing."""

MOST_TITLE = 256


@dataclass(frozen=True, slots=True)
class GitHubIssues:
    """See `ports.Issues`. `author` is the login that the token writes under; it is asked for where it is not given."""

    github: GitHubSession
    author: str = ""

    def open_once(self, name: str, title: str, text: str, labels: tuple[str, ...] = ()) -> IssuePage:
        """Of several that were opened at once, the oldest stays and the others are closed."""
        author = self.author or whoami(self.github)
        there = self._of(name, author)
        if there:
            return _page(there[0])
        wanted: list[Plain] = [LABEL, *labels]
        wish: Plain = {"title": title[:MOST_TITLE], "body": marked(name, text), "labels": wanted}

        def made() -> Plain:
            found = self._of(name, author)
            return found[0].model_dump() if found else None

        opened = read(_Issue, self.github.post_once("issues", wish, made), "an issue")
        first, *others = self._of(name, author) or [opened]
        for other in others:
            closed: Plain = {"state": "closed", "state_reason": "not_planned"}
            self.github.patch(f"issues/{other.number}", closed)
        return _page(first)

    def _of(self, name: str, author: str) -> "list[_Issue]":
        listed = self.github.pages("issues", state="all", labels=LABEL)
        found = [read(_Issue, one, "an issue") for one in listed]
        ours = [one for one in found if one.user and one.user.login == author and is_marked(name, one.body)]
        return sorted({one.number: one for one in ours}.values(), key=lambda one: one.number)


class _Issue(Shape):
    number: Number
    html_url: Name
    state: Name
    body: MaybeText = ""
    user: User | None


def _page(said: _Issue) -> IssuePage:
    return IssuePage(said.number, said.html_url, said.state == "open")
