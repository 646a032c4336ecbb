"""The rule on secrets: names and texts that look like keys, in code, comments, description and parameters."""

import ast
import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from pipeline.domain.lint.project import Project
from pipeline.domain.lint.rule import Trouble
from pipeline.domain.lint.source import Source
from pipeline.domain.verdict import Place

_NAMES = re.compile(
    r"(?i)(^|_)(api_?key|api_?secret|secret(_?key)?|passw(or)?d|passphrase|private_?key|access_?key|auth_?token|bot_?token|jwt\w*key)$"
)
_TOKEN_NAMES = re.compile(r"(?i)(^|_)(token|key|credentials?)$")
_SHAPES = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}|glpat-[A-Za-z0-9_-]{20}|xox[abprs]-[A-Za-z0-9-]{20,}|\bsk-[A-Za-z0-9_-]{24,}"
    r"|\bAKIA[A-Z0-9]{16}\b|\bAIza[A-Za-z0-9_-]{35}|\b\d{8,10}:[A-Za-z0-9_-]{35}\b|\beyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{15,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----|://[^\s/:@]{1,64}:[^\s/@]{3,64}@|hooks\.slack\.com/services/|discord(app)?\.com/api/webhooks/\d"
)
_LONG = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_=-]{32,512}(?![A-Za-z0-9+/_=-])")
_PLACEHOLDER = re.compile(r"(?i)^(\$\{\w+\}|<[^<>]*>|x+|\*+|\.+|changeme|none|null|true|false)$")
_DESCRIBED = re.compile(r"""^\s*["']?([A-Za-z_]\w*)["']?\s*:\s*["']?([^"'#,\s]+)""")
_SAY = "never write secrets into files that are shared: take it out, and give out a new one, because this one has been seen."
MOST_CHARACTERS = 4096
"""Only the beginning of a longer line is looked at."""


def looks_like_secret(project: Project) -> Iterator[Trouble]:
    """Keys, tokens and passwords."""
    told: set[tuple[str, int]] = set()
    for source in project.sources:
        for node, name, text in _named_texts(source):
            if _is_secret_name(name, text):
                place = source.place(node)
                told.add((place.file, place.line))
                yield Trouble(place, f"{name[:60]} looks like a secret: {_SAY}")
    for path, content in sorted(project.candidate.files.items()):
        for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
            if (path, number) not in told:
                column = _column(path, line[:MOST_CHARACTERS])
                if column:
                    yield Trouble(Place(path, number, column), f"This looks like a secret: {_SAY}")


def _named_texts(source: Source) -> Iterator[tuple[ast.AST, str, str]]:
    """Texts with the name that they are given: by assignment, as an argument, in a dictionary."""
    for node in source.nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(node.value.value, str):
                    yield node.value, _name(target), node.value.value
        elif (
            isinstance(node, ast.keyword)
            and node.arg
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            yield node.value, node.arg, node.value.value
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if (
                    isinstance(key, ast.Constant)
                    and isinstance(value, ast.Constant)
                    and isinstance(key.value, str)
                    and isinstance(value.value, str)
                ):
                    yield value, key.value, value.value


def _name(target: ast.expr) -> str:
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute):
        return target.attr
    if (
        isinstance(target, ast.Subscript)
        and isinstance(target.slice, ast.Constant)
        and isinstance(target.slice.value, str)
    ):
        return target.slice.value
    return ""


def _is_secret_name(name: str, text: str) -> bool:
    if not text.strip() or _PLACEHOLDER.match(text.strip()):
        return False
    return bool(_NAMES.search(name)) or (bool(_TOKEN_NAMES.search(name)) and len(text) >= 16 and is_random(text))


def _column(path: str, line: str) -> int:
    """Where a line holds what looks like a secret, from 1; 0 where it does not."""
    shape = _SHAPES.search(line)
    if shape:
        return shape.start() + 1
    for long in _LONG.finditer(line):
        if is_random(long[0]):
            return long.start() + 1
    described = _DESCRIBED.match(line) if path.endswith((".yml", ".json")) else None
    if described and _is_secret_name(described[1], described[2]):
        return described.start(2) + 1
    return 0


def is_random(text: str) -> bool:
    """Whether a text looks drawn by chance: letters and digits change often, and no character is frequent.

    Words joined by underscores or capitals change little; 32 random hexadecimal digits about every second character, and their Shannon
    entropy is above 3 bits a character.
    """
    letters = [c for c in text if c.isalnum()]
    if len(letters) < 16 or not any(c.isdigit() for c in letters) or not any(c.isalpha() for c in letters):
        return False
    changes = sum(_class(a) != _class(b) and not (a.isupper() and b.islower()) for a, b in pairwise(letters))
    return changes / (len(letters) - 1) >= 0.3 and _entropy("".join(letters)) >= 3.0


def _class(character: str) -> int:
    return 0 if character.isdigit() else 1 if character.isupper() else 2


def _entropy(text: str) -> float:
    """Shannon's entropy of the characters, in bits a character."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())
