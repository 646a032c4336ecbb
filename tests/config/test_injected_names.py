"""Which names an environment's file asks for."""

from pathlib import Path

from pipeline.config.injected_names import load_names
from pipeline.domain.trading.kept import Kind
from tests.needs import ROOT

ENVIRONMENTS = ROOT / "environments"


def test_real_money_needs_its_keys_and_the_word_that_it_is_real() -> None:
    names = load_names(ENVIRONMENTS / "sandbox.yml")
    assert (names.environment, names.file) == ("sandbox", str(ENVIRONMENTS / "sandbox.yml"))
    needed = {one.name for one in names.every if one.needed}
    assert needed == {"DRY_RUN", "EXCHANGE_ACCESS_KEY", "EXCHANGE_ACCESS_SECRET"}
    variables = [one.name for one in names.every if one.kind is Kind.VARIABLE]
    assert variables == ["DRY_RUN", "EXCHANGE_NAME"]
    assert ("EXCHANGE_ACCESS_KEY", "EXCHANGE_ACCESS_SECRET", "EXCHANGE_ACCESS_PASSWORD") in names.wholes
    assert ("TELEGRAM_TOKEN", "TELEGRAM_CHAT_ID") in names.wholes
    assert "APPRISE_URL" in names.words


def test_a_dry_run_needs_nothing_and_takes_what_there_is() -> None:
    names = load_names(ENVIRONMENTS / "test.yml")
    assert not any(one.needed for one in names.every)
    assert "TELEGRAM_TOKEN" in names.words


def test_variables_of_leaves_and_own_accounts_are_asked_for(tmp_path: Path) -> None:
    text = (ENVIRONMENTS / "sandbox.yml").read_text()
    text = text.replace("stake: 20\n", "stake: ${STAKE}\n").replace(
        "own_keys: []", "own_keys:\n  - {strategy: dip, access_key: DIP_KEY, access_secret: DIP_SECRET}"
    )
    (tmp_path / "sandbox.yml").write_text(text)
    names = load_names(tmp_path / "sandbox.yml")
    assert {one.name: one.kind for one in names.every if one.needed and "EXCHANGE" not in one.name} == {
        "DRY_RUN": Kind.VARIABLE,
        "STAKE": Kind.VARIABLE,
        "DIP_KEY": Kind.SECRET,
        "DIP_SECRET": Kind.SECRET,
    }
    assert ("DIP_KEY", "DIP_SECRET") in names.wholes


def test_where_history_is_replayed_nothing_is_kept() -> None:
    assert load_names(ENVIRONMENTS / "ci.yml").every == ()
