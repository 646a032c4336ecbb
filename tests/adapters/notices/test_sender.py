"""What is to be told goes out once, in order, behind the back of whoever tells it; what fails waits, and shows."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.notices.channel_file import ChannelFile
from pipeline.adapters.notices.delivery import Deliver, Delivery
from pipeline.adapters.notices.inbox import NoticeInbox
from pipeline.adapters.notices.outbox_file import FILE, INBOX, OutboxFile
from pipeline.adapters.notices.reach_file import ReachFile
from pipeline.adapters.notices.sender import NoticeSender
from pipeline.adapters.notices.telegram import NotDelivered
from pipeline.domain.channels import Channels
from pipeline.domain.notices import Notice, Outbox, Place, Reached
from pipeline.domain.trading import Secret, Secrets
from pipeline.render.notices import Illustrated
from pipeline.render.week_chart import HEIGHT, WIDTH
from pipeline.wiring.notices import notice_lines
from tests.adapters.notices.receiver import CHAT, TOKEN, Receiver
from tests.canary import files_with, leaks_in
from tests.domain.test_week_picture import PICTURE
from tests.fakes import FakeNarrator

CLOCK = SystemClock()
LONG = 60.0
"""Seconds; a loaded machine."""

URL = "json://127.0.0.1:1/canary-word-of-apprise"


@dataclass
class Post:
    """Keeps what it delivered; `problem` is raised instead, and while `hangs` is set nothing comes of it. `lacking` is why no picture arrives."""

    told: list[tuple[str, str]] = field(default_factory=list)
    shown: list[Illustrated] = field(default_factory=list)
    lacking: str = ""
    problem: str = ""
    hangs: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)

    def __call__(
        self, channels: Channels, name: str, title: str, text: str, illustrated: Illustrated | None = None
    ) -> str:
        self.arrived.set()
        if self.hangs.is_set():
            threading.Event().wait(LONG)
        if self.problem:
            raise NotDelivered(self.problem)
        self.told.append((name, text))
        self.shown += [illustrated] if illustrated else []
        return self.lacking if illustrated else ""

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.told]


@dataclass
class Ground:
    """An environment's folder on a device."""

    folder: Path
    post: Post = field(default_factory=Post)
    narrator: FakeNarrator = field(default_factory=FakeNarrator)

    def made(self, deliver: Deliver | None = None) -> NoticeSender:
        return NoticeSender("prod", self.folder, CLOCK, self.narrator, deliver or self.post)

    @contextmanager
    def telling(self, seconds: float = LONG) -> Iterator[NoticeSender]:
        made = self.made()
        made.start()
        try:
            yield made
        finally:
            made.close(seconds)

    def kept(self) -> Outbox:
        return OutboxFile(self.folder).load()


@pytest.fixture
def place(tmp_path: Path) -> Ground:
    folder = tmp_path / "prod"
    ChannelFile(folder).keep(Secrets(apprise_url=Secret(URL)), CLOCK.now())
    return Ground(folder)


def notice(text: str) -> Notice:
    return Notice(CLOCK.now(), "prod: dip", text)


def test_news_go_out_in_order_and_it_is_remembered_how_far(place: Ground) -> None:
    with place.telling() as sender:
        assert sender.place() == Place()
        sender.tell_news([notice("one"), notice("two")], Place(2, "hash", "2026-W01"))
    assert [line[6:] for text in place.post.texts for line in text.splitlines()] == ["dip: one", "dip: two"]
    assert place.kept().place == Place(2, "hash", "2026-W01")
    assert place.kept().waiting == ()


def test_a_picture_waits_on_the_disk_with_its_words_until_both_are_told_once(place: Ground) -> None:
    place.post.problem = "out of reach"
    week = Notice(
        CLOCK.now(), "prod: the week", "dip: balance 101.00 USDT.\n▁▂▃▄▅▆▇█▇▆▅▄▃▂▁▂▃▄▅▆▇█▇▆▅·▃▂", picture=PICTURE
    )
    with place.telling() as sender:
        sender.tell_news([week], Place(1, "a", "2026-W02"))
    place.post.problem = ""
    OutboxFile(place.folder).save(place.kept().delivered("json", 0, CLOCK.now()))  # its time to be tried again has come
    for _ in range(2):
        with place.telling():
            pass
    assert place.post.texts == [week.text]
    assert place.post.shown == [Illustrated("dip: balance 101.00 USDT.", PICTURE)]
    assert place.kept().waiting == ()


def test_that_the_picture_did_not_get_there_is_said_and_the_words_count_as_told(place: Ground) -> None:
    place.post.lacking = "Pillow is not installed"
    with place.telling() as sender:
        sender.tell_news([Notice(CLOCK.now(), "prod: the week", "dip", picture=PICTURE)], Place(1, "a"))
    assert place.narrator.lines == ["notices: json was told without the picture: Pillow is not installed"]
    assert place.kept().waiting == ()
    assert notice_lines("prod", place.folder.parent)[0].well


def test_a_sender_that_is_started_again_says_nothing_twice(place: Ground) -> None:
    with place.telling() as sender:
        sender.tell_news([notice("one")], Place(1, "a"))
    with place.telling() as sender:
        assert sender.place() == Place(1, "a")
    assert place.post.texts == ["one"]


def test_what_could_not_be_sent_is_kept_and_sent_by_the_next_one(place: Ground) -> None:
    place.post.problem = "out of reach"
    with place.telling() as sender:
        sender.tell("prod: dip", "braked")
        sender.tell_news([notice("rolled back")], Place(1, "a"))
    reach = place.kept().of("json")
    assert reach is not None
    assert (len(place.kept().waiting), reach.problem) == (2, "out of reach")
    (line,) = notice_lines("prod", place.folder.parent)
    assert not line.well
    assert "json could not be told since" in line.told
    assert "out of reach (2 wait, and is tried again at" in line.told
    place.post.problem = ""
    OutboxFile(place.folder).save(place.kept().delivered("json", 1, CLOCK.now()))  # its time to be tried again has come
    with place.telling():
        pass
    assert place.post.texts == ["rolled back"]
    (line,) = notice_lines("prod", place.folder.parent)
    assert line.well
    assert line.told.startswith("json is told what happens, the last time at ")


def test_how_much_waits_and_what_fails_is_counted_for_programs(place: Ground) -> None:
    reach = ReachFile(place.folder)
    place.post.problem = "out of reach"
    with place.telling() as sender:
        sender.tell("prod: dip", "braked")
        sender.tell_news([notice("rolled back")], Place(1, "a"))
    assert reach.read() == Reached(1, 2, 1)
    place.post.problem = ""
    OutboxFile(place.folder).save(place.kept().delivered("json", 1, CLOCK.now()))  # its time to be tried again has come
    with place.telling():
        pass
    assert reach.read() == Reached(1, 0, 0)
    assert not leaks_in((place.folder / "reach.json").read_bytes(), ("rolled back", "out of reach", "canary-word"))


def test_a_ping_that_is_not_wanted_any_more_does_not_fail_for_ever(place: Ground) -> None:
    with place.telling() as sender:
        sender.note("ping", "nothing listens there")
        sender.note("chat", "somebody else listens with the same token")
        sender.tell("prod", "one")
    assert ReachFile(place.folder).read() == Reached(1, 0, 1)
    assert [one.name for one in place.kept().others] == ["chat"]


def test_numbers_that_cannot_be_written_keep_nobody_from_telling(place: Ground) -> None:
    (place.folder / "reach.json").mkdir()
    with place.telling() as sender:
        sender.tell("prod", "braked")
    assert place.post.texts == ["braked"]
    assert any("cannot be written" in line for line in place.narrator.lines)


def test_whoever_tells_waits_for_nothing_though_the_network_hangs(place: Ground) -> None:
    place.post.hangs.set()
    sender = place.made()
    sender.start()
    sender.tell("prod", "one")
    assert place.post.arrived.wait(LONG)
    for number in range(1000):  # The thread is stuck in a delivery now: none of these waits for it.
        sender.tell("prod", f"word {number}")
        sender.tell_news([notice("x")], Place(number, "h"))
    sender.close(0.2)
    assert "could not be sent in time" in place.narrator.lines[-1]


def test_the_last_words_are_sent_before_the_end(place: Ground) -> None:
    sender = place.made()
    sender.start()
    sender.tell("prod", "the watch ends by a mistake of its own: KeyError: 'x'")
    sender.close(LONG)
    assert place.post.texts == ["the watch ends by a mistake of its own: KeyError: 'x'"]


def test_only_one_tells_of_an_environment_and_the_other_takes_over_when_it_ends(place: Ground) -> None:
    first, second = place.made(), place.made()
    first.start()
    second.start()
    assert second.place() is None
    first.close(LONG)
    second.tell("prod", "from the second")
    second.close(LONG)
    assert place.post.texts == ["from the second"]


def test_what_a_verb_has_to_say_is_told_by_the_one_who_tells_or_by_itself(place: Ground) -> None:
    inbox = NoticeInbox("prod", place.folder, CLOCK, place.narrator, place.post)
    inbox.tell("prod", "tide stays: not enough trades (3 of 30)")
    assert place.post.texts == ["tide stays: not enough trades (3 of 30)"]
    with place.telling():
        inbox.tell("prod", "dip stays: blocked")
    with place.telling():  # It may have been left a moment after the last look.
        pass
    assert place.post.texts[1:] == ["dip stays: blocked"]
    assert list((place.folder / INBOX).iterdir()) == []


def test_nonsense_in_the_folder_is_swept_away(place: Ground) -> None:
    (place.folder / INBOX).mkdir()
    for name, content in {"a.json": b"{", "b.json": b'{"at": "now"}', "c.json": b"\xff" * 10}.items():
        (place.folder / INBOX / name).write_bytes(content)
    (place.folder / INBOX / "d.json").symlink_to("/etc/hostname")
    with place.telling():
        pass
    assert list((place.folder / INBOX).iterdir()) == []
    assert place.post.texts == []


def test_without_a_channel_nothing_is_left_anywhere(tmp_path: Path) -> None:
    place = Ground(tmp_path / "prod")
    NoticeInbox("prod", place.folder, CLOCK, place.narrator, place.post).tell("prod", "x")
    assert not place.folder.exists()
    with place.telling() as sender:
        sender.tell("prod", "x")
        sender.tell_news([notice("y")], Place(9, "h"))
    assert place.kept().waiting == ()
    assert place.kept().place == Place(9, "h")
    assert notice_lines("prod", tmp_path) == ()


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b'{"last": "x"}', b'{"waiting": [{"at": "2026-01-01T00:00:00", "title": "", "text": ""}]}'),
        b'{"waiting": [{"at": "2026-01-01T00:00:00Z", "title": "", "text": "", "picture": {"environment": "prod", "lines": [],'
        b' "since": "2026-01-01T00:00:00Z", "until": "2026-01-01T00:00:00"}}]}',
    ],
)
def test_an_outbox_that_is_damaged_counts_for_nothing_and_is_told(place: Ground, content: bytes) -> None:
    (place.folder / FILE).write_bytes(content)
    with place.telling() as sender:
        assert sender.place() == Place()
    assert "what waited to be told is lost" in place.narrator.lines[0]


def test_where_nothing_can_be_written_people_are_told_all_the_same(place: Ground) -> None:
    (place.folder / FILE).mkdir()
    with place.telling() as sender:
        sender.tell("prod", "the disk is full")
    assert place.post.texts == ["the disk is full"]
    assert any("cannot be written" in line for line in place.narrator.lines)


def test_channels_that_cannot_be_trusted_any_more_lose_nothing_that_waits(place: Ground) -> None:
    place.post.problem = "out of reach"
    with place.telling() as sender:
        sender.tell("prod", "braked")
    (place.folder / "watch" / "secrets.json").chmod(0o644)
    with place.telling():
        pass
    assert [one.text for one in place.kept().waiting] == ["braked"]
    assert any("can be used by others" in line for line in place.narrator.lines)
    (line,) = notice_lines("prod", place.folder.parent)
    assert not line.well


@pytest.mark.sockets
@pytest.mark.processes
def test_a_week_arrives_as_a_real_picture(tmp_path: Path, service: Receiver) -> None:
    ChannelFile(tmp_path / "prod").keep(Secrets(apprise_url=Secret(service.json_url)), CLOCK.now())
    sender = Ground(tmp_path / "prod").made(Delivery())
    sender.start()
    week = Notice(CLOCK.now(), "prod: the week", "dip: 7 trades closed.\n▁▂▃▄▅▆▇█", picture=PICTURE)
    sender.tell_news([week], Place(1, "a", "2026-W02"))
    sender.close(LONG)
    ((_, said),) = service.asked
    assert said["message"] == "dip: 7 trades closed."
    (attached,) = said["attachments"]
    with Image.open(BytesIO(base64.b64decode(attached["base64"]))) as image:
        assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT))


@pytest.mark.sockets
@pytest.mark.processes
def test_no_secret_is_anywhere_but_in_its_file(
    tmp_path: Path, service: Receiver, capfd: pytest.CaptureFixture[str]
) -> None:
    folder, word = tmp_path / "prod", "canary-word-of-apprise"
    secrets = Secrets(
        telegram_token=Secret(TOKEN),
        telegram_chat_id=Secret(CHAT),
        apprise_url=Secret(service.json_url),
        ping_url=Secret(f"{service.url}/canary-word-of-ping"),
    )
    ChannelFile(folder).keep(secrets, CLOCK.now())
    service.status, place = 401, Ground(folder)
    sender = place.made(Delivery(service.url))
    sender.start()
    sender.tell("prod", "braked")
    sender.all_is_well()
    until = threading.Event()
    for _ in range(600):
        if len(service.asked) >= 3 and any(one.name == "ping" for one in place.kept().others):
            break
        until.wait(0.1)
    sender.close(LONG)
    assert {path for path, _ in service.asked} == {f"/bot{TOKEN}/sendMessage", f"/hooks/{word}", "/canary-word-of-ping"}
    planted = (TOKEN, CHAT, word, "canary-word-of-ping")
    assert files_with(tmp_path, planted) == {folder / "watch" / "secrets.json"}
    shown = json.dumps([line.told for line in notice_lines("prod", tmp_path)]) + "\n".join(place.narrator.lines)
    assert "401" in shown
    said = capfd.readouterr()
    assert not leaks_in((shown + said.out + said.err).encode(), planted)
    assert (folder / "watch" / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert (folder / FILE).stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_looked_into_keeps_no_watch_from_beginning(
    place: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = [True]
    read = ChannelFile.read

    def fails(self: ChannelFile) -> Channels:
        if broken:
            broken.clear()
            raise RecursionError("of apprise")
        return read(self)

    monkeypatch.setattr(ChannelFile, "read", fails)
    with place.telling() as sender:
        sender.tell("prod", "braked")
    assert place.post.texts == ["braked"]
