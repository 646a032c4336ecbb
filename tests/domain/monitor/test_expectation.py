"""What evidence lets expect is read from the numbers of all windows together, and nothing is made up."""

import json

from pipeline.domain.monitor.expectation import Expectation, expectation_in
from tests import bundle_samples


def test_the_expectation_is_what_the_gate_measured_of_the_candidate() -> None:
    document = json.loads(bundle_samples.evidence_text(bundle_samples.candidate()))
    told = {
        one["metric"]: one["value"]
        for one in document["measurements"]
        if (one["subject"], one["window"]) == ("candidate", "all together")
    }
    expected = Expectation(told["profit_mean_ratio"], told["win_rate_ratio"], int(told["trades"]), simulated=False)
    assert expectation_in(document) == expected


def test_numbers_that_are_none_and_documents_that_say_nothing_let_expect_nothing() -> None:
    wrong = {
        "measurements": [
            {"subject": "candidate", "window": "all together", "metric": "win_rate_ratio", "value": "nan"},
            7,
        ]
    }
    assert expectation_in(wrong) == Expectation(simulated=True)  # type: ignore[arg-type]
    assert expectation_in({"simulated": False}) == Expectation()
