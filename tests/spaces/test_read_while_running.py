"""Files that are looked at while running: none of them ends a service, whatever is in it or in its place."""

import os
import string
from collections.abc import Callable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import spaces.bookings
import spaces.calendarfile
from ledig.settings import load_settings
from spaces.bookings import parse_calendar, read_bookings, read_calendar
from spaces.guard import one_mistake
from spaces.mistakes import FileError, Mistake
from spaces.scenariofile import load_scenario
from spaces.sitebook import SiteBook
from spaces.sitefile import load_site
from tests.spaces.test_bookings import BERLIN, HOURS, WINDOW, a_site, shown, write
from tests.spaces.test_calendar_cases import DAILY, DAYS, outlook
from tests.spaces.test_scenariofile import WHOLE as SCENARIO
from tests.spaces.test_sitefile import GOOD as SITE

CALENDAR = (
    "BEGIN:VCALENDAR\nMETHOD:PUBLISH\n" + outlook() + "\nBEGIN:VEVENT\nUID:1\nSEQUENCE:1\nDTSTAMP:20260101T000000Z\n"
    "DTSTART;TZID=Europe/Berlin:20261102T090000\nDTEND;TZID=Customized Time Zone:20261102T100000\n"
    "RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=-1MO,2TU;BYSETPOS=1;UNTIL=20271231T000000Z;WKST=SU\n"
    "EXDATE;VALUE=DATE:20261130\nRDATE;VALUE=PERIOD:20261105T080000Z/PT1H\nEND:VEVENT\nBEGIN:VEVENT\nUID:1\n"
    "RECURRENCE-ID;RANGE=THISANDFUTURE:20261110T080000Z\nDTSTART:20261110T090000Z\nDURATION:P1DT1H\n"
    "STATUS:CONFIRMED\nTRANSP:OPAQUE\nEND:VEVENT\nEND:VCALENDAR\n"
)
SETTINGS = 'port = 8080\nsites = ["~/x", "b"]\nbroker = "mqtt://h"\nmost_days = 3\n'
WORDS = (
    "garbage", "99999999999999999999", "00010101T000000", "99991231T235959Z", "20261131", "20260511T240000", "-1", "0",
    "1e999", "nan", "inf", '"', "'", "\\", "[", "]]", "{", "=", ";", ":", ",", "\n", "\r", "\x00", "\ufeff", "\u2028",
    "FREQ=DAILY", "COUNT=", "BYSETPOS=-366", "P999999999W", "-PT1S", "TZID=", "VALUE=DATE", "BEGIN:VEVENT", "~nobody",
    "9" * 5_000, "[" * 2_000, "0x", "1979-05-27T24:00:00Z", "0001-01-01", "9999-12-31", "true", "\udcff",
)  # fmt: skip


@st.composite
def spoilt(draw: st.DrawFn, text: str) -> bytes:
    """Draw a text of which pieces were lost, doubled, moved, or written over."""
    for _ in range(draw(st.integers(1, 4))):
        low = draw(st.integers(0, len(text)))
        high = min(len(text), low + draw(st.integers(0, 30)))
        piece = draw(st.sampled_from([*WORDS, "", text[low:high] * 2]) | st.text(string.printable, max_size=5))
        text = text[:low] + piece + text[high:]
    return text.encode("utf-8", "surrogateescape")


def mistakes_of(read: Callable[[], object]) -> Sequence[Mistake]:
    """Read, and take mistakes for an answer."""
    try:
        read()
    except FileError as error:
        return error.mistakes
    return ()


def judged(read: Callable[[], object]) -> None:
    """Read, and look whether mistakes have a place and a line of text."""
    assert all(mistake.line >= 1 and "\n" not in str(mistake) for mistake in mistakes_of(read))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spoilt")


@given(data=spoilt(CALENDAR) | st.binary(max_size=200))
def test_a_spoilt_calendar_is_read_or_has_mistakes(data: bytes) -> None:
    found, mistakes = parse_calendar(data, Path("elbe.ics"), BERLIN, 2031)
    assert (found is None) == bool(mistakes)
    for mistake in mistakes:
        assert 1 <= mistake.line <= data.count(b"\n") + data.count(b"\r") + 1
    if found is not None:
        assert (found.times[:, 0] < found.times[:, 1]).all()
        found.between(*WINDOW)


@given(data=spoilt(SITE) | st.binary(max_size=200))
@example(data=b"a = " + b"[" * 5_000)
@example(data=b"a = " + b"9" * 5_000)
@settings(max_examples=60)
def test_a_spoilt_site_is_read_or_has_mistakes(folder: Path, data: bytes) -> None:
    (folder / "site.toml").write_bytes(data)
    judged(lambda: load_site(folder))


@given(data=spoilt("id,name,kind,zone,capacity\na,A,desk,z,1\nb,B,room,z,4\n") | st.binary(max_size=200))
@settings(max_examples=60)
def test_spoilt_lists_of_a_site_are_read_or_have_mistakes(folder: Path, data: bytes) -> None:
    (folder / "listed").mkdir(exist_ok=True)
    (folder / "listed/site.toml").write_text('[site]\nid = "h"\ntimezone = "Europe/Berlin"\n')
    (folder / "listed/spaces.csv").write_bytes(data)
    judged(lambda: load_site(folder / "listed"))


@given(data=spoilt(SCENARIO) | st.binary(max_size=200))
@example(data=b"a = " + b"[" * 5_000)
@settings(max_examples=60)
def test_a_spoilt_scenario_is_read_or_has_mistakes(folder: Path, data: bytes) -> None:
    (folder / "scenario.toml").write_bytes(data)
    judged(lambda: load_scenario(folder / "scenario.toml"))


@given(data=spoilt(SETTINGS) | st.binary(max_size=200))
@example(data=b'data = "~nobody"')
@example(data=b"a = " + b"[" * 5_000)
@settings(max_examples=60)
def test_spoilt_settings_are_read_or_have_mistakes(folder: Path, data: bytes) -> None:
    (folder / "ledig.toml").write_bytes(data)
    judged(lambda: load_settings(folder / "ledig.toml", environment={}))


def test_whatever_a_reader_throws_is_one_mistake_of_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def throw(*_: object) -> None:
        raise KeyError("no such thing")

    monkeypatch.setattr(spaces.calendarfile, "parse_stream", throw)
    path = write(tmp_path, HOURS)
    assert [str(mistake) for mistake in read_calendar(path, BERLIN)[1]] == [
        f"{path}:1: cannot be read: KeyError: 'no such thing'"
    ]
    with pytest.raises(FileError, match="cannot be read: MemoryError"), one_mistake(path):
        raise MemoryError


def pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize(
    "make", [pipe, Path.mkdir, lambda path: path.symlink_to("/dev/zero"), lambda path: path.symlink_to(path)]
)
def test_what_is_no_file_is_a_mistake_and_waits_for_nobody(tmp_path: Path, make: Callable[[Path], None]) -> None:
    for name in ("elbe.ics", "site.toml", "ledig.toml", "scenario.toml", "spaces.csv"):
        make(tmp_path / name)
    assert "cannot be read" in str(read_calendar(tmp_path / "elbe.ics", BERLIN)[1][0])
    for read in (load_site, load_settings, load_scenario):
        name = {"load_site": "site", "load_settings": "ledig", "load_scenario": "scenario"}[read.__name__]
        with pytest.raises(FileError, match=r"cannot be read|no such file"):
            read(tmp_path / f"{name}.toml")


def test_a_file_is_read_up_to_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spaces.bookings, "read_file", lambda file: spaces.guard.read_file(file, 1_000))
    assert read_calendar(write(tmp_path, HOURS), BERLIN)[0] is not None
    _, (mistake,) = read_calendar(write(tmp_path, *[HOURS] * 30), BERLIN)
    assert "it is larger than 0.001 MB" in mistake.message


def test_a_folder_that_cannot_be_read_is_a_mistake_and_its_calendars_stay(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    book = SiteBook([site], look_every=0)
    before = book.current()["h"].bookings.calendars
    (tmp_path / "bookings").rename(tmp_path / "aside")
    (tmp_path / "bookings").write_text("no folder")
    assert book.current()["h"].bookings.calendars == before
    assert [str(mistake) for mistake in book.wrong_bookings()] == [
        f"{tmp_path}/bookings:1: cannot be read: Not a directory"
    ]
    (tmp_path / "bookings").unlink()
    (tmp_path / "aside").rename(tmp_path / "bookings")
    assert list(book.current()["h"].bookings.calendars) == ["elbe"]
    assert not book.wrong_bookings()


def test_a_site_with_mistakes_holds_no_calendar_up(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    book = SiteBook([site], look_every=0)
    (tmp_path / "site.toml").write_text("[site\n")
    write(tmp_path / "bookings", DAILY)
    (calendar,) = book.current()["h"].bookings.calendars.values()
    assert [shown(booking) for booking in calendar.between(*WINDOW)] == DAYS
    assert len(book.mistakes()) == 1


def test_a_corrected_file_counts_at_once_whatever_its_time_says(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    event = ("DTSTART;TZID=Mine:20261118T090000", "DURATION:PT1H")
    path = write(tmp_path / "bookings", event, before=outlook("Mine", "-0500", "-0500"))
    book = SiteBook([site], look_every=0)
    times = path.stat()
    for offset, expected in (("+0100", "18.11. 08:00"), ("+0200", "18.11. 07:00")):
        write(tmp_path / "bookings", event, before=outlook("Mine", offset, offset))
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        (calendar,) = book.current()["h"].bookings.calendars.values()
        assert [shown(booking) for booking in calendar.between(*WINDOW)] == [(expected, 1)]


def test_a_file_that_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    for name in ("elbe", "spree"):
        write(tmp_path, DAILY, name=name)
    rooms, first = ["elbe", "spree"], read_bookings(tmp_path, ["elbe", "spree"], BERLIN)[0]
    write(tmp_path, HOURS, name="spree")
    second, _ = read_bookings(tmp_path, rooms, BERLIN, first)
    assert second.calendars["elbe"] is first.calendars["elbe"]
    assert second.calendars["spree"] is not first.calendars["spree"]
    elsewhere, _ = read_bookings(tmp_path, rooms, ZoneInfo("Asia/Tokyo"), second)
    assert elsewhere.calendars["elbe"] is not second.calendars["elbe"], "times without a zone are the site's"


def test_series_are_laid_out_anew_when_the_year_turns(tmp_path: Path) -> None:
    site, years = a_site(tmp_path), [2027]
    write(tmp_path / "bookings", ("DTSTART;VALUE=DATE:20261102", "RRULE:FREQ=YEARLY"))
    book = SiteBook([site], look_every=0, through=lambda: years[0])

    def booked() -> int:
        return len(book.current()["h"].bookings.calendars["elbe"].times)

    assert (booked(), years.__setitem__(0, 2028), booked()) == (2, None, 3)


def test_warnings_are_told_of_files_as_they_are_now(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    write(tmp_path / "bookings", ("DTSTART;VALUE=DATE:20261102", "DTEND;VALUE=DATE:20261102"))
    book = SiteBook([site], look_every=0)
    assert [(warning.line, "taken as a whole" in warning.message) for warning in book.warnings()] == [(7, True)]
    write(tmp_path / "bookings", ("DTSTART;VALUE=DATE:garbage",))
    assert len(book.current()["h"].bookings.calendars) == 1
    assert book.warnings() == []
