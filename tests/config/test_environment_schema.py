"""The schema says of a file what the loader says, and the documentation says what the schema says."""

import re

import jsonschema
import pytest

from pipeline.config.environment_schema import json_schema, key_rows
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


def test_every_key_has_a_meaning() -> None:
    assert [row.key for row in key_rows() if not row.meaning] == []


def test_the_documentation_lists_every_key(request: pytest.FixtureRequest) -> None:
    rows = "".join(f"| `{row.key}` | {row.takes} | {row.default} | {row.meaning} |\n" for row in key_rows())
    table = f"| key | takes | default | meaning |\n|---|---|---|---|\n{rows}"
    page = PAGE.read_text(encoding="utf-8")
    pattern = re.compile(r"(<!-- keys -->\n)(.*?)(<!-- /keys -->)", re.DOTALL)
    if request.config.getoption("--update-golden"):
        PAGE.write_text(pattern.sub(lambda match: match[1] + table + match[3], page), encoding="utf-8")
    written = pattern.search(PAGE.read_text(encoding="utf-8"))
    assert written is not None
    assert written[2] == table, "rewrite the table with --update-golden"
