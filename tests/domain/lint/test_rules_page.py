"""docs/rules.md and the rules say the same, and each rule has a case that breaks it and one that does not."""

import re
from pathlib import Path

import pytest

from pipeline.domain.lint import CODES, RULES, lint, page
from pipeline.domain.strategy import Candidate
from pipeline.domain.verdict import Finding
from tests.domain.lint.sources import PINNED, candidate, errors, strategy

PAGE = (Path(__file__).parents[3] / "docs" / "rules.md").read_text(encoding="utf-8")
SECTIONS = {match[1]: match[0] for match in re.finditer(r"^### (FT\d{3}):.*?(?=^##|\Z)", PAGE, re.S | re.M)}
CASES = [
    pytest.param(code, language, text, id=f"{code} {verdict} {number}")
    for code, section in SECTIONS.items()
    for number, (language, verdict, text) in enumerate(
        re.findall(r"^```(\w+) (bad|warned|good)\n(.*?)^```", section, re.S | re.M)
    )
]


def _found(language: str, text: str) -> tuple[Finding, ...]:
    return lint(_candidate(language, text), PINNED)


def _candidate(language: str, text: str) -> Candidate:
    if language == "python":
        return candidate(strategy(text))
    if language == "json":
        return candidate(strategy(), **{"strategy.json": text.encode()})
    plain = candidate(strategy())
    files = {}
    for line in text.split("\n"):
        path, _, size = line.partition(" ")
        if path:
            files[path] = plain.files.get(path, b"#" * int(size) if size else b"")
    files |= {"strategy.json": b'{"strategy_name": "Sample", "params": {}}'} if "strategy.json" in files else {}
    return Candidate(plain.spec, files)


def test_the_page_and_the_code_list_the_same_rules_in_the_same_order():
    assert list(SECTIONS) == list(CODES)
    for code, title in CODES.items():
        assert f'<a id="{code.lower()}"></a>\n### {code}: {title}' in PAGE


def test_every_code_has_one_rule_and_links_to_its_section():
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert page("FT201") == "docs/rules.md#ft201"


def test_every_rule_has_a_bad_and_a_good_case():
    for code, section in SECTIONS.items():
        assert re.search(r"^```\w+ (bad|warned)$", section, re.M), code
        assert re.search(r"^```\w+ good$", section, re.M), code


@pytest.mark.parametrize(("code", "language", "text"), [case for case in CASES if " good " not in str(case.id)])
def test_the_bad_case_is_found(request: pytest.FixtureRequest, code: str, language: str, text: str):
    told = [finding for finding in _found(language, text) if finding.rule == code]
    assert told
    assert all(finding.warning == (" warned " in request.node.name) for finding in told)
    assert all(finding.reason.endswith((".", "?")) for finding in told)
    assert all(finding.place is not None for finding in told)


@pytest.mark.parametrize(("code", "language", "text"), [case for case in CASES if " good " in str(case.id)])
def test_the_good_case_passes_every_rule(code: str, language: str, text: str):
    found = _found(language, text)
    assert errors(found) == [], found
    assert code not in [finding.rule for finding in found]
