"""The schema says of a file what the loader says, and the documentation says what the schema says."""

import re

import jsonschema
import pytest

from pipeline.config.environment_schema import KeyRow, json_schema, key_rows, trading_key_rows
from pipeline.config.source import parse
from tests.needs import ROOT

PAGE = ROOT / "docs" / "environments.md"
CI = (ROOT / "environments" / "ci.yml").read_text(encoding="utf-8")


def accepted(text: str) -> bool:
    return jsonschema.Draft202012Validator(json_schema()).is_valid(parse(text, "x.yml").data)


def test_the_schema_itself_is_valid_and_accepts_the_environment_ci() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert accepted(CI)


def test_every_single_value_may_be_a_variable() -> None:
    assert accepted(CI.replace("wallet: 10000", "wallet: ${WALLET}").replace("mode: history", "mode: ${MODE}"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("mode: history", "mode: live"),
        ("wallet: 10000", "wallet: much"),
        ("wallet: 10000", "walet: 10000"),
        ("metric: trades", "metric: trade"),
        ("from: 10%", "from: tomorrow"),
        ("scope: each", "scope: any"),
        ("checks: [lint", "checks: [lnt"),
        ("digest: embedded", "digest: sha256:1"),
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(old: str, new: str) -> None:
    assert old in CI
    assert not accepted(CI.replace(old, new))


TRADING = {
    name: (ROOT / "environments" / f"{name}.yml").read_text(encoding="utf-8") for name in ("test", "sandbox", "prod")
}


@pytest.mark.parametrize("name", TRADING)
def test_the_schema_accepts_the_environments_with_bots(name: str) -> None:
    assert accepted(TRADING[name])
    assert accepted(TRADING[name].replace("drain_hours: 24", "drain_hours: ${HOURS}"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("mode: live #", "mode: history #"),
        ("mode: live #", "mode: ${MODE} #"),
        ("stake: 20\n", "stake: much\n"),
        ("stake: 20\n", "stakes: 20\n"),
        ("after: test", "after: Test"),
        ("action: stop_and_roll_back", "action: sell"),
        ("access_key: EXCHANGE_ACCESS_KEY", "access_key: vmPUZE6mv9SD"),
        ("access_key: EXCHANGE_ACCESS_KEY", "access_key: ${EXCHANGE_ACCESS_KEY}"),
        ("windows: []", "windows: [{name: a, from: Freitag 18:00, to: Mon 06:00}]"),
        ("ADA/USDT]", "ADA]"),
        ("required: false", "required: maybe"),
        ("thresholds: []", "thresholds: [{metric: sharpe}]"),
    ],
)
def test_the_schema_refuses_of_them_what_the_loader_refuses(old: str, new: str) -> None:
    assert old in TRADING["sandbox"]
    assert not accepted(TRADING["sandbox"].replace(old, new))


@pytest.mark.parametrize("point", ["Fri 18:00", "'18:00'", "2026-12-24"])
def test_the_schema_knows_the_forms_of_freeze_windows(point: str) -> None:
    assert accepted(TRADING["sandbox"].replace("windows: []", f"windows: [{{name: a, from: {point}, to: {point}}}]"))


def test_every_key_has_a_meaning() -> None:
    assert [row.key for row in (*key_rows(), *trading_key_rows()) if not row.meaning] == []


@pytest.mark.parametrize(("mark", "rows"), [("keys", key_rows()), ("trading keys", trading_key_rows())])
def test_the_documentation_lists_every_key(mark: str, rows: tuple[KeyRow, ...], request: pytest.FixtureRequest) -> None:
    lines = "".join(f"| `{row.key}` | {row.takes} | {row.default} | {row.meaning} |\n" for row in rows)
    table = f"| key | takes | default | meaning |\n|---|---|---|---|\n{lines}"
    page = PAGE.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- {mark} -->\n)(.*?)(<!-- /{mark} -->)", re.DOTALL)
    if request.config.getoption("--update-golden"):
        PAGE.write_text(pattern.sub(lambda match: match[1] + table + match[3], page), encoding="utf-8")
    written = pattern.search(PAGE.read_text(encoding="utf-8"))
    assert written is not None
    assert written[2] == table, "rewrite the table with --update-golden"
