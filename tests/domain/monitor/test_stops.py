"""Environments stand in the order of `after`, and one that is not understood is shown all the same."""

from pipeline.domain.monitor.stops import Stop, in_order

CI, TEST, SANDBOX, PROD = (
    Stop("ci", "history"),
    Stop("test", "dry_run", "ci"),
    Stop("sandbox", "live", "test"),
    Stop("prod", "live", "sandbox"),
)


def test_each_environment_stands_behind_the_one_it_comes_after() -> None:
    assert in_order([PROD, SANDBOX, TEST, CI]) == (CI, TEST, SANDBOX, PROD)


def test_what_nothing_leads_to_and_what_goes_round_in_a_circle_comes_last_and_is_shown() -> None:
    lost, one, other = Stop("lost"), Stop("one", "live", "other"), Stop("other", "live", "one")
    found = in_order([lost, one, other, TEST, CI])
    assert found[:2] == (CI, TEST)
    assert set(found[2:]) == {lost, one, other}
