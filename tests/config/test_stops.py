"""The train's order is read from whatever files there are; a broken one loses its place and nothing else."""

from pathlib import Path

from pipeline.config.stops import stops_in
from pipeline.domain.monitor.stops import Stop
from tests.needs import ROOT


def test_the_repositorys_environments_are_the_train() -> None:
    files = {file.stem: file for file in (ROOT / "environments").glob("*.yml")}
    stops, problems = stops_in(files)
    assert stops == (
        Stop("ci", "history"),
        Stop("test", "dry_run", "ci", runtime="process"),
        Stop("sandbox", "live", "test", runtime="process"),
        Stop("prod", "live", "sandbox", runtime="process"),
    )
    assert problems == ()


def test_a_rehearsals_environment_says_so(tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text("mode: live\nafter: test\nrehearsal: true\n")
    assert stops_in({"one": tmp_path / "one.yml"})[0] == (Stop("one", "live", "test", rehearsal=True),)


def test_files_that_are_broken_missing_or_not_text_are_told_and_their_names_stay(tmp_path: Path) -> None:
    for name, content in (("a", b"mode: [live"), ("b", b"\xff\xfe"), ("c", b"- mode"), ("d", b"mode: &x live")):
        (tmp_path / f"{name}.yml").write_bytes(content)
    files = {name: tmp_path / f"{name}.yml" for name in "abcde"}
    stops, problems = stops_in({**files, "f": None})
    assert [stop.name for stop in stops] == list("abcdef")
    assert [problem.split()[0] for problem in problems] == ["a.yml", "b.yml", "c.yml", "d.yml", "e.yml"]
