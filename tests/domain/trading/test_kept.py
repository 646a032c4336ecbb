"""How the process's own values and those that a device keeps go together."""

from datetime import UTC, datetime

from pipeline.domain.trading import Secret
from pipeline.domain.trading.kept import Kept, Kind, Named, Names, standings, together

AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
NAMES = Names(
    "prod",
    "environments/prod.yml",
    (
        Named("DRY_RUN", Kind.VARIABLE, needed=True),
        *(Named(name, Kind.SECRET, needed=name != "PASSWORD") for name in ("KEY", "SECRET", "PASSWORD")),
    ),
    (("KEY", "SECRET", "PASSWORD"),),
)


def kept(**values: str) -> dict[str, Kept]:
    return {name: Kept(Secret(text), AT) for name, text in values.items()}


def test_the_process_comes_first_and_the_device_gives_what_it_lacks() -> None:
    found = together(NAMES, {"DRY_RUN": "true", "HOME": "/"}, kept(DRY_RUN="false", KEY="k", SECRET="s"))
    assert found.values == {"DRY_RUN": "true", "HOME": "/", "KEY": "k", "SECRET": "s"}
    assert (found.from_device, found.notes) == ({"KEY", "SECRET"}, ())


def test_what_github_passes_on_empty_was_never_set() -> None:
    found = together(NAMES, {"KEY": "", "SECRET": " \n", "DRY_RUN": ""}, kept(KEY="k", SECRET="s", DRY_RUN="false"))
    assert found.values == {"KEY": "k", "SECRET": "s", "DRY_RUN": "false"}


def test_a_key_of_here_and_a_secret_of_there_make_no_account() -> None:
    found = together(NAMES, {"KEY": "other"}, kept(KEY="k", SECRET="s", PASSWORD="p"))
    assert found.values == {"KEY": "other"}
    assert found.notes == (
        "SECRET and PASSWORD of this device is passed over, because KEY came with the process: they belong together",
    )


def test_no_secret_of_the_device_can_fill_a_leaf_of_a_file() -> None:
    assert together(NAMES, {"HOME": "/"}, kept(DRY_RUN="false", KEY="k")).variables == {"HOME": "/", "DRY_RUN": "false"}


def test_what_the_file_does_not_name_is_not_taken() -> None:
    assert together(NAMES, {}, kept(PATH="/evil", KEY="k")).values == {"KEY": "k"}


def test_values_are_not_shown_by_what_holds_them() -> None:
    assert "s3cr3t" not in repr(kept(KEY="s3cr3t"))


def test_an_empty_value_stands_for_none_and_one_that_is_no_longer_named_is_told() -> None:
    found = standings(NAMES, {"DRY_RUN": "false"}, kept(KEY="k", SECRET="", OLD="x"))
    told = [(one.name.name, one.in_process, one.since_at, one.unnamed, one.missing) for one in found]
    assert told == [
        ("DRY_RUN", True, None, False, False),
        ("KEY", False, AT, False, False),
        ("SECRET", False, None, False, True),
        ("PASSWORD", False, None, False, False),
        ("OLD", False, AT, True, False),
    ]


def test_what_may_have_been_meant_is_said_and_not_the_word_itself() -> None:
    assert NAMES.meant("SECRTE") == ", did you mean 'SECRET'?"
    assert NAMES.meant("x" * 40) == ""
