"""`ledig size --back-test` as people run it: every model beside what came, on simulated and on real history."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from ingest.verdicts import Incoming, readings_of
from ledig.main import run
from simulator.convert import convert
from simulator.recording import open_recording
from spaces.reading import Reading
from spaces.sitefile import load_site
from spaces.times import DAY, HOUR, MINUTE, Millis
from store.opening import open_store
from tests.ingest.houses import judged
from tests.programs import shared

DOCS = Path(__file__).parents[2] / "docs/real-data"
MONDAY: Millis = 1_767_567_600_000
"""2026-01-05T00:00+01:00."""
DESKS = 12


def site_file(folder: Path, members: str = "[[members]]\nfrom = 2026-01-01\nflexible = 30\n", own: int = 0) -> Path:
    desks = [(f"d{number}", "flexible") for number in range(DESKS)] + [(f"o{number}", "fixed") for number in range(own)]
    spaces = "".join(
        f'[[space]]\nid = "{name}"\nkind = "desk"\nzone = "z"\nassignment = "{assignment}"\n'
        f'[[sensor]]\nid = "s-{name}"\nspace = "{name}"\nsilence = "24h"\n'
        for name, assignment in desks
    )
    text = (
        '[site]\nid = "hut"\nname = "Hut"\ntimezone = "Europe/Berlin"\nsimulated = true\n'
        f'{members}[[calendar]]\nhours = {{ weekdays = "08:00-18:00" }}\n[[floor]]\nid = "f"\n'
        f'[[zone]]\nid = "z"\nfloor = "f"\n{spaces}'
    )
    (folder / "site.toml").write_text(text, encoding="utf-8")
    return folder


def filled(folder: Path, weeks: int) -> Path:
    """Fill a store with days on which chance has each desk in use for some hours, or not at all."""
    chance, rows = np.random.default_rng(2), []
    for day in range(weeks * 7):
        mood = chance.beta(3, 3)
        for desk in range(DESKS):
            midnight = MONDAY + day * DAY
            begin = midnight + int(chance.integers(8 * 60, 11 * 60)) * MINUTE
            used = bool(chance.random() < mood)
            for time, occupied in ((midnight, False), (begin, used), (begin + 6 * HOUR, False)):
                rows.append(Reading("hut", f"s-d{desk}", time, time, occupied=occupied))
    store = open_store(folder)
    store.append(rows)
    store.close()
    return folder


def tables(said: str) -> dict[str, list[str]]:
    """Return the models of each table by its first word."""
    found = {}
    for head, body in re.findall(r"^(\w[\w ]*?) +off by, desks.*\n-.*\n((?:.+\n)+)", said, re.MULTILINE):
        rows = [re.split(r" {2,}", line) for line in body.splitlines()]
        assert all(re.fullmatch(r"\d+\.\d\d", row[1]) and re.fullmatch(r"[+-]\d+\.\d\d", row[2]) for row in rows)
        found[head] = [row[0] for row in rows]
    return found


SHORT = ["binomial", "beta-binomial", "infinite servers", "as in the first half"]
REFUSED = ["Engset", "Erlang B", "modified offered load", "Hayward", "as in the first half"]
DAY_LONG = ["modified offered load, whole day", "as in the first half"]
ALL = {"short": SHORT, "refused": REFUSED, "refused day": DAY_LONG}


def test_models_are_held_against_a_houses_second_half(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--sites", str(site_file(tmp_path)), "--data", str(filled(tmp_path / "data", 9))]
    assert run(["size", "--back-test", *flags]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Simulated")
    assert "stays at 12 flexible desks, 30 members. Fitted on the first 22 days, held against the other 23." in said
    assert tables(said) == ALL
    assert run(["size", "--back-test", *flags, "--members", "44"]) == 0
    assert "44 members" in capsys.readouterr().out
    assert run(["size", "--back-test", *flags, "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [row["model"] for row in answer["rows"]] == [*SHORT, *REFUSED, *DAY_LONG]
    assert (answer["meta"]["simulated"], answer["meta"]["days"]) == (True, 45)
    assert run(["size", "--back-test", *flags, "--format", "csv"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "model,measure,off,bias,desks,met"
    assert run(["size", "--back-test", "--scenario", "x.toml", *flags]) == 2
    assert "give one of them" in capsys.readouterr().err


def test_real_counts_of_people_are_held_against_their_second_half(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Four rooms of a university building: stays are of people in rooms, and a seat is what a desk is elsewhere."""
    recording = tmp_path / "sdu.jsonl.gz"
    convert(DOCS / "sdu.toml", recording, data=shared("data/sdu"))
    site = load_site(DOCS / "odense")
    messages: list[Incoming] = [(0, 1, one.topic, one.payload, False) for one in open_recording(recording)]
    now = MONDAY
    store = open_store(tmp_path / "data")
    store.append(readings_of(judged(messages, {site.id: site}, now)))
    store.close()
    assert run(["size", "--back-test", "--sites", str(DOCS / "odense"), "--data", str(tmp_path / "data")]) == 0
    said = capsys.readouterr().out
    assert (
        "people counted in 4 rooms of 232 seats, taken for 232 members; who came first is taken to leave first" in said
    )
    assert "Fitted on the first 7 days, held against the other 7." in said
    assert tables(said) == ALL
    assert not re.search(r"\bnan\b|\binf\b", said)


@pytest.mark.parametrize(
    ("members", "more", "said"),
    [
        ("", (0, []), "the site file names no flexible members; say how many with --members"),
        ("", (2, ["--pool", "fixed"]), "fixed desks of hut are not shown"),
        ("[[members]]\nfrom = 2026-01-01\nflexible = 30\n", (0, []), "each half needs 4 days from Monday to Friday"),
    ],
)
def test_what_cannot_be_tried_is_said_plainly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], members: str, more: tuple[int, list[str]], said: str
) -> None:
    own, flags = more
    folder = site_file(tmp_path, members, own)
    house = ["--sites", str(folder), "--data", str(filled(tmp_path / "data", 1))]
    assert run(["size", "--back-test", *house, *flags]) == 2
    assert said in capsys.readouterr().err
