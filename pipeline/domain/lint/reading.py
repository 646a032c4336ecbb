"""What a project's expressions tell of time, and what was found out about them so far."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from pipeline.domain.lint.project import Project, Where
from pipeline.domain.lint.source import Source


class Sort(Enum):
    """What a written moment is: surely a date, an early date to count from, a text that may be a date, a number, a length of time."""

    DATE = "date"
    ORIGIN = "origin"
    TEXT = "text"
    NUMBER = "number"
    SPAN = "span"


@dataclass(frozen=True, slots=True)
class Written:
    """One moment in the text: where it is written, and its number where it is one."""

    sort: Sort
    source: Source
    node: ast.expr
    number: float = 0.0


class Time(Enum):
    """A moment, its year, or a text or number of it; the distance from a written date; the index of a frame, which may be of moments."""

    MOMENT = "moment"
    DISTANCE = "distance"
    INDEX = "index"


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One project: `columns`: name -> what is assigned to the column of that name.

    `written` and `times` remember what was found out about an expression by how far away it was asked for, since from afar less is seen.
    """

    project: Project
    columns: Mapping[str, list[Where]]
    written: dict[tuple[ast.expr, int], tuple[Written, ...]] = field(default_factory=dict)
    times: dict[tuple[ast.expr, int], Time | None] = field(default_factory=dict)
