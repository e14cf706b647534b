"""What changes an answer: notes and acknowledgements that are written, readings that come, a key that is brought."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from benchmarks.compare.answers import Stream, answered, bytes_difference, masked
from benchmarks.compare.asking import Both
from benchmarks.compare.checkouts import Probe
from benchmarks.compare.probe import KEY
from benchmarks.compare.questions import JSON, Place, Question, Route, questions

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PEOPLE = {"Accept": "text/html,application/xhtml+xml"}
FORMATS = ("json", "csv", "arrow", "parquet")
TELLING = 6
"""Sensors that say something new."""


def write_notes(both: Both, place: Place) -> None:
    """Write notes and acknowledge sensors, wrongly and rightly, and read them between."""
    site, windows = f"/v1/sites/{place.site}", place.windows()
    notes, kept = f"{site}/notes", f"{site}/acknowledgements"
    seen = Question(f"{notes}?{urlencode(windows['4 weeks'])}")
    day = place.moment.date()
    said = f'{{"date": "{day}", "text": "Lüftung aus & <b>laut</b>"}}'.encode()
    steps = [*(_posted(notes, body) for body in _WRONG_NOTES), *_wrongly_sent(notes, said)]
    # In every format with one note alone: with two, a file tells the least of their random ids, and the largest.
    steps += [_posted(notes, said), *(replace(seen, path=f"{seen.path}&format={form}") for form in FORMATS)]
    steps += [_posted(notes, said.replace(b"aus", b"an")), seen]
    steps += [
        Question(f"{notes}/none", "DELETE"),
        Question(f"{notes}/NEWEST", "DELETE", {"Sec-Fetch-Site": "cross-site"}),
    ]
    steps += [Question(f"{notes}/{one}", "DELETE") for one in ("NEWEST", "NEWEST")]
    steps += [seen, Question(f"{notes}/FIRST", "DELETE"), seen]
    both.steps("notes", steps)
    sensor = both.rows(f"{site}/sensors")[0]["sensor"]
    one, listed = f"{kept}/{sensor}", Question(kept)
    steps = [Question(f"{kept}/none", "PUT", JSON, b"{}"), Question(one, "PUT", JSON, b'{"note": 5}')]
    steps += [Question(one, "PUT", {}, b"{}"), Question(one, "DELETE"), listed]
    steps += [Question(one, "PUT", JSON, b'{"note": " Batterie bestellt "}'), listed]
    steps += [Question(one, "PUT", JSON, b"{}"), Question(f"{kept}?format=csv"), Question(one, "DELETE"), listed]
    both.steps("acknowledgements", steps)


_WRONG_NOTES: Sequence[bytes] = (
    b"", b"{}", b"[]", b"null", b'{"date": "2025-02-30", "text": "x"}', b'{"date": "2025-02-03", "text": ""}',
    b'{"date": "2025-02-03", "text": "x", "who": "me"}', b'{"date": "2025-02-03", "text": "' + b"x" * 201 + b'"}',
    b"x" * 5_000, b"\xff\xfe", b'{"date": 5, "text": "x"}',
)  # fmt: skip


def _posted(path: str, body: bytes) -> Question:
    return Question(path, "POST", JSON, body)


def _wrongly_sent(path: str, body: bytes) -> Iterator[Question]:
    yield Question(path, "POST", {}, body)
    yield Question(path, "POST", {"Content-Type": "text/plain"}, body)
    yield Question(path, "POST", {**JSON, "Sec-Fetch-Site": "cross-site"}, body)


def bring_readings(apis: Sequence[Both], probes: Sequence[Probe], place: Place, routes: Sequence[Route]) -> None:
    """Have new and late readings come while somebody watches; ask what they change, twice."""
    if not apis[0].findings.wants(f"{apis[0].label} readings"):
        return
    with ExitStack() as stack:
        streams = [[stack.enter_context(_watched(url, place)) for url in both.urls] for both in apis]
        events = [[stream.events("state", "change") for stream in sides] for sides in streams]
        seen = [[next(one) for one in sides] for sides in events]
        for probe in probes:
            probe.append(_readings(apis[0].rows(f"/v1/sites/{place.site}/sensors"), place))
        for both, before, sides in zip(apis, seen, events, strict=True):
            old, new = (next(one) for one in sides)
            both.findings.note(f"{both.label} readings: event", bytes_difference(masked(old), masked(new)))
            _come_back(both, place, before)
    for both in apis:
        asked = [question for route in routes for question in _usual(route, place)]
        both.ask(asked, again=" (readings)")
        both.ask(asked, again=" (readings, again)")


def _watched(url: str, place: Place, event: str | None = None) -> Stream:
    headers = {"Last-Event-ID": event} if event else {}
    return Stream(urlsplit(url).netloc, f"/v1/sites/{place.site}/live", headers)


def _come_back(both: Both, place: Place, seen: Sequence[bytes]) -> None:
    """Watch again from the first event on."""
    told = []
    for url, event in zip(both.urls, seen, strict=True):
        found = re.search(rb"(?m)^id: (\S+)$", event)
        assert found is not None
        with _watched(url, place, found[1].decode()) as stream:
            told.append(masked(next(stream.events("state", "change"))))
    both.findings.note(f"{both.label} readings: come back", bytes_difference(*told))


def _readings(sensors: Sequence[Mapping[str, Any]], place: Place) -> list[dict[str, Any]]:
    """Return what sensors from all over the house say: now, and late of yesterday."""
    now = int(place.moment.timestamp() * 1000)
    mapped = [row["sensor"] for row in sensors if row["mapped"]]
    telling = mapped[:: max(len(mapped) // TELLING, 1)]
    return [
        {
            "site": place.site,
            "sensor": sensor,
            "time": now - ago,
            "received": now,
            "occupied": bool(people),
            "people": people,
        }
        for number, sensor in enumerate(telling)
        for ago, people in ((1_000 + number, number % 3), (26 * 3_600_000 + number, 2), (25 * 3_600_000, 0))
    ]


def _usual(route: Route, place: Place) -> Iterator[Question]:
    """Yield a few questions of a route: those that late readings change."""
    windows = place.windows()
    spans = [windows[name] for name in ("usual", "yesterday", "week")] if "from" in route.parameters else [{}]
    groups = ({}, {"group": "kind"}) if "group" in route.parameters else ({},)
    if route.method == "GET" and not route.path.endswith("/live"):
        yield from (Question(route.at(place.site, {**span, **group})) for span in spans for group in groups)


def bring_keys(both: Both, place: Place, routes: Sequence[Route]) -> None:
    """Ask the API that has a viewer key: without it, with a wrong one, and in every way that it may be brought."""
    key, wrong = {"Authorization": f"Bearer {KEY}"}, {"X-API-Key": "a wrong key for whoever asks"}
    for route in routes:
        address = route.at(place.site)
        both.ask([Question(address, route.method), Question(address, route.method, PEOPLE, note="by a browser")])
        both.ask([Question(address, route.method, {**wrong, **PEOPLE}, note="wrong key")])
        if route.method == "GET":
            yes = next(questions(route, place))
            both.ask(
                Question(yes.path, headers=brought, stream=yes.stream, note="key")
                for brought in (key, {"X-API-Key": KEY})
            )
    pages = (
        "/",
        "/use?lang=de",
        "/static/page.css",
        "/healthz",
        "/readyz",
        "/metrics",
        "/docs",
        "/openapi.json",
        "/none",
    )
    both.ask(Question(page, headers=more, note="key" if more else "") for page in pages for more in ({}, key, PEOPLE))
    goals = ("", "&next=use", "&next=https://elsewhere", "&next=//elsewhere", "&next=a%20b")
    forms = ("", "key=wrong", "key=" + "x" * 5_000, f"key={KEY}")
    both.steps("sign in", [_signed_in(form + goal) for form in forms for goal in goals])
    both.ask(Question(f"/sign-in?{goal}", headers=PEOPLE) for goal in (*goals, "lang=de"))
    # What the older side gave out is shown to both: whoever is signed in stays so.
    cookie = answered(both.urls[0], _signed_in(f"key={KEY}")).headers["set-cookie"].partition(";")[0]
    for shown in (cookie, cookie[:-1], f"a=b; {cookie}", f"ledig_viewer={KEY}"):
        both.ask([Question(f"/v1/sites/{place.site}", headers={"Cookie": shown}, note=shown)])


def _signed_in(form: str) -> Question:
    return Question("/sign-in", "POST", FORM, form.encode(), note=form[:40])
