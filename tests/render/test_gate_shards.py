"""A gate's plan and the one verdict of many shards, as people, programs and Actions see them."""

import json
import re
from collections.abc import Callable

from pipeline.domain.joining import Delivered, Ended, Expected, Joined, join
from pipeline.domain.selection import Chosen
from pipeline.domain.shards import GatePlan, spread
from pipeline.render.gate_join import joined_annotations, joined_document, joined_markdown, joined_text
from pipeline.render.gate_plan import plan_document, plan_outputs, plan_text
from pipeline.render.summary import LIMIT, MARKER
from tests.bundle_samples import candidate, present, record

Golden = Callable[[str, str], None]
HOSTILE = "x\n::error::owned\n##[add-path]/tmp\x1b[2J | <img src=x> @everyone `"


def plan(*ids: str, because: str = "strategy.py changed") -> GatePlan:
    chosen = tuple(Chosen(id, because) for id in ids)
    return GatePlan(chosen, spread(chosen, 2), simulated=True)


def mixed() -> Joined:
    wanted = [Expected(present(candidate(id)), because="strategy.py changed") for id in ("alpha", "beta", "gamma")]
    arrived = [
        Delivered("gate-1/alpha/evidence.json", "alpha", record(candidate("alpha"))),
        Delivered("gate-2/beta/evidence.json", "beta", problem="is larger than 8192 KiB"),
        Delivered("gate-2/<b>", "", problem="is no folder of a strategy"),
    ]
    return join(wanted, arrived, Ended(shards="failure"), simulated=True)


def test_a_plan_says_who_is_judged_where_and_why(golden: Golden) -> None:
    golden("render/gate_plan.txt", plan_text(plan("alpha", "beta", "gamma")))


def test_a_plan_of_nothing_says_so() -> None:
    assert plan_text(plan()) == "Nothing was to be judged.\n"
    assert plan_document(plan())["shards"] == []


def test_the_matrix_is_what_the_gate_takes_as_shard() -> None:
    lines = dict(line.split("=", 1) for line in plan_outputs(plan("alpha", "beta", "gamma")).splitlines())
    assert lines == {
        "any": "true",
        "shards": '[{"shard": "1/2", "number": 1}, {"shard": "2/2", "number": 2}]',
    }
    assert plan_outputs(plan()) == "any=false\nshards=[]\n"


def test_outputs_hold_nothing_that_a_change_could_choose() -> None:
    hostile = plan_outputs(plan("alpha", "beta", because=HOSTILE))
    assert hostile == plan_outputs(plan("gamma", "delta"))
    assert re.fullmatch(r"any=true\nshards=[\x20-\x7e]+\n", hostile)


def test_a_plan_prints_no_command_that_a_file_name_asks_for() -> None:
    text = plan_text(plan("alpha", because=HOSTILE))
    assert "\x1b" not in text
    assert "##[" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())


def test_the_one_verdict_reads_for_people(golden: Golden) -> None:
    golden("render/gate_join.txt", joined_text(mixed()))
    golden("render/gate_join.md", joined_markdown(mixed()))


def test_a_program_sees_the_outcome_first() -> None:
    document = joined_document(mixed())
    assert list(document)[:3] == ["outcome", "schema", "exit_code"]
    assert (document["outcome"], document["exit_code"], document["simulated"]) == ("ERROR", 12, True)
    told = json.loads(json.dumps(document))["strategies"]
    assert [(one["id"], one["outcome"]) for one in told] == [("alpha", "PASS"), ("beta", "ERROR"), ("gamma", "ERROR")]
    assert told[0]["evidence_digest"] == record(candidate("alpha")).digest
    assert told[1]["evidence_digest"] is None


def test_nothing_to_judge_is_a_pass_that_says_so() -> None:
    nothing = join([], [], Ended(), simulated=False)
    assert joined_text(nothing) == "PASS: Nothing was to be judged.\n"
    assert joined_markdown(nothing).startswith(f"{MARKER}\n## ✅ PASS: Nothing was to be judged.")


def test_names_and_reasons_of_strangers_stay_text() -> None:
    hostile = join([], [Delivered(f"gate-1/{HOSTILE}", "")], Ended(), simulated=False)
    text, page = joined_text(hostile), joined_markdown(hostile)
    assert "\x1b" not in text + page
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    assert "<img" not in page
    assert "@everyone" not in page
    assert not any(line.startswith("#") and "owned" in line for line in page.splitlines())


def test_what_did_not_arrive_is_annotated_one_command_a_line_and_no_more_than_github_shows() -> None:
    lines = joined_annotations(mixed()).splitlines()
    assert lines[0].startswith("::notice title=Simulated data%3A not evidence::")
    assert lines[1:] == [
        "::error title=gate::gate-2/<b> is no verdict that was planned.",
        "::error title=gate::beta: gate-2/beta/evidence.json is larger than 8192 KiB.",
        "::error title=gate::gamma: No verdict arrived: the job that judges it died, was cancelled, or could not deliver.",
    ]
    hostile = join([], [Delivered(f"gate-{number}/{HOSTILE}", "") for number in range(50)], Ended(), simulated=False)
    told = joined_annotations(hostile).splitlines()
    assert len(told) == 10
    assert all(line.startswith("::error title=gate::gate-") for line in told)


def test_the_page_of_very_many_strategies_fits_into_a_comment() -> None:
    wanted = [Expected(present(candidate(f"s{number}"))) for number in range(300)]
    page = joined_markdown(join(wanted, [], Ended(), simulated=False))
    assert len(page.encode()) <= LIMIT
    assert page.count("❌") + page.count("⚠️") >= 100
