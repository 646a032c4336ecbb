"""What a job waits for, by what GitHub calls it."""

from dataclasses import replace

import pytest

from pipeline.domain.github import Person, Review, WaitingDeployment, WorkflowJob
from pipeline.domain.waiting_job import Stand, job_of, sentence_of, sight_of, unheard_sentence, untaken_sentence


def job(status: str = "queued", name: str = "deploy", id: int = 1, *labels: str) -> WorkflowJob:
    return WorkflowJob(id, name, status, "", labels or ("self-hosted",), "", "")


@pytest.mark.parametrize(
    ("status", "stand"),
    [
        ("queued", Stand.DEVICE),
        ("requested", Stand.DEVICE),
        ("waiting", Stand.APPROVAL),
        ("pending", Stand.TURN),
        ("in_progress", Stand.TAKEN),
        ("completed", Stand.ENDED),
        ("bewitched", Stand.DEVICE),
    ],
)
def test_every_word_of_githubs_has_its_meaning_and_an_unknown_one_is_a_wait(status: str, stand: Stand) -> None:
    assert sight_of(job(status), (), "test").stand is stand


def test_of_several_of_a_name_one_that_has_not_ended_counts() -> None:
    listed = [job("completed", id=1), job("queued", id=2), job("completed", id=3), job("queued", "other", id=4)]
    found = job_of(listed, "deploy")
    assert found is not None
    assert found.id == 2
    assert job_of(listed, "missing") is None
    assert sight_of(None, (), "test").stand is Stand.NOT_LISTED


def test_only_the_environments_own_reviewers_are_named_and_only_while_it_waits_for_them() -> None:
    waiting = (WaitingDeployment("prod", ("ada", "@ops"), False), WaitingDeployment("test", ("eve",), False))
    assert sentence_of(sight_of(job("waiting"), waiting, "prod")) == "waits for an approval by ada, @ops"
    assert sentence_of(sight_of(job("queued"), waiting, "prod")) == "waits for the device"
    alone = sight_of(job("waiting"), (), "prod")
    assert sentence_of(alone) == "waits for an approval, or for the environment's timer"


def test_an_alarm_names_the_labels_that_a_device_must_have() -> None:
    seen = sight_of(job("queued", "deploy", 1, "self-hosted", "freqtrain-test"), (), "test")
    told = unheard_sentence(seen, 15)
    assert told.startswith(
        "no device with the labels self-hosted, freqtrain-test took it for 15 minutes: it is offline"
    )
    assert len(told) <= 140


def test_who_lacks_it_is_the_device_that_was_off_or_the_environment_that_nobody_let_it_into() -> None:
    untaken = job("completed", "deploy", 1, "self-hosted", "freqtrain-prod")
    yes, no = (Review(state, Person("ada", 1), ("prod",), "") for state in ("approved", "rejected"))
    off = "no device took the job: the one with the labels self-hosted, freqtrain-prod lacks tag v1.4"
    assert untaken_sentence(untaken, (), "prod", "tag v1.4") == off
    assert untaken_sentence(untaken, (yes,), "prod", "tag v1.4") == off
    assert untaken_sentence(untaken, (no,), "test", "tag v1.4") == off
    assert untaken_sentence(untaken, (no,), "prod", "tag v1.4").startswith("no device was asked: ada did not let")
    assert untaken_sentence(replace(untaken, runner="pi"), (no,), "prod", "tag v1.4") == ""
