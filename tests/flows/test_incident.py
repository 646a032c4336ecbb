"""A case is compared with what was recorded of it, and a change in what its ledger comes to is told."""

import json
import shutil
from pathlib import Path

import pytest

from pipeline.adapters.incident_cases import CasesOnDisk, cases_in, unpack_incident
from pipeline.domain.incident import TEXTS
from pipeline.errors import Refused, UsageError
from pipeline.flows.incident import check, record
from pipeline.testing.incidents import differences
from tests.incident_ground import Wreck, wreck

CASES = CasesOnDisk()


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Wreck:
    return wreck(tmp_path_factory.mktemp("device") / "home")


@pytest.fixture
def archive(ground: Wreck, tmp_path: Path) -> Path:
    ground.pack(tmp_path / "case.tar.gz")
    return tmp_path / "case.tar.gz"


def test_an_archive_and_what_is_unpacked_of_it_come_to_the_same(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "braked"
    unpack_incident(archive, folder, lambda path: TEXTS.fullmatch(path) is not None)
    assert record([archive, folder], CASES) == (tmp_path / "case.expected.json", folder / "expected.json")
    assert (tmp_path / "case.expected.json").read_bytes() == (folder / "expected.json").read_bytes()
    assert check([archive, folder], CASES) == {str(archive): (), str(folder): ()}
    assert cases_in(tmp_path) == (folder, archive)
    assert differences(folder) == ()


def test_a_case_that_comes_to_something_else_is_told_with_the_way_to_it(archive: Path, tmp_path: Path) -> None:
    (file,) = record([archive], CASES)
    expected = json.loads(file.read_text())
    expected["state"]["strategies"]["sma_trend"]["holds"] = []
    file.write_text(json.dumps(expected))
    ((told,),) = check([archive], CASES).values()
    assert told.startswith("state.strategies.sma_trend.holds: expected [], found ")
    elsewhere = tmp_path / "other.json"
    record([archive], CASES, elsewhere)
    assert check([archive], CASES, elsewhere) == {str(archive): ()}


def test_a_case_of_which_nothing_was_recorded_or_that_is_damaged_is_no_pass(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not there"):
        check([archive], CASES)
    (file,) = record([archive], CASES)
    file.write_text("{")
    with pytest.raises(Refused, match="is no expectation"):
        check([archive], CASES)
    record([archive], CASES)
    archive.write_bytes(archive.read_bytes()[:-9])
    with pytest.raises(Refused):
        check([archive], CASES)


def test_a_folder_without_a_ledger_is_no_case(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "braked"
    unpack_incident(archive, folder, lambda _: True)
    (folder / "ledger.jsonl.head").unlink()
    with pytest.raises(UsageError, match="holds no case"):
        CASES.read(folder)
    shutil.rmtree(folder)
    unpack_incident(archive, folder, lambda _: True)
    (folder / "index.json").write_text("[]")
    with pytest.raises(Refused, match="holds no case"):
        CASES.read(folder)
