""".github/freqtrain.yml: little has to be written, every problem is told at its place, and names hold nothing that acts anywhere."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.config.environment_outline import Outline, load_outlines, outline_of
from pipeline.config.repository import FILE, disagreements, load_wishes, wishes_from
from pipeline.config.source import parse
from pipeline.domain.repository.by_hand import owners_file
from pipeline.domain.repository.codeowners import CODEOWNERS
from pipeline.domain.repository.names import Needs
from pipeline.domain.repository.wishes import Ground, Team, Wishes
from pipeline.errors import ConfigError

ROOT = Path(__file__).parent.parent.parent
OUTLINES = (
    Outline("ci", "history"),
    Outline("test", "dry_run", "ci", automatic=True),
    Outline("sandbox", "live", "test"),
    Outline("prod", "live", "sandbox", approval=True, several=True),
)
ENVIRONMENT = """\
mode: live
after: test
exchange: ${EXCHANGE}
stake: ${STAKE}
approval: {required: true}
secrets: {access_key: MY_KEY}
own_keys: [{strategy: dip, access_key: DIP_KEY, access_secret: DIP_SECRET, access_password: DIP_WORD}]
"""


def wishes(text: str) -> Wishes:
    return wishes_from(parse(text, "f.yml"), OUTLINES)


def told(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        wishes(text)
    return [str(problem) for problem in caught.value.problems]


def test_without_the_file_it_is_a_team_of_one(tmp_path: Path) -> None:
    found = load_wishes(tmp_path / FILE, OUTLINES)
    assert (found.team, found.main, found.release_tags, found.required_check) == (Team.SOLO, "main", "v*", "gate")
    grounds = {one.name: one.grounds for one in found.environments}
    assert grounds == {
        "test": {Ground.MAIN},
        "sandbox": {Ground.RELEASE_TAGS},
        "prod": {Ground.MAIN, Ground.RELEASE_TAGS},
    }
    assert [one.name for one in found.environments if one.approval] == ["prod"]


def test_the_repositorys_own_file_is_good_and_its_owners_are_those_of_codeowners() -> None:
    outlines = load_outlines(sorted((ROOT / "environments").glob("*.yml")))
    found = load_wishes(ROOT / FILE, outlines)
    assert disagreements(found, outlines) == ()
    there = ROOT / CODEOWNERS
    assert owners_file(found, there.read_text() if there.is_file() else None) == (None, None)


def test_everything_that_can_be_said() -> None:
    found = wishes(
        "team: roles\nmain: trunk\nrelease_tags: release-*\nrequired_check: the gate\nowners: ['@ada', '@o/core_team']\n"
        "release_managers: ['@o/product']\napprovers: ['@grace-hopper']\nallowed_actions: ['docker/build-push-action@*']\nplan: team\n"
        "environments: [{name: prod, wait_minutes: 10, deploys_from: [main]}]\n"
    )
    assert (found.team, found.main, found.release_tags, found.plan) == (Team.ROLES, "trunk", "release-*", "team")
    assert found.people == ("@grace-hopper", "@o/product")
    prod = found.environments[-1]
    assert (prod.wait_minutes, prod.grounds) == (10, {Ground.MAIN})


def test_every_problem_is_told_at_its_place() -> None:
    assert told(
        "team: two\nmain: 'a b'\nowners: [ada, '@ada; rm', '@o/Te am']\napprovers: ['@a', '@b', '@c', '@d', '@e', '@f', '@g']\n"
        "allowed_actions: ['*']\nrelease_tag: x\n"
    ) == [
        "f.yml:1:7: team: must be 'solo' or 'roles', not the text 'two'",
        "f.yml:2:7: main: must be the name of a branch, such as main, not the text 'a b'",
        "f.yml:3:10: owners[0]: must be a person ('@name') or a team ('@organization/team'), in quotes, not the text 'ada'",
        "f.yml:3:15: owners[1]: must be a person ('@name') or a team ('@organization/team'), in quotes, not the text '@ada; rm'",
        "f.yml:3:27: owners[2]: must be a person ('@name') or a team ('@organization/team'), in quotes, not the text '@o/Te am'",
        "f.yml:4:12: approvers: must have at most 6 entries",
        "f.yml:5:19: allowed_actions[0]: must be an action, such as docker/build-push-action@*, not the text '*'",
        "f.yml:6:1: release_tag: is not a known key, did you mean 'release_tags'?",
    ]


def test_an_environment_that_is_not_there_or_stands_twice_is_told() -> None:
    assert told("environments: [{name: prd}, {name: ci}, {name: test}, {name: test}]") == [
        "f.yml:1:23: environments[0].name: runs no bots, did you mean 'prod'?",
        "f.yml:1:36: environments[1].name: runs no bots; known are test, sandbox, prod",
        "f.yml:1:62: environments[3].name: test stands twice",
    ]


def test_with_roles_somebody_has_to_be_named_for_each() -> None:
    said = told("team: roles")
    assert [one.partition(": with")[0] for one in said] == [
        "f.yml:1:1: owners",
        "f.yml:1:1: release_managers",
        "f.yml:1:1: approvers",
    ]


@pytest.mark.parametrize("name", ["@", "@-a", "@a-", "a", "@a b", "@a/", "@a/b/c", "@a`x`", "@a\n", "@ä", "@a/../b", 7])
def test_nothing_but_a_persons_or_teams_name_is_one(name: object) -> None:
    text = f"owners: [{name!r}]" if not isinstance(name, str) or "\n" not in name else 'owners: ["@a\\n"]'
    assert "must be a person" in told(text)[0]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("main", "ma*in"),
        ("main", "a..b"),
        ("main", "~ALL"),
        ("main", "-x"),
        ("release_tags", "*/**"),
        ("release_tags", "~ALL"),
        ("release_tags", "v?"),
        ("required_check", "$(x)"),
        ("allowed_actions", "[a/b@c d]"),
    ],
)
def test_patterns_that_would_match_anything_are_refused(key: str, value: str) -> None:
    assert len(told(f"{key}: {value if value.startswith('[') else repr(value)}")) == 1


def test_files_that_contradict_each_other_are_told() -> None:
    assert "environments/prod.yml" in disagreements(wishes("team: solo"), OUTLINES)[0]
    roles = "team: roles\nowners: ['@a']\nrelease_managers: ['@a']\napprovers: ['@a']"
    assert disagreements(wishes(roles), OUTLINES) == ()
    alone = [replace(one, several=False) for one in OUTLINES]
    assert "write `team: several` there" in disagreements(wishes(roles), alone)[0]
    assert disagreements(wishes("team: solo"), alone) == ()


def test_an_environment_needs_its_keys_and_variables_though_nothing_is_filled_in() -> None:
    found = outline_of(parse(ENVIRONMENT, "prod.yml"), "prod")
    assert found == Outline(
        "prod",
        "live",
        "test",
        approval=True,
        several=True,
        needs=Needs(
            ("MY_KEY", "EXCHANGE_ACCESS_SECRET", "DIP_KEY", "DIP_SECRET"),
            ("DRY_RUN", "EXCHANGE", "STAKE"),
            (("TELEGRAM_TOKEN", "TELEGRAM_CHAT_ID"),),
            frozenset(
                (
                    *(
                        "MY_KEY",
                        "EXCHANGE_ACCESS_SECRET",
                        "EXCHANGE_ACCESS_PASSWORD",
                        "DIP_KEY",
                        "DIP_SECRET",
                        "DIP_WORD",
                    ),
                    *("TELEGRAM_TOKEN", "TELEGRAM_CHAT_ID", "APPRISE_URL", "PING_URL"),
                )
            ),
        ),
    )


def test_an_exchange_that_asks_for_a_password_needs_one_for_each_account() -> None:
    found = outline_of(parse(ENVIRONMENT.replace("${EXCHANGE}", "kucoin"), "prod.yml"), "prod")
    assert {"EXCHANGE_ACCESS_PASSWORD", "DIP_WORD"} <= set(found.needs.secrets)


def test_a_dry_run_needs_no_key() -> None:
    found = outline_of(parse(ENVIRONMENT.replace("live", "dry_run"), "test.yml"), "test")
    assert found.needs.secrets == ()
    assert found.automatic


def test_problems_of_all_environments_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text("mode: live\nafter: test\n")
    (tmp_path / "a b;x.yml").write_text(ENVIRONMENT)
    with pytest.raises(ConfigError) as caught:
        load_outlines(sorted(tmp_path.glob("*.yml")))
    assert [problem.message for problem in caught.value.problems] == [
        "'a b;x' cannot be the name of an environment",
        "approval: is missing",
    ]
