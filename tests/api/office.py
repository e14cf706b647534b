"""An office to ask about: two floors, fixed desks in one large and two small zones, a week of use."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from prometheus_client import CollectorRegistry

from dashboards.api import ApiSettings, create_app
from dashboards.api.access import Resolver
from dashboards.api.service import Checks
from spaces.reading import Reading
from spaces.site import CalendarRule, Floor, Place, Sensor, Site, Space, Zone
from spaces.times import BEGINNING, DAY, MINUTE, Millis, to_millis
from store.live import LiveStates
from store.opening import open_store
from store.protocol import Store
from store.rollups import RollupFiles
from tests.web.served import Served

NOW: Millis = to_millis(datetime(2026, 11, 19, 9, 30, tzinfo=UTC))
"""A Thursday, 10:30 in Berlin."""
FORMULA = '=HYPERLINK("x")'
"""A name that a spreadsheet would run."""
_HOURS = dict.fromkeys(range(5), ((8 * 60, 20 * 60),))
_ZONES = {"team": "f1", "mixed": "f1", "corner": "f2", "meet": "f2"}


def desk(name: str, zone: str, assignment: Any = "flexible") -> Space:
    """Return a desk."""
    return Space(name, f"Desk {name}", "desk", zone, ((BEGINNING, 1),), assignment, place=Place(1, 1, 1.6, 0.8))


def office(own: Mapping[str, int] | None = None) -> Site:
    """Return the site; `own` says how many fixed desks a zone has: 6, 1 and 2 unless given."""
    fixed = {"team": 6, "mixed": 1, "corner": 2} if own is None else own
    spaces = [desk(f"{zone}-own-{number}", zone, "fixed") for zone in fixed for number in range(fixed[zone])]
    spaces += [desk(f"mixed-{number}", "mixed") for number in range(4)]
    spaces += [
        Space("elbe", FORMULA, "room", "meet", ((BEGINNING, 6),)),
        Space("havel", "Havel", "room", "meet", ((BEGINNING, 4),)),
        Space("canteen", "Canteen", "cafe", "meet", ((BEGINNING, 40),)),
        Space("attic", "Attic", "lounge", "meet", ((BEGINNING, 5),)),  # nothing measures it
    ]
    return Site(
        id="office",
        name="Office",
        timezone="Europe/Berlin",
        floors=(Floor("f1", "First", 1), Floor("f2", "Second", 2)),
        zones=tuple(Zone(zone, zone.title(), floor) for zone, floor in _ZONES.items()),
        spaces=tuple(spaces),
        sensors=tuple(Sensor(f"s-{space.id}", space.id) for space in spaces if space.id != "attic"),
        calendars=(CalendarRule(weekly=_HOURS),),
        simulated=True,
    )


def said(site: Site, space: Space, time: Millis, *, used: bool) -> Reading:
    """Return what the sensor of a space says: the cafe and one room count people."""
    counts = space.id in {"elbe", "canteen"}
    people = (min(3, space.capacity_at(time)) if used else 0) if counts else None
    return Reading(site.id, f"s-{space.id}", time, time, occupied=used, people=people, battery=57.5)


def week(site: Site, flipped: Iterable[str] = ()) -> Iterator[Reading]:
    """Give each half hour's readings of the week before NOW; those of flipped spaces say the opposite."""
    for index, space in enumerate(site.spaces):
        if space.id == "attic":
            continue
        for step in range(7 * 48 + 1):
            time = NOW - 7 * DAY + step * 30 * MINUTE - index * 1_000
            used = (index + step // 3) % 3 > 0
            yield said(site, space, time, used=used != (space.id in set(flipped)))


class Office:
    """The API over a real embedded store, behind a real server, with a clock that tests move."""

    def __init__(
        self,
        folder: Path,
        readings: Sequence[Reading] = (),
        *,
        site: Site | None = None,
        checks: Checks | None = None,
        settings: ApiSettings | None = None,
        store: Store | None = None,
        rollups: RollupFiles | None = None,
        others: Iterable[Site] = (),
        resolver: Resolver | None = None,
    ) -> None:
        self.site = site or office()
        self.now = NOW
        self.sites = {each.id: each for each in (self.site, *others)}
        self.store = store or open_store(folder)
        if readings:
            self.store.append(readings)
        self.live = LiveStates(self.store)
        self.registry = CollectorRegistry()
        sites, now = (lambda: self.sites), (lambda: self.now)
        self.app = create_app(
            settings or ApiSettings(), self.store, self.live, sites, now, self.registry,
            checks=checks, rollups=rollups, resolver=resolver,
        )  # fmt: skip
        self._served = Served(self.app)

    @property
    def url(self) -> str:
        """The address of the root."""
        return self._served.url

    @property
    def client(self) -> httpx.Client:
        """What asks below the root, over connections that stay open."""
        return self._client

    def get(self, path: str, method: str = "GET", **query: Any) -> httpx.Response:
        """Ask for an address below the root; `from_` stands for `from`."""
        params = {name.rstrip("_"): value for name, value in query.items()}
        return self._client.request(method, path, params=params or None)

    def ask(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Return the rows of an answer about the site."""
        rows: list[dict[str, Any]] = self.answer(path, **query)["rows"]
        return rows

    def answer(self, path: str, **query: Any) -> dict[str, Any]:
        """Return an answer about the site."""
        response = self.get(f"v1/sites/{self.site.id}/{path}", **query)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def note(self, *batch: Reading) -> None:
        """Commit readings."""
        self.store.append(batch)
        self.live.note(batch)

    def __enter__(self) -> Self:
        self._served.start()
        self._client = httpx.Client(base_url=self._served.url, timeout=30)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()
        self._served.stop()
        self.store.close()
