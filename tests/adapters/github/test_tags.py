"""Where tags are."""

import pytest

from pipeline.adapters.github.tags import GitHubTags
from pipeline.errors import Refused
from tests.adapters.github.ground import SHA, repository, session
from tests.github_double import GitHubDouble, Token
from tests.github_double.routes_tags import annotated, tag

pytestmark = pytest.mark.sockets


def test_a_plain_tag_names_its_commit(hub: GitHubDouble) -> None:
    tag(hub.world, repository(hub), "v1.4", SHA)
    assert GitHubTags(session(hub)).commit_of("v1.4") == SHA


def test_one_with_a_message_names_the_commit_behind_it(hub: GitHubDouble) -> None:
    annotated(hub.world, repository(hub), "v1.4", "d" * 40, own="e" * 40, kind="tag")
    annotated(hub.world, repository(hub), "inner", SHA, own="d" * 40)
    assert GitHubTags(session(hub)).commit_of("v1.4") == SHA


@pytest.mark.parametrize("name", ["v1/../../x", "v1?x=1", "v1 #", "$(reboot)", "ü"])
def test_a_tag_of_any_name_is_only_data(hub: GitHubDouble, name: str) -> None:
    tag(hub.world, repository(hub), name, SHA)
    assert GitHubTags(session(hub)).commit_of(name) == SHA


def test_one_that_is_not_there_is_told_apart_from_a_repository_that_is_not_shown(hub: GitHubDouble) -> None:
    assert GitHubTags(session(hub)).commit_of("v1.5") == ""
    repository(hub).private = True
    hub.world.tokens["weak"] = Token("w", {"statuses": "write"})
    with pytest.raises(Refused):
        GitHubTags(session(hub, "weak")).commit_of("v1.4")


def test_one_that_names_no_commit_is_refused(hub: GitHubDouble) -> None:
    tag(hub.world, repository(hub), "v1.4", SHA, kind="tree")
    with pytest.raises(Refused, match="names no commit"):
        GitHubTags(session(hub)).commit_of("v1.4")


def test_tags_that_name_each_other_have_an_end(hub: GitHubDouble) -> None:
    annotated(hub.world, repository(hub), "v1.4", "e" * 40, own="e" * 40, kind="tag")
    with pytest.raises(Refused, match="names no commit"):
        GitHubTags(session(hub)).commit_of("v1.4")
