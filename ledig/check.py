"""`ledig check`: settings, site files and connections, everything that is wrong at once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from ingest.absence import Absence
from ingest.formats.families import family_of
from ingest.link import BrokerLink, LinkError
from ingest.settings import NATIVE, IngestSettings
from ingest.sources import usual_subscriptions
from ledig.calendarfetcher import check_calendar
from ledig.fetcherrors import FetchError
from ledig.fetching import Fetch
from ledig.problem import USAGE
from ledig.settings import Settings, SettingsError
from ledig.sites import is_demo, sites_to_read
from ledig.stopping import complain, say
from ledig.stores import open_server_store
from spaces.holds import holds
from spaces.mistakes import SiteFileError
from spaces.site import Site, Space
from spaces.summary import counted, summary
from spaces.times import rfc3339
from store.opening import exists, open_store, through
from store.protocol import StoreError
from store.spool import Spool

_AT_ONCE = 8
"""Calendars that are fetched at one time, within so many seconds each."""
_WITHIN = 10.0


def check(settings: Settings) -> int:
    """Say what is well and what is not; return 0, or 2 where something is not."""
    say(f"settings: read; set are {', '.join(sorted(settings.given)) or 'none, all are at their defaults'}")
    well = [_key(settings), _sites(settings), _store(settings), *map(_broker, settings.ingests())]
    return 0 if all(well) else USAGE


def _key(settings: Settings) -> bool:
    try:
        key = settings.api_key()
    except SettingsError as error:
        complain(f"API: {error}")
        return False
    say("API: asks for its viewer key" if key else "API: shows everything to whoever reaches it (api_key_file)")
    return True


def _sites(settings: Settings) -> bool:
    if not settings.sites and not is_demo(settings):
        say("sites: none is named (--sites, LEDIG_SITES, or `sites` in ledig.toml)")
        return True
    try:
        book = sites_to_read(settings, fetched=False)  # what is fetched now says more
    except SiteFileError as error:
        complain(f"sites: {counted(len(error.mistakes), 'mistake')}\n{error}")
        return False
    for site in book.current().values():
        say(f"site {site.id}: {summary(site)}")
        for line in holds(site):
            say(f"site {site.id}: {line}")
    if bent := book.warnings():
        say(f"sites: {counted(len(bent), 'warning')}: taken, but not as written\n" + "\n".join(map(str, bent)))
    if wrong := book.wrong_bookings():
        complain(f"bookings: {counted(len(wrong), 'mistake')}\n" + "\n".join(map(str, wrong)))
    return _addresses(list(book.current().values())) and not wrong


def _addresses(sites: list[Site]) -> bool:
    """Fetch each calendar that has an address, keeping none."""
    rooms = [(site, space) for site in sites for space in site.spaces if space.bookings is not None]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return all(list(threads.map(lambda room: _address(*room), rooms)))


def _address(site: Site, room: Space) -> bool:
    assert room.bookings is not None
    where = f"bookings: room {room.id} of {site.id}: {room.bookings}"
    try:
        data = Fetch(room.bookings, within=_WITHIN).run().data
        number = check_calendar(data or b"", Path(f"{room.id}.ics"), site.tz)
    except FetchError as error:
        complain(f"{where} {error}")
        return False
    say(f"{where} answers, {counted(number, 'booking', ',')}")
    return True


def _store(settings: Settings) -> bool:
    if settings.store != "embedded":
        return all(
            [_server_store(settings), *(_spool(settings, folder) for folder in sorted(settings.data.glob("spool-*")))]
        )
    if not exists(settings.data):
        say(f"store: none in {settings.data} yet; it is made at the first start")
        return True
    try:
        store = open_store(settings.data)
    except StoreError as error:
        complain(f"store: {error}")
        return False
    try:
        say(f"store: {settings.data} holds readings of {', '.join(store.sites()) or 'no site'}")
        if held := through(store):
            say(f"store: {held}")
    finally:
        store.close()
    return True


def _server_store(settings: Settings) -> bool:
    try:
        with closing(open_server_store(settings)) as store:
            held = ", ".join(store.sites()) or "no site"
    except (StoreError, SettingsError) as error:
        complain(f"store: {error}")
        return False
    say(f"store: {settings.store} answers, and holds readings of {held}")
    return True


def _spool(settings: Settings, folder: Path) -> bool:
    """Say what waits in a spool; a worker at work has it to itself, and tells on its /metrics."""
    try:
        with closing(Spool(folder, most_bytes=settings.spool_bytes)) as spool:
            oldest = spool.oldest()
            depth = spool.depth()
            waits = f"{counted(depth, 'reading')} {'waits' if depth == 1 else 'wait'}" + (
                f", the oldest since {rfc3339(oldest)}" if oldest else ""
            )
            say(f"spool: in {folder} {waits}; the next `ledig ingest` or `ledig serve` writes what waits to the store")
            if spool.damaged().records:
                complain(
                    f"spool: {folder} was damaged; lost for certain: {counted(spool.damaged().readings, 'reading')}"
                )
        for copy in sorted(folder.glob("spool.damaged-*")):
            say(f"spool: {copy} is a copy of damaged files; whoever does not need it may delete it")
    except StoreError as error:
        say(f"spool: {folder} is in use ({error}); what waits there is ledig_spool_readings on the worker's /metrics")
    return True


def _broker(ingest: IngestSettings) -> bool:
    """Connect and subscribe under a name of its own, leaving no session behind."""
    ingest = replace(ingest, client_id=f"{ingest.client_id}-check", session_expiry=0)
    where = "broker" if ingest.source == NATIVE else f"source {ingest.source}"
    link = BrokerLink(ingest)
    try:
        link.connect()
    except LinkError as error:
        complain(f"{where}: {error}")
        return False
    finally:
        link.close()
    topics = usual_subscriptions(ingest)
    say(f"{where}: {ingest.address} answers; subscription to {', '.join(topics)} granted")
    _quality(where, ingest)
    return True


def _quality(where: str, ingest: IngestSettings) -> None:
    """Say whose words are lost while nobody listens, as far as was heard."""
    careless = Absence(ingest.noted).at_qos0()
    if careless and not ingest.keeps_qos0:
        advice = "" if ingest.is_native else family_of(ingest.family).advice
        spoke = f"{counted(len(careless), 'sensor')} {'speaks' if len(careless) == 1 else 'speak'} at QoS 0"
        say(f"{where}: {spoke}: what is said while ledig is off is lost. {advice}".rstrip())
