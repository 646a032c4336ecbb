"""The small YAML that people read one way only: true and false, decimal numbers, null, and text otherwise.

Stock YAML reads `18:30` as 1110, `on` as true and `1e-3` as text, and lets the last of two equal keys win. Here `18:30`, `on`, `012` and
`1_000` stay text, a key stands once, and anchors, aliases, tags, merge keys and further documents are refused.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from pipeline.domain.canonical import Plain

Route = tuple[str | int, ...]
"""The way to a value: keys and positions from the top of the file."""
Mark = tuple[int, int]
"""Line and column, both from 1."""

DEEPEST = 20
LONGEST_NUMBER = 40


@dataclass(slots=True)
class Parsed:
    """What a text says and where: `values` and `keys` are the places of values and of the keys in front of them."""

    data: Plain = None
    values: dict[Route, Mark] = field(default_factory=dict)
    keys: dict[Route, Mark] = field(default_factory=dict)
    problems: list[tuple[Mark, str]] = field(default_factory=list)


def parse_text(text: str) -> Parsed:
    """Read a text as far as it can be read; `problems` lists everything that is wrong with it, in its order."""
    parsed = Parsed()
    try:
        _Reader(text, parsed).document()
    except _Stop:
        pass
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        mark = before.count("\n") + 1, error.position - (before.rfind("\n") + 1) + 1
        parsed.problems.append((mark, f"the character U+{ord(text[error.position]):04X} is not allowed in a text file"))
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        parsed.problems.append(
            ((at.line + 1, at.column + 1) if at else (0, 0), _grammar(error.problem or error.context or ""))
        )
    parsed.problems.sort(key=lambda problem: problem[0])
    return parsed


def scalar(text: str) -> Plain:
    """An unquoted word as a value.

    Raises:
        ValueError: for a number that has no finite value; the message is a sentence.
    """
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"[-+]?\.?(inf|infinity|nan)", text, re.IGNORECASE):
        raise ValueError(
            f"{text} is not a number that can be compared; leave the key out, or quote it if text is meant"
        )
    if not re.fullmatch(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", text):
        return text
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"a number of {len(text)} characters is too long; quote it if text is meant")
    if re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text)
    if math.isinf(float(text)):
        raise ValueError(f"{text} is too large for a number")
    return float(text)


class _Stop(Exception):
    """Nothing after this can be read with sense."""


class _Reader:
    """Builds data from PyYAML's events, so that what is refused never becomes a value."""

    def __init__(self, text: str, parsed: Parsed) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.SafeLoader)
        self._parsed = parsed

    def document(self) -> None:
        next(self._events)
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            self._problem((1, 1), "the file is empty")
            return
        if isinstance(start, yaml.DocumentStartEvent) and (start.version or start.tags):
            self._problem(_place(start), "directives (%) are not allowed")
        self._parsed.data = self._node(next(self._events), ())
        next(self._events)
        further = next(self._events)
        if isinstance(further, yaml.DocumentStartEvent):
            self._problem(_place(further), "a second document starts here; one file holds one document")

    def _node(self, event: yaml.Event, route: Route) -> Plain:
        at = self._parsed.values[route] = _place(event)
        if isinstance(event, yaml.AliasEvent):
            self._problem(at, f"the alias *{event.anchor} is not allowed; write the value out")
            return None
        if isinstance(event, yaml.NodeEvent) and event.anchor:
            self._problem(at, f"the anchor &{event.anchor} is not allowed; write values out where they are used")
        if getattr(event, "tag", None):
            self._problem(at, f"the tag {event.tag} is not allowed")  # type: ignore[attr-defined]
        if isinstance(event, yaml.ScalarEvent):
            self._whole_characters(event)
            return self._scalar(event)
        if len(route) >= DEEPEST:
            self._problem(at, f"nested more than {DEEPEST} levels deep")
            raise _Stop
        return self._sequence(route) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(route)

    def _scalar(self, event: yaml.ScalarEvent) -> Plain:
        if event.style is not None:
            return str(event.value)
        try:
            return scalar(event.value)
        except ValueError as error:
            self._problem(_place(event), str(error))
            return None

    def _sequence(self, route: Route) -> Plain:
        items: list[Plain] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, (*route, len(items))))
        return items

    def _mapping(self, route: Route) -> Plain:
        items: dict[str, Plain] = {}
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            at = _place(key)
            name = self._key(key, at)
            if name in items:
                self._problem(at, f"the key '{name}' already stands on line {self._parsed.keys[(*route, name)][0]}")
                self._skip(next(self._events))
                continue
            self._parsed.keys[(*route, name)] = at
            items[name] = self._node(next(self._events), (*route, name))
        return items

    def _key(self, event: yaml.Event, at: Mark) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            self._problem(at, "a key must be a plain word, not a list, an object or an alias")
            raise _Stop
        if event.style is None and event.value == "<<":
            self._problem(at, "merge keys (<<) are not allowed; write the values out")
        elif event.anchor or event.tag:
            self._problem(at, "anchors and tags are not allowed")
        elif not event.value:
            self._problem(at, "a key is missing in front of the colon")
        self._whole_characters(event)
        return str(event.value)

    def _whole_characters(self, event: yaml.ScalarEvent) -> None:
        if any("\ud800" <= character <= "\udfff" for character in event.value):
            self._problem(_place(event), "half of a character (\\ud800 to \\udfff) is not allowed")

    def _skip(self, event: yaml.Event) -> None:
        """Pass over a value that does not count."""
        depth = 0
        while True:
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth == 0:
                return
            if depth > DEEPEST:
                self._problem(_place(event), f"nested more than {DEEPEST} levels deep")
                raise _Stop
            event = next(self._events)

    def _problem(self, at: Mark, message: str) -> None:
        self._parsed.problems.append((at, message))


def _place(event: yaml.Event) -> Mark:
    return (event.start_mark.line + 1, event.start_mark.column + 1) if event.start_mark else (1, 1)


_GRAMMAR = (
    (
        "mapping values are not allowed",
        "a colon is not expected here; check the indentation, or quote the text if the colon belongs to it",
    ),
    ("character '\\t'", "a tab is not allowed here; indent with spaces"),
    ("found character", "this character cannot start a value; quote the text if it belongs to it"),
    ("unexpected end of stream", "the file ends inside a quoted text"),
    ("but got '<stream end>'", "the file ends inside a list or an object; a closing bracket is missing"),
    ("but got '{'", "a comma is missing before this; a variable inside { } or [ ] stands in quotes: '${NAME}'"),
    ("expected ',' or", "a comma or a closing bracket is missing before this"),
    ("could not find expected ':'", "a colon and a value are missing after the key"),
    ("expected <block end>", "this does not belong to what stands above; check the indentation and the quotes"),
    ("expected '<document start>'", "this stands after the end of the document"),
    ("sequence entries are not allowed", "a list item is not expected here; start the list on a line of its own"),
    ("expected the node content", "a value is missing before this"),
    ("unknown escape character", "this escape is not known; use single quotes around a text with backslashes"),
    ("YAML document", "directives (%) are not allowed"),
)


def _grammar(problem: str) -> str:
    """PyYAML's complaint in words that say what to do."""
    return next((words for sign, words in _GRAMMAR if sign in problem), problem)
