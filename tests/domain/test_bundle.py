"""What names a bundle: everything that decides how a strategy trades, and nothing else."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain import tar
from pipeline.domain.bundle import CARD_FILE, LARGEST_ARCHIVE, Bundle, bundle_of, chosen, read_bundle
from pipeline.domain.canonical import canonical, digest_bytes
from pipeline.domain.policy import Scope, Span, Threshold
from pipeline.errors import UsageError
from tests.bundle_samples import ENGINE, FILES, bundle, candidate


def test_a_bundle_is_named_by_the_sha256_of_its_archive() -> None:
    assert bundle().digest == digest_bytes(bundle().archive)


def test_the_name_is_the_same_for_ever() -> None:
    """Were this number to change, every bundle, bot and soak of every user would begin anew."""
    assert bundle().digest == "sha256:5a527cfe74c03a4ed1da186db695bf24090b74422841c78fca156ddd43cac04e"


STRICTER = Threshold("drawdown_max_ratio", Scope(Span.ALL_TOGETHER), at_most=0.1)


@pytest.mark.parametrize(
    "other",
    [
        candidate(test_strategy_py=b"def test_more(strategy):\n    assert strategy.timeframe\n"),
        candidate(strategy_yml=b"class: SmaTrend\ntitle: Another\n"),
        candidate(spec={"title": "Another", "description": "Words", "owner": "somebody"}),
        candidate(spec={"overrides": (STRICTER,)}),
    ],
    ids=["tests", "description file", "title and owner", "a stricter policy"],
)
def test_what_does_not_change_a_trade_does_not_change_the_name(other: object) -> None:
    assert bundle_of(other, ENGINE).digest == bundle().digest  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "make",
    [
        lambda: bundle(strategy_py=FILES["strategy.py"] + b"# more\n"),
        lambda: bundle(strategy_json=None),
        lambda: bundle(strategy_json=FILES["strategy.json"] + b"\n"),
        lambda: bundle_of(replace(candidate(), files={**FILES, "sma_trend_lib/__init__.py": b""}), ENGINE),
        lambda: bundle_of(candidate("sma_other"), ENGINE),
        lambda: bundle_of(candidate(spec={"class_name": "Other"}), ENGINE),
        lambda: bundle_of(candidate(spec={"timeframe": "4h"}), ENGINE),
        lambda: bundle_of(candidate(spec={"pairs": ("BTC/USDT",)}), ENGINE),
        lambda: bundle_of(candidate(), {**ENGINE, "freqtrade": "2026.10"}),
        lambda: bundle_of(candidate(), {**ENGINE, "technical": "1.7.0"}),
    ],
    ids=["code", "no parameters", "parameters", "package", "id", "class", "timeframe", "pairs", "engine", "library"],
)
def test_what_can_change_a_trade_changes_the_name(make: Callable[[], Bundle]) -> None:
    assert make().digest != bundle().digest


@given(st.randoms())
def test_the_order_in_which_things_are_given_does_not_matter(random: object) -> None:
    files, engine = list(FILES.items()), list(ENGINE.items())
    random.shuffle(files)  # type: ignore[attr-defined]
    random.shuffle(engine)  # type: ignore[attr-defined]
    assert bundle_of(replace(candidate(), files=dict(files)), dict(engine)).digest == bundle().digest


code = st.binary(max_size=300)


@given(code, st.none() | code, st.dictionaries(st.from_regex(r"m_[a-z]{1,8}", fullmatch=True), code, max_size=3))
def test_a_bundle_comes_out_of_its_archive_as_it_went_in(
    strategy: bytes, parameters: bytes | None, modules: dict[str, bytes]
) -> None:
    package = {f"sma_trend_lib/{name}.py": text for name, text in {"__init__": b"", **modules}.items()}
    files = {**candidate(strategy_py=strategy, strategy_json=parameters).files, **package}
    made = bundle_of(replace(candidate(), files=files), ENGINE)
    assert read_bundle(made.archive) == made


def test_tests_and_description_are_left_out() -> None:
    assert sorted(bundle().files) == ["strategy.json", "strategy.py"]


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"notes.txt": b""}, "notes.txt is not on the list"),
        ({"other/__init__.py": b""}, "must be named"),
        ({"sma_trend_lib/data.csv": b""}, "is not Python"),
        ({"strategy.py": b"x" * 600_000}, "is larger than"),
    ],
)
def test_a_folder_with_more_than_a_strategy_may_have_is_not_built(more: dict[str, bytes], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        bundle_of(replace(candidate(), files={**FILES, **more}), ENGINE)


CARD = {
    "schema": 1,
    "strategy": "sma_trend",
    "class": "SmaTrend",
    "timeframe": "",
    "pairs": [],
    "engine": ENGINE,
}
CODE = {"strategy/strategy.py": b"x = 1\n"}


def packed(card: object = CARD, files: dict[str, bytes] = CODE) -> bytes:
    return tar.pack({CARD_FILE: card if isinstance(card, bytes) else canonical(card) + b"\n", **files})


def test_the_archive_that_is_made_here_is_a_bundle() -> None:
    assert read_bundle(packed()).strategy == "sma_trend"


@pytest.mark.parametrize(
    ("archive", "complaint"),
    [
        (packed(b"{"), "no bundle.json that can be read"),
        (packed(b"[" * 100_000), "no bundle.json that can be read"),
        (tar.pack(CODE), "no bundle.json that can be read"),
        (packed([]), "of another kind"),
        (packed({**CARD, "schema": 2}), "of another kind"),
        (packed({**CARD, "commit": "abc"}), "of another kind"),
        (packed({key: value for key, value in CARD.items() if key != "engine"}), "of another kind"),
        (packed({**CARD, "schema": True}), "not written as the train"),
        (packed({**CARD, "pairs": "BTC/USDT"}), "wrong type"),
        (packed({**CARD, "engine": {"freqtrade": 1}}), "wrong type"),
        (packed({**CARD, "strategy": 7}), "wrong type"),
        (packed({**CARD, "class": "X:cHJpbnQoMSk="}), "cannot be a class"),
        (packed({**CARD, "class": "../x"}), "cannot be a class"),
        (packed({**CARD, "strategy": "../../x"}), "cannot be an id"),
        (packed({**CARD, "timeframe": "soon"}), "no timeframe"),
        (packed({**CARD, "pairs": ["BTC/USDT:USDT"]}), "none of the spot market"),
        (packed(canonical(CARD)), "not written as the train"),
        (packed(canonical(CARD).replace(b'"schema":1', b'"schema":1,"schema":1') + b"\n"), "not written as the train"),
        (packed(files={}), "strategy.py is missing"),
        (packed(files={**CODE, "evil.py": b""}), "'evil.py', which does not belong"),
        (packed(files={**CODE, "strategy/strategy.yml": b""}), "'strategy.yml', which does not belong"),
        (packed(files={**CODE, "strategy/test_strategy.py": b""}), "'test_strategy.py', which does not belong"),
        (packed(files={**CODE, "strategy/numpy/__init__.py": b""}), "must be named"),
        (packed(files={**CODE, "strategy/run.sh": b""}), "not on the list"),
        (b"\0" * (LARGEST_ARCHIVE + 1), "is larger than"),
    ],
)
def test_an_archive_that_is_no_bundle_is_refused(archive: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_bundle(archive)


def test_the_largest_strategy_that_lint_admits_fits_into_a_bundle() -> None:
    code = b"#" * (512 * 1024)
    package = {f"sma_trend_{'l' * 30}/{'m' * 40}{n}.py": b"#" * 10_000 for n in range(50)}
    package[f"sma_trend_{'l' * 30}/__init__.py"] = b""
    files = {**FILES, "strategy.py": code, "strategy.json": code, **package}
    made = bundle_of(replace(candidate(), files=files), ENGINE)
    assert read_bundle(made.archive) == made


A, B = "sha256:" + "ab" * 32, "sha256:" + "ab" * 3 + "cd" * 29


def test_the_first_digits_of_a_digest_may_do() -> None:
    assert chosen(A, [A, B]) == A
    assert chosen("ab" * 4, [A, B]) == A
    assert chosen("sha256:abababcd", [A, B]) == B


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("ababab", "may mean"),
        ("abab", "names no bundle"),
        ("", "names no bundle"),
        ("sma_trend", "names no bundle"),
        ("../../../etc", "names no bundle"),
        ("ffffff", "there is no bundle"),
        (A + "0", "names no bundle"),
    ],
)
def test_digits_that_mean_no_bundle_or_several_are_refused(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        chosen(text, [A, B])
