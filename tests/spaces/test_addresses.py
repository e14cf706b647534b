"""Addresses of calendars in site files: what is wrong is said with its line, and never with the address."""

from pathlib import Path

import pytest

from spaces.addresses import parse_address
from spaces.mistakes import Mistake, SiteFileError
from spaces.sitefile import load_site
from tests.ledig.calendarserver import write_site


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("htps://u:s3cret@h.example/s3cret", "an address that begins with htps:// is not fetched; did you mean https?"),
        ("ftp://h.example/s3cret", "an address that begins with ftp:// is not fetched; known are https, http"),
        ("file:///s3cret", "an address that begins with file:// is not fetched"),
        ("webcal://h.example/s3cret", "write https:// where it says webcal://"),
        ("h.example/s3cret", "is no address; write all of it, such as 'https://calendar.example/room.ics'"),
        ("https://h.example/s3cret room.ics", "has blanks in it"),
        ("https:///s3cret", "has no host and port that can be"),
        ("https://h.example:99999/s3cret", "has no host and port that can be"),
        ("https://h.example:s3cret/", "has no host and port that can be"),
        ("https://h.example:0/s3cret", "has no host and port that can be"),
        ("https://[s3cret]/", "has no host and port that can be"),
    ],
)
def test_a_wrong_address_is_said_with_its_line_and_without_itself(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SiteFileError) as raised:
        load_site(write_site(tmp_path, {"elbe": text}))
    (mistake,) = raised.value.mistakes
    assert mistake.line == 14
    assert mistake.message.startswith("space elbe: bookings: ")
    assert said in mistake.message
    assert "s3cret" not in str(mistake)


def test_what_is_no_text_and_what_is_no_room_has_no_address(tmp_path: Path) -> None:
    file = write_site(tmp_path, {"elbe": "https://h.example/s3cret", "havel": "https://h.example/s3cret"})
    text = file.read_text().replace('"https://h.example/s3cret"', '["https://h.example/s3cret"]', 1)
    file.write_text(text.replace('id = "havel"\nkind = "room"', 'id = "havel"\nkind = "cafe"'))
    with pytest.raises(SiteFileError) as raised:
        load_site(file)
    assert [mistake.message for mistake in raised.value.mistakes] == [
        "space elbe: bookings: is not a text in quotes",
        "space havel: bookings: only rooms are booked",
    ]


def test_an_address_is_shown_by_its_host(tmp_path: Path) -> None:
    site = load_site(write_site(tmp_path, {"elbe": "HTTPS://u:s3cret@K\u00f6ln.example:8443/s3cret?x=s3cret#s3cret"}))
    address = site.space_by_id["elbe"].bookings
    assert address is not None
    assert address.url == "https://u:s3cret@xn--kln-sna.example:8443/s3cret?x=s3cret"
    assert f"{address} {address!r} {site!r} {site.spaces}".count("s3cret") == 0
    assert str(address) == "xn--kln-sna.example"


def test_lists_may_have_addresses(tmp_path: Path) -> None:
    write_site(tmp_path, {})
    head = "id,kind,zone,capacity,bookings\n"
    (tmp_path / "spaces.csv").write_text(f"{head}elbe,room,z,4,https://h.example/a.ics\nhavel,room,z,4,\n")
    elbe, havel = load_site(tmp_path).spaces
    assert (elbe.bookings, havel.bookings) == (parse_address("https://h.example/a.ics"), None)


@pytest.mark.parametrize(
    ("lists", "said"),
    [
        ("id,kind,zone,capacity,bookings\nelbe,room,z,{},4\n", "capacity: 'https://...' is not a whole number"),
        ("id,kind,zone,capacity\nelbe,room,z,4,{}\n", "5 fields where the header has 4: elbe,room,z,4,https://..."),
        ("id,kind,zone,capacity\nelbe,{},z,4\n", "kind: 'https://...' is no id; ids are"),
        ("id,kind,zone,capacity,{}\nelbe,room,z,4,\n", "unknown column 'https://...'; known are"),
        ("id,kind,zone,capacity,bookngs\nelbe,room,z,4,{}\n", "the header has 'bookngs'; did you mean bookings?"),
    ],
)
@pytest.mark.parametrize("address", ["https://h.example/s3cret/room.ics?a=s3cret", "https://u:s3cret@h.example/"])
def test_an_address_in_a_wrong_place_is_not_repeated_either(
    tmp_path: Path, lists: str, said: str, address: str
) -> None:
    write_site(tmp_path, {})
    (tmp_path / "spaces.csv").write_text(lists.format(address))
    with pytest.raises(SiteFileError) as raised:
        load_site(tmp_path)
    assert said in str(raised.value)
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("'http://x' is none", "'http://x' is none"),
        ("'mqtt://broker.example:1883', say", "'mqtt://broker.example:1883', say"),
        ("at https://h.example/", "at https://h.example/"),
        ("'https://h.example/s3cret'", "'https://...'"),
        ("'https://h.example?s3cret' is", "'https://...' is"),
        ("'https://u:s3cret@h.example'", "'https://...'"),
        ("'https://u:s3cret...' is too long", "'https://...' is too long"),
    ],
)
def test_a_host_alone_is_shown_and_all_else_of_an_address_is_not(text: str, shown: str) -> None:
    assert Mistake(Path("site.toml"), 1, text).message == shown
