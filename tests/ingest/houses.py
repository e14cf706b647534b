"""A site of a desk and a room for tests of ingest, and messages for it."""

from collections.abc import Iterable, Mapping

from ingest.acceptance import Acceptance
from ingest.decoding import Decoder
from ingest.directory import Directory
from ingest.formats.native import Native
from ingest.refusals import Refusal
from ingest.verdicts import Incoming, Verdict
from spaces.site import Floor, Sensor, Site, Space, Zone
from spaces.times import BEGINNING, Millis

NOW: Millis = 1_795_000_000_000
"""19 November 2026."""
PREFIX = "ledig/v1"


def house(site: str = "house") -> Site:
    """Return a site with the sensors d1 (a desk) and r1 (a room)."""
    always = ((BEGINNING, 4),)
    return Site(
        id=site,
        name=site,
        timezone="Europe/Berlin",
        floors=(Floor("f", "f", 0),),
        zones=(Zone("z", "z", "f"),),
        spaces=(Space("desk", "desk", "desk", "z", always, "flexible"), Space("room", "room", "room", "z", always)),
        sensors=(Sensor("d1", "desk"), Sensor("r1", "room")),
    )


def topic(sensor: str = "d1", kind: str = "state", site: str = "house") -> str:
    """Return a topic below the prefix."""
    return f"{PREFIX}/{site}/{sensor}/{kind}"


def judged(
    messages: Iterable[Incoming],
    sites: Mapping[str, Site],
    now: Millis = NOW,
    *,
    acceptance: Acceptance | None = None,
) -> list[Verdict]:
    """Return the verdicts on messages in ledig's own format."""
    return (acceptance or Acceptance()).judge(Decoder(Native(PREFIX)).decode(messages), Directory(sites, "native"), now)


def refusals_of(verdicts: Iterable[Verdict]) -> list[Refusal]:
    """Return what was refused, in the order of the messages."""
    return [refusal for verdict in verdicts for refusal in verdict.refusals]


def message(payload: str | bytes, *, on: str | None = None, retained: bool = False) -> Incoming:
    """Return a message as the link hands it on."""
    return (1, 1, on or topic(), payload.encode() if isinstance(payload, str) else payload, retained)
