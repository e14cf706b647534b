"""Calendars from addresses: fetched again and again, the last good one kept, from servers that are and that are not."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from dashboards.api.calendarmetrics import CalendarCollector
from ledig.calendarfetcher import AT_ONCE, CalendarFetcher
from ledig.clock import wall_clock
from ledig.main import run
from spaces.bookings import Bookings
from spaces.sitebook import SiteBook
from spaces.times import DAY, HOUR, Millis
from tests.brokers import free_port
from tests.ledig.calendarserver import (
    CALENDAR,
    SECRETS,
    Answer,
    CalendarServer,
    bomb,
    hang,
    plain,
    with_etag,
    write_site,
)
from tests.ledig.running import Running, wait_for

LATER = CALENDAR.replace(b"20261118T08", b"20261118T07")


class House:
    """A site book and what fetches for it, by a clock that tests move."""

    def __init__(self, folder: Path, every: float = 0.3) -> None:
        self.now: Millis = wall_clock()
        self.kept = folder / "data"
        self.book = SiteBook([folder / "site.toml"], fetched=self.kept, look_every=0)
        self.fetcher = CalendarFetcher(self.book.current, self.kept, lambda: self.now, every=every)

    @property
    def bookings(self) -> Bookings:
        return self.book.current()["h"].bookings

    def hours(self, room: str = "elbe") -> float | None:
        """Return how long a room is booked, None where that is not known."""
        calendar = self.bookings.calendars.get(room)
        if calendar is None or not self.bookings.are_known(room, self.now):
            return None
        return float((calendar.times[:, 1] - calendar.times[:, 0]).sum() / HOUR)

    def said(self) -> str:
        """Return what is wrong, which has nothing of an address but its host."""
        self.book.current()
        said = "\n".join(map(str, self.book.wrong_bookings()))
        assert not [secret for secret in SECRETS if secret in said]
        return said


@contextmanager
def running(folder: Path, every: float = 0.3) -> Iterator[House]:
    house = House(folder, every)
    house.fetcher.start()
    try:
        yield house
    finally:
        house.fetcher.stop()


def until(holds: Callable[[], bool]) -> None:
    wait_for(holds, "it does not come to hold", 20)


def test_a_calendar_is_fetched_and_what_has_not_changed_is_not_sent_again(tmp_path: Path) -> None:
    with CalendarServer({"/room.ics": with_etag('"one"')}) as server:
        write_site(tmp_path, {"elbe": server.url()})
        with running(tmp_path) as house:
            until(lambda: house.hours() == 1)
            first = house.bookings.checked["elbe"]
            house.now += 60_000
            until(lambda: house.bookings.checked["elbe"] == house.now != first)
            assert server.asked[-1][1]["if-none-match"] == '"one"'
            server.answers["/room.ics"] = with_etag('"two"', LATER)
            until(lambda: house.hours() == 2)
            assert house.said() == ""
    file = tmp_path / "data/h/elbe.ics"
    for private in (file, file.with_suffix(".json")):
        assert private.stat().st_mode & 0o777 == 0o600
        assert not [secret for secret in SECRETS if secret.encode() in private.read_bytes()]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (plain(b"<html>s3cret-t0ken</html>"), "room elbe: localhost answers what is no calendar"),
        (plain(CALENDAR[:-30]), "room elbe: localhost answers a calendar that is not taken up"),
        (plain(CALENDAR, length=1000), "room elbe: localhost breaks off in the middle of its answer"),
        (plain(b"", "401 No"), "room elbe: localhost answers 401"),
        (plain(b"", "500 No"), "room elbe: localhost answers 500"),
        (bomb(), "room elbe: localhost answers more than 20 MB"),
        (hang, "room elbe: localhost does not answer within"),
    ],
)
def test_the_last_good_one_stays_whatever_is_answered(tmp_path: Path, answer: Answer, said: str) -> None:
    with CalendarServer({"/room.ics": plain()}) as server:
        write_site(tmp_path, {"elbe": server.url()})
        with running(tmp_path, 0.5) as house:
            until(lambda: house.hours() == 1)
            server.answers["/room.ics"] = answer
            until(lambda: said in house.said())
            assert house.hours() == 1
            checked = house.bookings.checked["elbe"]
            assert checked is not None
            assert house.bookings.as_of("elbe", checked + HOUR + 1) == checked
            house.now += DAY + HOUR
            assert house.hours() is None, "nobody knows after a day"
            server.answers["/room.ics"] = plain(LATER)
            until(lambda: house.hours() == 2)
            until(lambda: not house.said())


def test_what_was_fetched_outlives_the_process_and_the_network(tmp_path: Path) -> None:
    with CalendarServer({"/room.ics": plain()}) as server:
        write_site(tmp_path, {"elbe": server.url()})
        with running(tmp_path, 60) as house:
            until(lambda: house.hours() == 1)
            checked = house.bookings.checked["elbe"]
        with running(tmp_path, 60) as again:
            assert again.hours() == 1
            time.sleep(1)
            assert len(server.asked) == 1, "it is fresh yet"
    later = House(tmp_path)
    assert (later.hours(), later.bookings.checked["elbe"]) == (1, checked)
    with running(tmp_path) as alone:
        until(lambda: "cannot be reached" in alone.said())
        assert alone.hours() == 1


def test_an_address_counts_from_when_it_is_written_and_until_it_is_taken_away(tmp_path: Path) -> None:
    with CalendarServer({"/a.ics": plain(), "/b.ics": hang}) as server:
        write_site(tmp_path, {"elbe": server.url("/a.ics"), "havel": None})
        with running(tmp_path, 60) as house:
            until(lambda: house.hours() == 1)
            write_site(tmp_path, {"elbe": server.url("/b.ics"), "havel": server.url("/a.ics")})
            until(lambda: house.hours("havel") == 1)
            assert house.hours() is None, "what was fetched from elsewhere is not of this address"
            server.answers["/b.ics"] = plain(LATER)
            write_site(tmp_path, {"elbe": server.url("/b.ics") + "&new=1"})
            until(lambda: house.hours() == 2)
            write_site(tmp_path, {"elbe": None})
            until(lambda: not list((tmp_path / "data/h").iterdir()))
            assert (house.bookings.calendars, house.bookings.checked) == ({}, {})


def test_a_file_beside_an_address_is_a_mistake_and_the_address_holds(tmp_path: Path) -> None:
    with CalendarServer({"/room.ics": plain()}) as server:
        write_site(tmp_path, {"elbe": server.url()})
        (tmp_path / "bookings").mkdir()
        (tmp_path / "bookings/elbe.ics").write_bytes(LATER)
        with running(tmp_path) as house:
            until(lambda: house.hours() == 1)
            assert "bookings/elbe.ics:1: room elbe has an address in the site file, and that holds" in house.said()


def test_many_rooms_are_fetched_a_few_at_a_time(tmp_path: Path) -> None:
    rooms = {f"r{number}": number for number in range(3 * AT_ONCE)}

    def slow(answer: Answer) -> Answer:
        def waits(connection: object, headers: object) -> None:
            time.sleep(0.05)
            answer(connection, headers)  # type: ignore[arg-type]  # handed on

        return waits

    with CalendarServer({f"/{room}.ics": slow(plain()) for room in rooms}) as server:
        write_site(tmp_path, {room: server.url(f"/{room}.ics") for room in rooms})
        with running(tmp_path, 60) as house:
            until(lambda: all(house.hours(room) == 1 for room in rooms))
        assert server.most <= AT_ONCE
        assert len(server.asked) == len(rooms)


def test_processes_of_one_folder_take_turns(tmp_path: Path) -> None:
    with CalendarServer({"/room.ics": plain()}) as server:
        write_site(tmp_path, {"elbe": server.url()})
        with running(tmp_path, 60) as one:
            until(lambda: one.hours() == 1)
            with running(tmp_path, 0.3) as other:
                until(lambda: other.hours() == 1)
                time.sleep(1)
                assert len(server.asked) == 1
                one.fetcher.stop()
                until(lambda: len(server.asked) > 1)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    write_site(tmp_path, {"elbe": "http://127.0.0.1:9/room.ics"})
    (tmp_path / "data").write_text("in the way")
    with running(tmp_path) as house:
        until(lambda: "cannot be kept" in (house.fetcher.trouble() or ""))


def test_the_end_does_not_wait_for_who_hangs(tmp_path: Path) -> None:
    with CalendarServer({"/room.ics": hang}) as server:
        write_site(tmp_path, {"elbe": server.url()})
        with running(tmp_path, 60):
            until(lambda: bool(server.asked))
            began = time.monotonic()
        assert time.monotonic() - began < 2


def test_metrics_tell_how_many_are_known_and_how_many_not(tmp_path: Path) -> None:
    with CalendarServer({"/a.ics": plain()}) as server:
        write_site(tmp_path, {"elbe": server.url("/a.ics"), "havel": server.url("/b.ics"), "spree": None})
        with running(tmp_path) as house:
            until(lambda: house.hours() == 1)
            registry = CollectorRegistry()
            registry.register(CalendarCollector(house.book.current, lambda: house.now + 2 * HOUR))
            text = generate_latest(registry).decode()
    assert 'ledig_calendar_addresses{bookings="old",site="h"} 1.0' in text
    assert 'ledig_calendar_addresses{bookings="unknown",site="h"} 1.0' in text
    assert 'ledig_calendar_addresses{bookings="known",site="h"} 0.0' in text


@pytest.fixture(scope="module")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A CalDAV server with a member, and a calendar of theirs: the address of their collections."""
    folder, port = tmp_path_factory.mktemp("radicale"), free_port()
    (folder / "users").write_text("member:passw0rd\n")
    (folder / "config").write_text(
        f"[server]\nhosts = 127.0.0.1:{port}\n[auth]\ntype = htpasswd\nhtpasswd_filename = {folder}/users\n"
        f"htpasswd_encryption = plain\n[storage]\nfilesystem_folder = {folder}/kept\n"
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "radicale", "--config", str(folder / "config")], stdout=log, stderr=log
        )
        try:
            wait_for(partial(_answers, f"http://127.0.0.1:{port}/.web/"), "Radicale does not answer")
            yield f"http://member:passw0rd@127.0.0.1:{port}/member"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def _answers(url: str) -> bool:
    try:
        httpx.get(url)
    except httpx.HTTPError:
        return False
    return True


def put(url: str, calendar: bytes) -> None:
    """Put a calendar to a CalDAV server, in place of the one that was."""
    response = httpx.put(f"{url}/", content=calendar, headers={"Content-Type": "text/calendar"})
    assert response.status_code == 201, response.text


def test_a_real_caldav_server_is_read(tmp_path: Path, radicale: str) -> None:
    put(f"{radicale}/elbe", CALENDAR)
    write_site(tmp_path, {"elbe": f"{radicale}/elbe/", "havel": f"{radicale}/none/"})
    with running(tmp_path, 3) as house:
        until(lambda: house.hours() == 1)
        until(lambda: "room havel: 127.0.0.1 answers 404" in house.said())
        put(f"{radicale}/elbe", LATER)
        until(lambda: house.hours() == 2)
        write_site(tmp_path, {"elbe": f"{radicale}/elbe/".replace("passw0rd", "passw0rd1")})
        until(lambda: "room elbe: 127.0.0.1 answers 401 (Unauthorized)" in house.said())
        assert house.hours() is None


def test_check_tries_each_address_and_repeats_none(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    options = ["--data", str(tmp_path / "d"), "--broker", f"mqtt://127.0.0.1:{free_port()}"]
    with CalendarServer({"/a.ics": plain()}) as server:
        file = write_site(tmp_path, {"elbe": server.url("/a.ics"), "havel": server.url("/b.ics")})
        assert run(["check", "--sites", str(file), *options]) == 2
    said = capfd.readouterr()
    assert "bookings: room elbe of h: localhost answers, 1 booking\n" in said.out
    assert "bookings: room havel of h: localhost answers 404 (Not Found); is the address" in said.err
    assert not [secret for secret in SECRETS if secret in said.out + said.err]
    assert not (tmp_path / "d/calendars").exists()


def test_serve_fetches_says_what_is_wrong_and_ends_at_once_while_a_server_hangs(tmp_path: Path) -> None:
    port = free_port()
    with CalendarServer({"/a.ics": plain(), "/hangs.ics": hang}) as server:
        rooms = {"elbe": server.url("/a.ics"), "havel": server.url("/b.ics"), "spree": server.url("/hangs.ics")}
        file = write_site(tmp_path, rooms)
        options = ("--data", tmp_path / "data", "--sites", file, "--broker", f"mqtt://127.0.0.1:{free_port()}")
        with Running("serve", *options, "--port", port) as serving:
            serving.until("room havel: localhost answers 404 (Not Found)")
            until(lambda: "/hangs.ics" in [path for path, _ in server.asked])
            until((tmp_path / "data/calendars/h/elbe.ics").exists)
            page = f"http://127.0.0.1:{port}"
            texts = [httpx.get(f"{page}{path}").text for path in ("/metrics", "/v1/sites", "/v1/sites/h")]
            until(lambda: 'bookings="known",site="h"} 1.0' in httpx.get(f"{page}/metrics").text)
            began = time.monotonic()
            os.killpg(serving.process.pid, signal.SIGTERM)
            assert serving.ended() == 0
            assert time.monotonic() - began < 5
        assert not [secret for secret in SECRETS if secret in "".join((serving.said, *texts))]
