"""One calendar fetched: bounded in time and size, led nowhere inside, and silent of its address."""

import ssl
import subprocess
import threading
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ledig.calendarfetcher import check_calendar
from ledig.fetcherrors import FetchError
from ledig.fetching import Fetch
from ledig.publicnumbers import is_public
from spaces.addresses import parse_address
from tests.ledig.calendarserver import (
    CALENDAR,
    SECRETS,
    Answer,
    CalendarServer,
    bomb,
    drip,
    hang,
    leads_to,
    plain,
    with_etag,
)
from tests.programs import required

UTC = ZoneInfo("UTC")
_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PAGE = b"<html><title>Log in to see /room.ics?key=s3cret-t0ken</title></html>"


def wrong(url: str, within: float = 5.0) -> str:
    """Return what is said of an address that gives no calendar; never anything of it but its host."""
    address = parse_address(url)
    with pytest.raises(FetchError) as raised:
        check_calendar(Fetch(address, within=within).run().data or b"", Path("room.ics"), UTC)
    said = f"{address} {raised.value} {address!r} {raised.value.__cause__}"
    assert not [secret for secret in (*SECRETS, "member", "room.ics?") if secret in said]
    return str(raised.value)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (plain(PAGE, Content_Type="text/html"), "answers what is no calendar; is it a page to log in?"),
        (plain(b""), "answers what is no calendar"),
        (plain(CALENDAR[:-30]), "answers a calendar that is not taken up: line "),
        (plain(CALENDAR.replace(b"0Z\r\nDTEND", b"0X\r\nDTEND")), "answers a calendar that is not taken up: line 6"),
        (plain(b"", length=50_000_000), "answers more than 20 MB"),
        (plain(bytes(50_000_000), length=-1), "answers more than 20 MB"),
        (bomb(), "answers more than 20 MB"),
        (plain(b"no gzip", Content_Encoding="gzip"), "answers in gzip that cannot be unpacked"),
        (plain(b"", Content_Encoding="br"), "answers in an encoding that nobody asked for"),
        (plain(CALENDAR, length=len(CALENDAR) * 2), "breaks off in the middle of its answer"),
        (plain(b"5\r\nBEGIN", length=-1, Transfer_Encoding="chunked"), "answers what is not HTTP, or breaks off"),
        (plain(b"", "304 Not Modified"), "answers 304 (Not Modified)"),
        (plain(b"", "401 s3cret-t0ken"), "answers 401 (Unauthorized); it wants a name and password"),
        (plain(b"", "404 Not Found"), "answers 404 (Not Found); is the address still that"),
        (plain(b"", "500 s3cret-t0ken"), "answers 500 (Internal Server Error)"),
        (plain(b"", "599 s3cret-t0ken"), "answers 599"),
        (plain(CALENDAR, "206 Partial Content"), "answers 206 (Partial Content)"),
        (leads_to("http://localhost/room.ics?key=s3cret-t0ken"), "leads on to something else than https"),
        (leads_to("file:///etc/passwd"), "leads on to no address that can be"),
        (leads_to(""), "leads on to something else than https"),
        (leads_to("https://127.0.0.1:8443/"), "leads on to an inner address of the network"),
        (leads_to("https://[::1]/"), "leads on to an inner address of the network"),
        (leads_to("https://[::ffff:192.168.0.1]/"), "leads on to an inner address of the network"),
        (leads_to("https://169.254.169.254/latest"), "leads on to an inner address of the network"),
        (leads_to("https://localhost:1/"), "leads on to an inner address of the network"),
        (lambda connection, _: connection.sendall(b"s3cret-t0ken\r\n\r\n"), "answers what is not HTTP, or breaks off"),
        (lambda connection, _: connection.close(), "answers what is not HTTP, or breaks off"),
    ],
)  # fmt: skip
def test_what_is_no_calendar_is_said_without_the_address(answer: Answer, said: str) -> None:
    with CalendarServer({"/room.ics": answer}) as server:
        assert wrong(server.url()).startswith(said)


@pytest.mark.parametrize(
    "answer", [hang, drip(b""), drip(b"HTTP/1.1 200 OK\r\nX: "), drip(b"HTTP/1.1 200 OK\r\n\r\n"), drip(_CHUNKED)]
)
def test_whoever_hangs_or_drips_is_left_in_time(answer: Answer) -> None:
    with CalendarServer({"/room.ics": answer}) as server:
        began = time.monotonic()
        assert wrong(server.url(), within=0.5) == "does not answer within 0.5 s"
        assert time.monotonic() - began < 5


def test_a_fetch_that_hangs_ends_when_it_is_broken_off() -> None:
    with CalendarServer({"/room.ics": hang}) as server:
        fetch = Fetch(parse_address(server.url()))

        def run() -> None:
            with pytest.raises(FetchError):
                fetch.run()

        thread = threading.Thread(target=run)
        thread.start()
        while not server.asked:
            time.sleep(0.01)
        fetch.break_off()
        thread.join(5)
        assert not thread.is_alive()


def test_a_host_that_is_not_there_is_said() -> None:
    with CalendarServer({}) as server:
        url = server.url()
    assert wrong(url).startswith("cannot be reached: ")
    fetch = Fetch(parse_address("https://calendar.example/"), look_up=lambda *_: [])
    with pytest.raises(FetchError, match="has no address in the network"):
        fetch.run()


def test_what_has_not_changed_is_not_sent_again() -> None:
    with CalendarServer({"/room.ics": with_etag('"one"')}) as server:
        address = parse_address(server.url())
        first = Fetch(address).run()
        assert (first.data, first.etag) == (CALENDAR, '"one"')
        assert Fetch(address, etag=first.etag).run().data is None
        assert Fetch(address, etag='"other"', modified="Wed, 18 Nov 2026 08:00:00 GMT").run().data == CALENDAR
        assert server.asked[-1][1]["if-modified-since"] == "Wed, 18 Nov 2026 08:00:00 GMT"


def test_name_and_password_go_to_whom_they_were_written_for() -> None:
    with CalendarServer({"/a%20b.ics": plain()}) as server:
        Fetch(parse_address(f"http://us%40er:p%3Aw@127.0.0.1:{server.port}/a%20b.ics")).run()
        assert server.asked[-1][1]["authorization"] == "Basic dXNAZXI6cDp3"
        assert server.asked[-1][1]["host"] == f"127.0.0.1:{server.port}"


def test_a_name_is_looked_up_once_and_what_was_judged_is_connected_to() -> None:
    """A name that is public first and inner then leads nowhere: there is no second look."""
    asked: list[str] = []

    def look_up(host: str, _port: int) -> list[str]:
        asked.append(host)
        if host == "localhost":
            return ["127.0.0.1"]
        return ["9.9.9.9", "10.0.0.1"] if host == "both.example" else ["10.0.0.1"]

    for host in ("inner.example", "both.example"):
        with CalendarServer({"/room.ics": leads_to(f"https://{host}/x")}) as server:
            fetch = Fetch(parse_address(server.url()), look_up=look_up)
            with pytest.raises(FetchError, match="inner address"):
                fetch.run()
    assert asked == ["localhost", "inner.example", "localhost", "both.example"]


@pytest.mark.parametrize(
    "number",
    ["127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
     "255.255.255.255", "::", "::1", "fe80::1%1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1",
     "::7f00:1", "2002:7f00:1::", "64:ff9b::a00:1", "2001:db8::1"],
)  # fmt: skip
def test_inner_numbers_are_not_public(number: str) -> None:
    assert not is_public(number)


def test_others_are() -> None:
    assert all(is_public(number) for number in ("9.9.9.9", "2620:fe::fe", "::ffff:9.9.9.9", "2002:909:909::"))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key, file = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [required("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", file,
         "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, file


def test_https_trusts_the_name_that_was_written_and_follows_to_https(certificate: tuple[Path, Path]) -> None:
    key, file = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    trusting = ssl.create_default_context(cafile=str(file))
    with CalendarServer({"/room.ics": leads_to("/moved.ics"), "/moved.ics": plain()}, context) as server:
        url = server.url(scheme="https")
        assert Fetch(parse_address(url), context=trusting).run().data == CALENDAR
        assert "cannot be trusted" in wrong(url)
        other = Fetch(parse_address(url.replace("localhost", "127.0.0.1")), context=trusting)
        with pytest.raises(FetchError, match="cannot be trusted"):
            other.run()
        assert server.asked[1][1]["authorization"].startswith("Basic ")


def test_whoever_leads_in_circles_is_left(certificate: tuple[Path, Path]) -> None:
    key, file = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    with CalendarServer({"/room.ics": leads_to("/room.ics")}, context) as server:
        fetch = Fetch(parse_address(server.url(scheme="https")), context=ssl.create_default_context(cafile=str(file)))
        with pytest.raises(FetchError, match="leads on more than 5 times"):
            fetch.run()
