"""The text is Prometheus's own format, and the documentation is the catalogue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from pipeline.domain.exposition.catalogue import CATALOGUE, Kind
from pipeline.domain.exposition.readings import Reading
from pipeline.render import exposition
from tests.needs import ROOT

PAGE = ROOT / "docs" / "metrics-exposition.md"
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@st.composite
def any_readings(draw: st.DrawFn) -> list[Reading]:
    found: dict[tuple[str, tuple[str, ...]], Reading] = {}
    for metric in draw(st.lists(st.sampled_from(CATALOGUE), max_size=8)):
        labels = tuple(draw(WORDS) for _ in metric.labels)
        value = 1.0 if metric.kind is Kind.INFO else draw(st.floats(0, 1e15))
        found[metric.name, labels] = Reading(metric, labels, value)
    return list(found.values())


@given(any_readings())
def test_whatever_a_label_holds_a_reader_gets_back_what_was_told(readings: list[Reading]) -> None:
    told = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(exposition.text(readings))
        for sample in family.samples
    }
    assert told == {
        (one.metric.exposed, tuple(sorted(zip(one.metric.labels, one.labels, strict=True)))): one.value
        for one in readings
    }


def test_a_metric_of_which_nothing_is_known_is_not_named() -> None:
    assert exposition.text([]) == ""


@pytest.mark.parametrize("table", [exposition.table(), exposition.values_table()])
def test_the_page_lists_what_there_is(table: str) -> None:
    assert table in PAGE.read_text(encoding="utf-8"), f"{PAGE.name} wants this table:\n{table}"
