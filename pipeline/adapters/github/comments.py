"""One comment of each name, kept up to date."""

from dataclasses import dataclass

from pipeline.adapters.github.marks import is_marked, marked, same_text, whoami
from pipeline.adapters.github.refusals import NotFound
from pipeline.adapters.github.session import GitHubSession
from pipeline.adapters.github.shapes import MaybeText, Name, Number, Shape, User, read
from pipeline.domain.canonical import Plain
from pipeline.domain.github import Comment


@dataclass(frozen=True, slots=True)
class GitHubComments:
    """See `ports.Comments`. `author` is the login that the token writes under; it is asked for where it is not given."""

    github: GitHubSession
    author: str = ""

    def find(self, number: int, name: str) -> Comment | None:
        """Of several, which two that write at once may leave for a moment, the oldest."""
        return next(iter(self._of(number, name, self.author or whoami(self.github))), None)

    def keep(self, number: int, name: str, text: str) -> Comment:
        """Two that write at once both look again after writing: of several comments the oldest stays, and it gets the text."""
        author, wanted = self.author or whoami(self.github), marked(name, text)
        there = self._of(number, name, author)
        try:
            return self._only(there, wanted) if there else self._new(number, name, author, wanted)
        except NotFound:  # somebody deleted it just now
            return self._new(number, name, author, wanted)

    def _new(self, number: int, name: str, author: str, text: str) -> Comment:
        made = self._write(number, name, author, text)
        return self._only(self._of(number, name, author) or [made], text)

    def _of(self, number: int, name: str, author: str) -> list[Comment]:
        listed = [read(_Comment, one, "a comment") for one in self.github.pages(f"issues/{number}/comments")]
        ours = [
            one for one in listed if one.user is not None and one.user.login == author and is_marked(name, one.body)
        ]
        return sorted({one.id: _comment(one) for one in ours}.values(), key=lambda one: one.id)

    def _write(self, number: int, name: str, author: str, text: str) -> Comment:
        def there() -> Plain:
            found = self._of(number, name, author)
            return {"id": found[0].id, "body": found[0].text, "html_url": found[0].url, "user": None} if found else None

        said = self.github.post_once(f"issues/{number}/comments", {"body": text}, there)
        return _comment(read(_Comment, said, "a comment"))

    def _only(self, there: list[Comment], text: str) -> Comment:
        first, *others = there
        for other in others:
            self._delete(other)
        if same_text(first.text, text):
            return first
        said = self.github.patch(f"issues/comments/{first.id}", {"body": text})
        return _comment(read(_Comment, said, "a comment"))

    def _delete(self, comment: Comment) -> None:
        try:
            self.github.delete(f"issues/comments/{comment.id}")
        except NotFound:
            return  # whoever wrote at the same time was quicker


class _Comment(Shape):
    id: Number
    body: MaybeText = ""
    html_url: Name
    user: User | None


def _comment(said: _Comment) -> Comment:
    return Comment(said.id, said.body, said.html_url)
