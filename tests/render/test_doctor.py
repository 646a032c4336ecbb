"""What a person and a program read of a diagnosis."""

import json
from collections.abc import Callable
from dataclasses import replace

from pipeline.domain.doctor.commands import Mend
from pipeline.domain.doctor.kinds import MEANS, Diagnosis, Disagreement, Kind, Unseen
from pipeline.domain.doctor.mending import Task
from pipeline.render.doctor import document, done_text, mend_document, plan_text, text

ILL = Diagnosis(
    "sandbox",
    (
        Disagreement(Kind.BOT_MISSING, "dip", "4f1c22ab0000 should run in slot a, and no runtime holds it", "freqtrain converge sandbox"),
        Disagreement(
            Kind.FILE_MODES, "files of sandbox",
            "/home/x/one.json has mode 0644; /home/x/another.json has mode 0660",
            "chmod go-rwx /home/x/one.json /home/x/another.json",
        ),
    ),
    (Unseen("account of dip", "binance does not answer", "look at its status page"), Unseen("tags", "git failed")),
)  # fmt: skip


def test_a_person_reads_what_disagrees_what_it_means_and_the_command(golden: Callable[[str, str], None]) -> None:
    golden("doctor.txt", text(ILL, 100))


def test_a_command_is_never_broken_or_cut() -> None:
    long = Disagreement(Kind.FILE_MODES, "files", "many", "chmod go-rwx" + " /home/x/secret.json" * 400)
    assert long.command in text(Diagnosis("test", (long,)), 60)


def test_a_sound_device_is_one_sentence() -> None:
    assert text(Diagnosis("test"), 100) == "test: everything agrees.\n"
    unseen = Diagnosis("test", unseen=(Unseen("bots", "no engine"),))
    assert text(unseen, 100).endswith("test: nothing is known to disagree. 1 look could not be made.\n")


def test_a_program_reads_the_same_with_its_outcome_first() -> None:
    told = json.loads(json.dumps(document(ILL)))
    assert next(iter(told)) == "outcome"
    assert (told["outcome"], told["environment"]) == ("REFUSED", "sandbox")
    assert told["disagreements"][0] == {
        "kind": "bot_missing",
        "about": "dip",
        "found": "4f1c22ab0000 should run in slot a, and no runtime holds it",
        "means": MEANS[Kind.BOT_MISSING],
        "command": "freqtrain converge sandbox",
    }
    assert told["unseen"][1] == {"what": "tags", "why": "git failed", "hint": ""}
    assert document(Diagnosis("test"))["outcome"] == "DONE"
    assert document(Diagnosis("test", unseen=(Unseen("bots", "no engine"),)))["outcome"] == "TOOL"


def test_hostile_text_neither_controls_a_terminal_nor_commands_actions() -> None:
    hostile = Disagreement(
        Kind.BOT_STRAY, "\x1b[31mred", "fine\n::set-output name=a::b ##[group]", "freqtrain\x07 converge"
    )
    told = text(Diagnosis("test", (hostile,)), 100)
    assert "\x1b" not in told
    assert "\x07" not in told
    assert "##[" not in told
    assert not any(line.lstrip().startswith("::") for line in told.splitlines())


def test_a_plan_says_why_what_and_how_to_go_on() -> None:
    task = Task(Mend.DATABASE, "it is damaged", "set it aside", "dip")
    told = plan_text("test", Mend.DATABASE, (task,), 100)
    assert told.splitlines()[:2] == ["it is damaged", "  It would: set it aside."]
    assert told.endswith("Nothing was changed. To do it:\n  do: freqtrain doctor test --mend database\n")
    used = plan_text("test", Mend.DATABASE, (replace(task, refused="it is in use"),), 100)
    assert used.splitlines()[2] == "  But not now: it is in use."
    assert "nothing to mend" in plan_text("test", Mend.DATABASE, (), 100)
    assert done_text(("it was set aside",), 100) == "it was set aside\n"
    assert mend_document("test", Mend.DATABASE, (task,), ())["planned"] == [
        {"reason": "it is damaged", "told": "set it aside", "strategy": "dip", "refused": ""}
    ]
