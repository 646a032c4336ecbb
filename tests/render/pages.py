"""A page taken apart, for tests that read it."""

import re
from html.parser import HTMLParser


class Page(HTMLParser):
    """Elements, ids, links and scripts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.elements.append((tag, given))
        self.ids |= {str(given["id"])} if "id" in given else set()
        self.links += [str(given["href"])] if "href" in given else []
        self._open = tag
        if tag == "script":
            self.scripts.append((given, ""))

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open == "script":
            given, before = self.scripts[-1]
            self.scripts[-1] = (given, before + data)
        elif self._open != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    @property
    def policy(self) -> str:
        return next(
            str(given["content"]) for _, given in self.elements if given.get("http-equiv") == "Content-Security-Policy"
        )
