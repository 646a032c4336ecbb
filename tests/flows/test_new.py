import json
from pathlib import Path

import pytest

from pipeline.adapters.folders import whole_folder
from pipeline.config.strategy import load_strategy
from pipeline.domain.lint import lint
from pipeline.domain.strategy import Candidate, StrategySpec
from pipeline.errors import ConfigError, FreqtrainError, UsageError
from pipeline.flows.new import Made, new, take_in

STRATEGY = '''
"""Buys on Mondays.

And sells on Fridays.
"""
from freqtrade.strategy import IStrategy

class {name}(IStrategy):
    timeframe = "1h"
'''


def written(folder: Path, text: str, name: str = "monday.py") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def taken(source: Path, to: Path, *, id: str = "monday", class_name: str = "") -> Made:
    return take_in(id, to, source, class_name, whole_folder)


def test_a_new_strategy_is_complete_and_passes_lint(tmp_path: Path) -> None:
    made = new("my_idea", tmp_path, whole_folder)
    files = {path.name: path.read_bytes() for path in made.folder.iterdir()}
    assert made.files == tuple(sorted(files)) == ("strategy.py", "strategy.yml", "test_strategy.py")
    spec = load_strategy(made.folder / "strategy.yml", "my_idea")
    assert (spec.class_name, spec.title) == (made.class_name, "My idea") == ("MyIdea", "My idea")
    assert lint(Candidate(spec, files), frozenset({"freqtrade", "talib", "pandas", "numpy"})) == ()


def test_the_tests_say_how_to_run_them(tmp_path: Path) -> None:
    made = new("my_idea", tmp_path, whole_folder)
    command = f"-m pytest -p pipeline.testing.plugin {made.folder.as_posix()}/test_strategy.py"
    assert command in (made.folder / "test_strategy.py").read_text()


@pytest.mark.parametrize("id", ["", "My_Idea", "1st", "my-idea", "../up", "a" * 65, "class", "idée"])
def test_an_id_that_cannot_be_one_is_refused(tmp_path: Path, id: str) -> None:
    with pytest.raises(UsageError) as refused:
        new(id, tmp_path, whole_folder)
    assert repr(id) in refused.value.message
    assert refused.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "my_idea").mkdir()
    with pytest.raises(UsageError, match="my_idea exists already"):
        new("my_idea", tmp_path, whole_folder)
    assert list((tmp_path / "my_idea").iterdir()) == []


def test_a_disk_that_fails_leaves_nothing_half_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        new("my_idea", tmp_path / "strategies", whole_folder)
    assert list((tmp_path / "strategies").iterdir()) == []


def test_an_existing_strategy_is_copied_as_it_is(tmp_path: Path) -> None:
    source = written(tmp_path, STRATEGY.format(name="Monday"))
    made = taken(source, tmp_path / "strategies")
    assert (made.folder / "strategy.py").read_bytes() == source.read_bytes()
    spec = load_strategy(made.folder / "strategy.yml", "monday")
    assert (spec.class_name, spec.title) == ("Monday", "Buys on Mondays.")
    assert made.files == ("strategy.py", "strategy.yml", "test_strategy.py")
    assert made.notes == ()


def test_parameters_of_hyperopt_come_along_unchanged(tmp_path: Path) -> None:
    source = written(tmp_path, STRATEGY.format(name="Monday"))
    parameters = json.dumps({"strategy_name": "Monday", "params": {"buy": {"day": 1}}}, indent=7)
    written(tmp_path, parameters, "monday.json")
    made = taken(source, tmp_path / "strategies")
    assert (made.folder / "strategy.json").read_text() == parameters
    assert made.notes == ("monday.json came along as strategy.json: freqtrade loads these parameters",)


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ('{"strategy_name": "Friday"}', "holds parameters of 'Friday', not of Monday"),
        ("[1]", "of None"),
        ("{", "is no JSON"),
    ],
)
def test_parameters_that_freqtrade_would_refuse_are_refused(tmp_path: Path, parameters: str, reason: str) -> None:
    source = written(tmp_path, STRATEGY.format(name="Monday"))
    written(tmp_path, parameters, "monday.json")
    with pytest.raises(ConfigError, match=reason):
        taken(source, tmp_path / "strategies")


def test_the_package_that_it_imports_comes_along(tmp_path: Path) -> None:
    source = written(tmp_path, "from monday_signals.days import monday\nimport os\n" + STRATEGY.format(name="Monday"))
    written(tmp_path, "", "monday_signals/__init__.py")
    written(tmp_path, "monday = 1\n", "monday_signals/days.py")
    written(tmp_path, "", "not_imported/__init__.py")
    made = taken(source, tmp_path / "strategies")
    assert made.files[:2] == ("monday_signals/__init__.py", "monday_signals/days.py")
    assert (made.folder / "monday_signals/days.py").read_text() == "monday = 1\n"
    assert made.notes == ()


def test_a_strategy_may_inherit_from_its_package(tmp_path: Path) -> None:
    source = written(tmp_path, "from days_of_mine import Day\nclass Monday(Day):\n    pass\n")
    written(tmp_path, STRATEGY.format(name="Day"), "days_of_mine/__init__.py")
    assert taken(source, tmp_path / "strategies").class_name == "Monday"


def test_a_module_beside_it_that_cannot_come_along_is_noted(tmp_path: Path) -> None:
    source = written(tmp_path, "import days\n" + STRATEGY.format(name="Monday"))
    written(tmp_path, "", "days.py")
    (note,) = taken(source, tmp_path / "strategies").notes
    assert note.startswith("it imports days.py, which lies beside monday.py and was not copied")


def test_one_of_several_classes_is_chosen_by_name(tmp_path: Path) -> None:
    source = written(tmp_path, STRATEGY.format(name="Monday") + STRATEGY.format(name="Friday"))
    with pytest.raises(UsageError) as refused:
        taken(source, tmp_path / "strategies")
    assert refused.value.message.endswith("has 2 strategy classes: Monday, Friday")
    assert refused.value.hint == "choose one with --class Monday"
    assert taken(source, tmp_path / "strategies", class_name="Friday").class_name == "Friday"


@pytest.mark.parametrize(
    ("text", "class_name", "said"),
    [
        ("x = 1\n", "", "has no strategy: no class in it derives from IStrategy"),
        (STRATEGY.format(name="Monday"), "Sunday", "has no strategy class Sunday"),
        ("class Monday(:\n", "", r"monday.py:1:\d+: is no Python: invalid syntax"),
        ("\0", "", "is no Python"),
    ],
)
def test_a_file_without_the_strategy_is_refused(tmp_path: Path, text: str, class_name: str, said: str) -> None:
    source = written(tmp_path, text)
    with pytest.raises(FreqtrainError, match=said):
        taken(source, tmp_path / "strategies", class_name=class_name)
    assert not (tmp_path / "strategies").exists()


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        taken(tmp_path / "nowhere.py", tmp_path)


def test_the_candidate_of_the_spec_is_what_the_gate_reads(tmp_path: Path) -> None:
    made = new("x", tmp_path, whole_folder)
    assert load_strategy(made.folder / "strategy.yml", "x") == StrategySpec("x", "X", title="X")


def test_a_package_whose_name_another_strategy_could_have_is_noted(tmp_path: Path) -> None:
    source = written(tmp_path, "import shared\n" + STRATEGY.format(name="Monday"))
    written(tmp_path, "", "shared/__init__.py")
    (note,) = taken(source, tmp_path / "strategies").notes
    assert "must be named monday or monday_" in note
