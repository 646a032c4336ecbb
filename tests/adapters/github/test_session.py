"""The conversation with GitHub: what is asked again, what is refused, and whom the token is shown."""

import io
import logging
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipeline.adapters.github import transport
from pipeline.adapters.github.refusals import Invalid, NotFound
from pipeline.adapters.github.session import GitHubSession, Unanswered, segment
from pipeline.errors import FreqtrainError, Refused, ToolFailed, UsageError
from tests.adapters.github.ground import repository, session, slept
from tests.fakes import FakeClock
from tests.github_double import GitHubDouble, Token, faults
from tests.github_double.routes_issues import write_comment
from tests.github_double.routes_pulls import open_pull
from tests.github_double.world import ACTIONS, TOKEN

pytestmark = pytest.mark.sockets
NOW = int(FakeClock().at.timestamp())


@pytest.fixture
def pull(hub: GitHubDouble) -> None:
    open_pull(hub.world, repository(hub), "a" * 40)


@pytest.mark.parametrize(
    "fault",
    [
        faults.outage("GET", 3),
        faults.outage("GET", 3, 500),
        faults.cut("GET", 3),
        faults.instead("GET", b"{}", status=503),
    ],
    ids=["502", "500", "cut", "503"],
)
def test_what_changes_nothing_is_asked_again_after_an_outage(hub: GitHubDouble, fault: faults.Fault) -> None:
    hub.faults.append(fault)
    clock = FakeClock()
    times = fault.times
    assert isinstance(session(hub, clock=clock).get(""), dict)
    assert hub.world.count("GET", "/repos/o/r") == times + 1
    assert slept(clock) == 2.0**times - 1


def test_an_outage_without_an_end_is_given_up_and_says_so(hub: GitHubDouble) -> None:
    hub.faults.append(faults.outage(times=99))
    with pytest.raises(ToolFailed, match=r"GitHub answers 502 \(GET /repos/o/r, asked 6 times\)"):
        session(hub).get("")
    assert hub.world.count("GET", "/repos/o/r") == 6


def test_something_is_not_made_twice_because_an_answer_was_lost(hub: GitHubDouble, pull: None) -> None:
    for fault in (faults.outage("POST", acted=True), faults.cut("POST", acted=True), faults.cut("POST")):
        hub.faults.append(fault)
        with pytest.raises(Unanswered, match="may have been done or not"):
            session(hub).post("issues/1/comments", {"body": "x"})
    assert len(repository(hub).comments[1]) == 2
    assert hub.world.count("POST", "/comments") == 3


@pytest.mark.parametrize("acted", [True, False])
def test_making_something_once_looks_before_it_asks_again(hub: GitHubDouble, pull: None, acted: bool) -> None:
    hub.faults.append(faults.cut("POST", acted=acted))
    github = session(hub)
    made = github.post_once(
        "issues/1/comments", {"body": "x"}, lambda: next(iter(github.pages("issues/1/comments")), None)
    )
    assert isinstance(made, dict)
    assert [one["body"] for one in repository(hub).comments[1]] == ["x"]


def test_making_something_once_gives_up_at_last(hub: GitHubDouble, pull: None) -> None:
    hub.faults.append(faults.outage("POST", 99))
    with pytest.raises(Unanswered):
        session(hub).post_once("issues/1/comments", {"body": "x"}, lambda: None)
    assert hub.world.count("POST", "/comments") == 6


def test_changes_to_values_are_repeated_because_twice_is_as_once(hub: GitHubDouble, pull: None) -> None:
    made = write_comment(hub.world, repository(hub), 1, "old", "octocat")
    hub.faults.append(faults.outage("PATCH", 2, acted=True))
    session(hub).patch(f"issues/comments/{made['id']}", {"body": "new"})
    assert repository(hub).comments[1][0]["body"] == "new"
    assert hub.world.count("PATCH", str(made["id"])) == 3


def test_a_post_waits_for_the_rate_limit_because_github_did_nothing(hub: GitHubDouble, pull: None) -> None:
    hub.faults += [faults.secondary_limit("POST", retry_after=7), faults.secondary_limit("POST")]
    clock = FakeClock()
    session(hub, clock=clock).post("issues/1/comments", {"body": "x"})
    assert len(repository(hub).comments[1]) == 1
    assert slept(clock) == 7 + 120


def test_the_hourly_limit_is_waited_for_by_githubs_clock(hub: GitHubDouble) -> None:
    """The machine's clock is a day ahead; the wait is what GitHub's own header says."""
    fault = faults.primary_limit(reset=NOW + 40)
    hub.faults.append(
        faults.Fault(**{**vars(fault), "headers": {**fault.headers, "Date": "Thu, 01 Jan 2026 00:00:00 GMT"}})
    )
    clock = FakeClock(FakeClock().at + timedelta(days=1))
    session(hub, clock=clock).get("")
    assert slept(clock) == 86400 + 41


def test_a_limit_that_lasts_longer_than_we_wait_is_told_with_its_end(hub: GitHubDouble) -> None:
    hub.faults.append(
        faults.Fault(
            times=9,
            status=403,
            body={"message": "limit"},
            headers={
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": str(NOW + 3000),
                "Date": "Thu, 01 Jan 2026 00:00:00 GMT",
            },
        )
    )
    clock = FakeClock()
    with pytest.raises(ToolFailed, match="rate limit is used up") as caught:
        session(hub, clock=clock).get("")
    assert "2026-01-01 00:50:01 UTC" in caught.value.hint
    assert (slept(clock), len(hub.world.asked)) == (0, 1)


def test_nobody_at_the_other_end_is_a_failed_tool() -> None:
    clock = FakeClock()
    with pytest.raises(ToolFailed, match="could not be reached: nothing listens there"):
        GitHubSession(TOKEN, "o/r", "http://127.0.0.1:1", clock).post("issues", {"title": "x"})
    assert slept(clock) == 1 + 2 + 4 + 8 + 16


def test_a_missing_permission_is_named(hub: GitHubDouble, pull: None) -> None:
    hub.world.tokens["weak"] = Token("weak", {"contents": "read"})
    with pytest.raises(Refused, match=r"GitHub refuses POST /repos/o/r/issues/1/comments \(403\)") as caught:
        session(hub, "weak").post("issues/1/comments", {"body": "x"})
    assert caught.value.hint == "the token needs the permission issues=write or pull_requests=write"


def test_a_missing_scope_is_named(hub: GitHubDouble) -> None:
    headers = {"x-oauth-scopes": "gist", "x-accepted-oauth-scopes": "repo"}
    hub.faults.append(faults.Fault(status=404, body={"message": "Not Found"}, headers=headers))
    with pytest.raises(NotFound) as caught:
        session(hub).get("")
    assert caught.value.hint.endswith("the token needs one of the scopes repo, and has gist")


def test_a_single_sign_on_that_is_missing_is_named(hub: GitHubDouble) -> None:
    headers = {"X-GitHub-SSO": "required; url=https://github.com/orgs/o/sso"}
    hub.faults.append(faults.Fault(status=403, body={"message": "protected by SAML"}, headers=headers))
    with pytest.raises(Refused, match="SAML") as caught:
        session(hub).get("")
    assert "single sign-on" in caught.value.hint


@pytest.mark.parametrize(("token", "said"), [("", "set GITHUB_TOKEN"), ("token-of-before", "expired or been revoked")])
def test_a_token_that_is_missing_or_over_is_told_apart(hub: GitHubDouble, pull: None, token: str, said: str) -> None:
    with pytest.raises(Refused, match="does not accept the token") as caught:
        session(hub, token).post("issues/1/comments", {"body": "x"})
    assert said in caught.value.hint


def test_what_github_will_not_do_is_told_in_its_words(hub: GitHubDouble, pull: None) -> None:
    with pytest.raises(Invalid, match=r"\(422\): Validation Failed; IssueComment data unprocessable"):
        session(hub).post("issues/1/comments", {"body": "x" * 70_000})


def test_a_private_repository_is_not_there_for_strangers(hub: GitHubDouble) -> None:
    repository(hub).private = True
    with pytest.raises(NotFound, match="or does not show it to us") as caught:
        session(hub, "").get("")
    assert "is the repository called o/r?" in caught.value.hint


def test_pages_are_followed_to_the_last(hub: GitHubDouble, pull: None) -> None:
    for number in range(250):
        write_comment(hub.world, repository(hub), 1, str(number), "octocat")
    found = list(session(hub).pages("issues/1/comments"))
    assert [one["body"] for one in found if isinstance(one, dict)] == [str(number) for number in range(250)]
    assert hub.world.count("GET", "/comments") == 3


@pytest.mark.parametrize(
    "other", ["http://127.0.0.1:9/repos/o/r/pulls?page=2", "https://elsewhere.example/x", "//elsewhere.example/x"]
)
def test_the_next_page_is_never_at_another_host(hub: GitHubDouble, other: str) -> None:
    hub.faults.append(faults.instead("pulls", b"[]", headers={"Link": f'<{other}>; rel="next"'}))
    with pytest.raises(ToolFailed, match="at another host"):
        list(session(hub).pages("pulls"))
    assert len(hub.world.asked) == 1


def test_a_list_whose_pages_have_no_end_is_given_up(hub: GitHubDouble) -> None:
    here = f"{hub.url}/repos/o/r/pulls?per_page=100"
    hub.faults.append(faults.Fault("pulls", 999, 200, [], headers={"Link": f'<{here}>; rel="next"'}))
    with pytest.raises(ToolFailed, match="more than 100 pages"):
        list(session(hub).pages("pulls"))


@pytest.mark.parametrize(
    "content",
    [b"[" * 200_000, b'{"a":', b"\xff\xfe", b"NaN", b"<html>", b'{"workflow_runs": 3}'],
    ids=["nested", "half", "bytes", "number", "html", "no list"],
)
def test_an_answer_of_another_shape_is_a_failed_tool(hub: GitHubDouble, content: bytes) -> None:
    hub.faults.append(faults.instead("runs", content))
    with pytest.raises(ToolFailed, match="something else than"):
        list(session(hub).pages("actions/runs", "workflow_runs"))


def test_a_huge_answer_is_not_read_to_its_end(hub: GitHubDouble) -> None:
    hub.faults.append(faults.instead("pulls", b"[" + b" " * (20 << 20) + b"]"))
    with pytest.raises(ToolFailed, match="larger than 16777216 bytes"):
        list(session(hub).pages("pulls"))


def test_a_refusal_cannot_speak_to_the_terminal_or_the_runner(hub: GitHubDouble) -> None:
    message = "\x1b[2Jgone\r\n::set-output name=verdict::PASS\n" + "long " * 1000
    hub.faults.append(faults.Fault(status=422, body={"message": message, "errors": [{"message": "\x9b1m"}, 7, None]}))
    with pytest.raises(Invalid) as caught:
        session(hub).get("")
    assert caught.value.message.isprintable()
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 700


@pytest.mark.parametrize(
    "path", ["../../user", "pulls/..", "pulls/%2e%2e", "pulls?x=1", "pulls#x", "pulls/ 1", "pulls\n", "a\\b"]
)
def test_a_path_that_could_lead_elsewhere_is_not_asked(hub: GitHubDouble, path: str) -> None:
    with pytest.raises(UsageError):
        session(hub).get(path)
    assert hub.world.asked == []


def test_a_name_with_any_character_is_one_part_of_a_path() -> None:
    assert segment("a/b c?d#e%é") == "a%2Fb%20c%3Fd%23e%25%C3%A9"


@pytest.mark.parametrize(
    "url",
    [
        "http://api.github.com",
        "ftp://127.0.0.1",
        "https://user@api.github.com",
        "https://",
        "api.github.com",
        "https://x?y",
    ],
)
def test_an_address_that_no_token_may_go_to_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="no address of GitHub's API"):
        GitHubSession(TOKEN, "o/r", url)


@pytest.mark.parametrize("name", ["o", "o/r/s", "../r", "o/..", "o/r?x", "o r/s", "", "o/r\n"])
def test_a_name_that_is_no_repository_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no repository"):
        GitHubSession(TOKEN, name)


@pytest.mark.parametrize("token", [f"{TOKEN}\n", f"{TOKEN} ", f"{TOKEN}é", f"{TOKEN}\r\nX-Other: 1"])
def test_a_token_with_strange_characters_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(Refused, match="characters that no token has") as caught:
        GitHubSession(token, "o/r")
    assert TOKEN not in caught.value.message + caught.value.hint


def test_the_token_is_never_shown(
    hub: GitHubDouble, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not by what it holds, by logs of any room, or by errors, even where GitHub itself says it."""
    caplog.set_level(logging.DEBUG)
    github = session(hub)
    github.get("")
    errors: list[FreqtrainError] = []
    for status in (401, 403, 404, 418, 422):
        hub.faults.append(
            faults.Fault(
                status=status,
                body={"message": f"no {TOKEN}", "errors": [TOKEN]},
                headers={"x-accepted-github-permissions": TOKEN},
            )
        )
        with pytest.raises(FreqtrainError) as caught:
            github.get("")
        errors.append(caught.value)
    hub.faults.append(faults.cut(times=9))
    with pytest.raises(FreqtrainError) as caught:
        github.get("")
    said = [
        text
        for error in [*errors, caught.value]
        for text in (error.message, error.hint, repr(error), repr(error.__cause__))
    ]
    shown = "\n".join([repr(github), *said, caplog.text, *capsys.readouterr()])
    assert TOKEN[:8] not in shown
    assert len(shown) > 1000


def test_a_download_is_fetched_from_the_storage_without_the_token(hub: GitHubDouble) -> None:
    repository(hub).contents["k"] = b"candles"
    hub.faults.append(faults.Fault("assets/7", status=302, headers={"Location": f"{hub.world.storage_url}/o/r/k"}))
    assert session(hub).download("releases/assets/7") == b"candles"
    assert hub.stored_for == [""]
    assert hub.world.asked[-1].authorization == f"Bearer {TOKEN}"


def test_a_download_is_bounded_and_its_file_begins_anew_with_each_try(hub: GitHubDouble) -> None:
    repository(hub).contents["k"] = b"x" * 1000
    to = {"Location": f"{hub.world.storage_url}/o/r/k"}
    hub.faults.append(faults.Fault("assets/7", 2, 302, headers=to))
    with pytest.raises(ToolFailed, match="larger than 999 bytes"):
        session(hub).download("releases/assets/7", 999)
    into = io.BytesIO(b"rest of an earlier try" * 100)
    session(hub).save("releases/assets/7", into, 1000)
    assert into.getvalue() == b"x" * 1000


@pytest.mark.parametrize("to", ["http://elsewhere.example/x", "file:///etc/passwd", "ftp://127.0.0.1/x", ""])
def test_a_download_is_not_followed_to_where_nobody_is_authenticated(hub: GitHubDouble, to: str) -> None:
    hub.faults.append(faults.Fault("assets/7", 9, 302, headers={"Location": to} if to else {}))
    with pytest.raises(ToolFailed, match=r"elsewhere \(302\), where we|without an end"):
        session(hub).download("releases/assets/7")


def test_the_storage_does_not_get_the_token_back_by_sending_us_home(hub: GitHubDouble) -> None:
    hub.storage_sends_to = f"{hub.url}/repos/o/r"
    hub.faults.append(faults.Fault("assets/7", status=302, headers={"Location": f"{hub.world.storage_url}/o/r/k"}))
    session(hub).download("releases/assets/7")
    assert [(str(one), one.authorization != "") for one in hub.world.asked] == [
        ("GET /repos/o/r/releases/assets/7", True),
        ("GET /repos/o/r", False),
    ]


def test_only_downloads_leave_githubs_host(hub: GitHubDouble) -> None:
    hub.faults.append(faults.Fault("GET", 2, 302, headers={"Location": f"{hub.world.storage_url}/o/r/k"}))
    with pytest.raises(ToolFailed, match="elsewhere"):
        session(hub).get("")
    assert hub.stored_for == []


def test_a_renamed_repository_is_read_under_its_new_name_and_not_written(hub: GitHubDouble, pull: None) -> None:
    hub.faults.append(faults.Fault("GET /repos/o/r$", 1, 301, headers={"Location": f"{hub.url}/user"}))
    assert isinstance(session(hub).get(""), dict)
    hub.faults.append(faults.Fault("POST", 1, 301, headers={"Location": f"{hub.url}/user"}))
    with pytest.raises(ToolFailed, match="elsewhere") as caught:
        session(hub).post("issues/1/comments", {"body": "x"})
    assert "renamed" in caught.value.hint


def test_redirects_without_an_end_are_given_up(hub: GitHubDouble) -> None:
    hub.faults.append(faults.Fault("GET", 99, 302, headers={"Location": f"{hub.url}/repos/o/r"}))
    with pytest.raises(ToolFailed, match="without an end"):
        session(hub).get("")
    assert len(hub.world.asked) == 6


def test_an_upload_goes_to_github_alone(hub: GitHubDouble) -> None:
    with pytest.raises(ToolFailed, match="another host"):
        session(hub).upload(f"{hub.world.storage_url}/x{{?name}}", "a.tar", io.BytesIO(b"x"), "application/x-tar")
    assert hub.stored_for == []


def test_the_workflows_own_token_is_told_that_it_is_nobody(hub: GitHubDouble) -> None:
    hub.world.tokens["actions"] = Token(ACTIONS)
    with pytest.raises(Refused, match="by integration"):
        session(hub, "actions").get("/user")


def test_an_answer_that_does_not_come_in_time_is_asked_for_again(
    hub: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "READ_SECONDS", 0.5)
    hub.faults.append(faults.slow("GET", 5.0))
    assert isinstance(session(hub).get(""), dict)
    assert hub.world.count("GET", "/repos/o/r") >= 2


def test_an_answer_that_drips_for_ever_is_left(hub: GitHubDouble) -> None:
    class Hurrying(FakeClock):
        """A second a look."""

        def now(self) -> datetime:
            self.at += timedelta(seconds=1)
            return self.at

    hub.faults.append(faults.instead("pulls", b"[" + b" " * (15 << 20) + b"]"))
    with pytest.raises(ToolFailed, match="or has no end"):
        list(session(hub, clock=Hurrying()).pages("pulls"))


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    hub: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    assert isinstance(session(hub).get(""), dict)


def test_a_password_of_the_machine_is_never_sent(
    hub: GitHubDouble, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("default login me password secret-of-the-machine\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    github = session(hub, "")
    monkeypatch.setattr(github._asking.transport._http, "trust_env", True)
    github.get("")
    assert [one.authorization for one in hub.world.asked] == [""]
