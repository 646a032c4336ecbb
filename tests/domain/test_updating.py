"""Which files are the user's, and what is merged with what."""

from pipeline.domain.updating import MARK, Sides, merge_of


def test_the_users_files_are_the_same_on_all_sides_and_the_engines_pins_are_the_frameworks() -> None:
    origin = {"strategies/a/strategy.py": "1", "environments/ci.yml": "1", "pipeline/a.py": "1", "pyproject.toml": "1"}
    ours = {"strategies/b/strategy.py": "9", "environments/ci.yml": "9", "pipeline/a.py": "1", "pyproject.toml": "9"}
    theirs = {
        **origin,
        "environments/new.yml": "2",
        "pipeline/a.py": "2",
        "pyproject.toml": "2",
        "requirements.lock": "2",
    }
    merge = merge_of(Sides(origin, ours, theirs), "m")
    own = {MARK: "m", "strategies/b/strategy.py": "9", "environments/ci.yml": "9"}
    follows = {"pyproject.toml": "2", "requirements.lock": "2"}
    assert merge.sides.origin == {**own, **follows, "pipeline/a.py": "1"}
    assert merge.sides.ours == {**own, **follows, "pipeline/a.py": "1"}
    assert merge.sides.theirs == {**own, **follows, "pipeline/a.py": "2"}
    assert merge.not_taken == ("environments/new.yml",)
    assert merge.replaced == ("pyproject.toml",)


def test_a_name_is_a_file_or_a_folder_and_never_the_beginning_of_another() -> None:
    files = {"strategies_old/a.py": "1", "strategies": "1", "docs/a.md": "1", ".github/freqtrain.yml.bak": "1"}
    newer = dict.fromkeys(files, "2")
    merge = merge_of(Sides(files, files, newer), "m", keep=("docs",))
    assert merge.sides.theirs == {
        "strategies_old/a.py": "2",
        ".github/freqtrain.yml.bak": "2",
        "strategies": "1",
        "docs/a.md": "1",
        MARK: "m",
    }


def test_what_a_person_keeps_is_kept_even_of_what_follows_the_framework() -> None:
    sides = Sides({"pyproject.toml": "1", "a": "1"}, {"pyproject.toml": "9", "a": "9"}, {"pyproject.toml": "2"})
    merge = merge_of(sides, "m", keep=("pyproject.toml",), take=("a",))
    assert merge.sides == Sides(*[{"pyproject.toml": "9", MARK: "m"}] * 3)
    assert merge.replaced == ("a",)
