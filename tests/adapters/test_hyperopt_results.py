"""The results that freqtrade's hyperopt writes: one JSON object a line, NaN allowed."""

from pathlib import Path

import pytest

from pipeline.adapters.hyperopt_results import read_hyperopt_results
from pipeline.errors import Refused

EPOCH = '{"loss": NaN, "params_dict": {"buy": %d}, "current_epoch": %d, "is_best": false}\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "strategy_Trend.fthypt"
    path.write_text(text, encoding="utf-8")
    return path


def test_distinct_sets_of_parameters_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path, EPOCH % (1, 1) + EPOCH % (2, 2) + EPOCH % (1, 3))
    found = read_hyperopt_results(path)
    assert found.epochs == 2
    assert found.digest.startswith("sha256:")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds no epochs"),
        (EPOCH % (1, 1) + '{"loss": 1', ":2: is no epoch"),
        ("[]\n", ":1: is no epoch"),
        ('{"loss": 1}\n', ":1: is no epoch"),
    ],
)
def test_what_hyperopt_did_not_write_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        read_hyperopt_results(written(tmp_path, text))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="No such file"):
        read_hyperopt_results(tmp_path / "none.fthypt")
