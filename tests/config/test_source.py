"""Files become models, or every problem at once at its place."""

import json
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, ValidationError

from pipeline.config.environment_file import EnvironmentFile
from pipeline.config.fields import Number, Strict
from pipeline.config.problems import WORDS
from pipeline.config.source import LARGEST_BYTES, check, load, parse, read
from pipeline.config.strategy import StrategyFile
from pipeline.domain.canonical import Plain
from pipeline.errors import ConfigError, ExitCode


class Part(Strict):
    metric: str
    number: float = 0.0


class Whole(Strict):
    count: int
    start: str = Field(alias="from")
    parts: tuple[Part, ...] = ()
    named: dict[str, Part] = Field(default_factory=dict)
    one: Part | None = None
    mode: Literal["history"] = "history"


GOOD = "count: 1\nfrom: 18:30\nparts: [{metric: on, number: 1e-3}]\n"


def told(text: str, model: type[BaseModel] = Whole) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(model, parse(text, "f.yml"))
    assert caught.value.code is ExitCode.REFUSED
    return [str(problem) for problem in caught.value.problems]


def test_a_good_file_becomes_a_model() -> None:
    loaded = load(Whole, parse(GOOD, "f.yml"))
    assert (loaded.count, loaded.start, loaded.parts[0].metric, loaded.parts[0].number) == (1, "18:30", "on", 0.001)


def test_every_problem_is_told_at_once_with_file_line_and_column() -> None:
    text = (
        "count: x\nfron: 1\nparts:\n  - {metrik: a, number: '1'}\n  - 3\n"
        "named: {q: {metrix: a}}\none: {metric: 1}\nmode: live\n"
    )
    assert told(text) == [
        "f.yml:1:1: from: is missing",
        "f.yml:1:8: count: must be a whole number, not the text 'x'",
        "f.yml:2:1: fron: is not a known key, did you mean 'from'?",
        "f.yml:4:5: parts[0].metric: is missing",
        "f.yml:4:6: parts[0].metrik: is not a known key, did you mean 'metric'?",
        "f.yml:4:25: parts[0].number: must be a number, not the text '1'",
        "f.yml:5:5: parts[1]: must be an object with keys, not 3",
        "f.yml:6:12: named.q.metric: is missing",
        "f.yml:6:13: named.q.metrix: is not a known key, did you mean 'metric'?",
        "f.yml:7:15: one.metric: must be text, not 1; put it in quotes if text is meant",
        "f.yml:8:7: mode: must be 'history', not the text 'live'",
    ]


def test_nothing_is_guessed_from_a_value_of_another_kind() -> None:
    assert told("count: true\nfrom: 1.5") == [
        "f.yml:1:8: count: must be a whole number, not true",
        "f.yml:2:7: from: must be text, not 1.5; put it in quotes if text is meant",
    ]


def test_a_key_without_a_value_is_told_as_empty() -> None:
    assert "f.yml:1:7: count: must be a whole number, but is empty" in told("count:\nfrom: x")


def test_a_list_at_the_top_is_told_at_its_first_line() -> None:
    assert told("- 1") == ["f.yml:1:1: must be an object with keys, not a list"]


def test_a_long_text_is_cut_in_messages() -> None:
    assert len(told(f"count: {'x' * 5000}\nfrom: x")[0]) < 120


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yml: there is no such file"):
        read(tmp_path / "nowhere.yml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a file"):
        read(tmp_path)


def test_a_file_that_is_not_utf_8_is_told_with_the_byte_and_its_place(tmp_path: Path) -> None:
    path = tmp_path / "f.yml"
    path.write_bytes(b"a: 1\nb: caf\xe9\n")
    with pytest.raises(ConfigError, match=r"f\.yml:2:7: is not UTF-8 text: byte 0xe9"):
        read(path)


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "f.yml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read(path).data == {"a": 1}


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "f.yml"
    with path.open("wb") as file:
        file.truncate(LARGEST_BYTES * 1000)
    with pytest.raises(ConfigError, match="is larger than 1 MiB"):
        read(path)


def test_the_place_of_something_that_is_not_there_is_its_nearest_ancestor() -> None:
    source = parse("a:\n  b: 1\n", "f.yml")
    assert source.where(("a", "c", 3)) == (2, 3)
    assert source.where(("a",), key=True) == (1, 1)
    assert source.where(()) == (1, 1)


class EveryKind(Strict):
    """A field for every kind of constraint that a model of ours may use."""

    text: str = Field(min_length=1, max_length=3)
    form: Annotated[str, StringConstraints(pattern="^a+$")]
    whole: int = Field(gt=0, lt=10)
    ratio: float = Field(ge=0, le=1)
    flag: bool
    items: tuple[Part, ...] = Field(min_length=1, max_length=2)
    more: list[str] = Field(default_factory=list)
    table: dict[str, int] = Field(default_factory=dict)
    choice: Literal["one", "two"]
    at: AwareDatetime
    amount: Number


SAMPLES: dict[type[BaseModel], Plain] = {
    EveryKind: {
        "text": "x",
        "form": "a",
        "whole": 1,
        "ratio": 0.5,
        "flag": True,
        "items": [{"metric": "m"}],
        "more": ["x"],
        "table": {"x": 1},
        "choice": "one",
        "at": "2025-01-01T00:00:00Z",
        "amount": "25%",
    },
    EnvironmentFile: parse((Path(__file__).parents[2] / "environments" / "ci.yml").read_text(), "ci.yml").data,
    StrategyFile: {
        "class": "Trend",
        "title": "t",
        "timeframe": "1h",
        "pairs": ["BTC/USDT"],
        "policy": [{"metric": "sharpe", "scope": "each", "above": 1}],
    },
}
WRONG: list[Plain] = [
    None, True, False, 0, -1, 7, 10**6, 10**30, 0.5, -0.5, 1e300, "", "x", "aaaa", "x" * 5000, "-5%", "500%", "2025-13-01",
    "2025-01-01T00:00:00", [], [1], [None] * 60, {}, {"unknown": 1}, {"metric": 1},
]  # fmt: skip


def mutations(value: Plain) -> list[Plain]:
    """The value with each part of it replaced by each wrong thing, left out, or joined by an unknown key."""
    found: list[Plain] = list(WRONG)
    if isinstance(value, dict):
        found += [{**value, "unknwon": 1}]
        found += [{k: v for k, v in value.items() if k != key} for key in value]
        found += [{**value, key: changed} for key, item in value.items() for changed in mutations(item)]
    if isinstance(value, list):
        found += [value * 60]
        found += [
            [*value[:i], changed, *value[i + 1 :]] for i, item in enumerate(value[:1]) for changed in mutations(item)
        ]
    return found


@pytest.mark.parametrize("model", list(SAMPLES))
def test_every_kind_of_error_that_a_model_can_produce_is_said_in_words_of_ours(model: type[BaseModel]) -> None:
    kinds: set[str] = set()
    for data in mutations(SAMPLES[model]):
        text = json.dumps(data)
        try:
            model.model_validate_json(text, strict=True)
        except ValidationError as error:
            kinds |= {detail["type"] for detail in error.errors()}
            _, problems = check(model, parse(text, "f.yml"))
            words = "\n".join(str(problem) for problem in problems)
            assert not any(
                jargon in words for jargon in ("Input should", "Extra inputs", "Field required", "type=", "instance")
            )
    assert len(kinds) > 5
    assert kinds <= set(WORDS), "these have no sentence yet"


def test_every_sentence_is_needed_by_a_model_or_a_constraint_that_models_use() -> None:
    kinds: set[str] = set()
    for model, sample in SAMPLES.items():
        for data in mutations(sample):
            try:
                model.model_validate_json(json.dumps(data), strict=True)
            except ValidationError as error:
                kinds |= {detail["type"] for detail in error.errors()}
    assert set(WORDS) <= kinds
