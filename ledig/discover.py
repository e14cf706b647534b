"""`ledig discover`: which sensors speak at a source, what they would mean, and where they belong."""

import sys
import threading
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

import paho.mqtt.client as mqtt

from ingest.clients import CONNECT_SECONDS, make_client
from ingest.directory import Directory
from ingest.discovery import Discovery, Found, Place, places, rows, unplaced
from ingest.formats.families import family_of
from ingest.settings import IngestSettings
from ingest.sources import format_of, own_models, subscriptions
from ledig.clock import wall_clock
from ledig.problem import CommandError
from ledig.settings import Settings
from ledig.sites import sites_of
from ledig.stopping import complain, say
from ledig.tables import lines
from spaces.holds import spelt as duration
from spaces.mistakes import did_you_mean
from spaces.sensorlist import COLUMNS, Row, SensorListError, add_sensors, list_of, spelt
from spaces.sitebook import SiteBook
from spaces.sitefile import load_site
from spaces.summary import counted
from spaces.times import MINUTE, Millis

_QOS = 2
"""A message comes at the lesser of this and that at which it was published: so it is seen which that is."""


def add_discover(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig discover`."""
    command.add_argument("--source", metavar="NAME", help="listen to this source alone")
    command.add_argument(
        "--seconds", type=float, default=60, metavar="N", help="listen for so long (default: 60; Ctrl-C ends it)"
    )
    command.add_argument(
        "--write", action="store_true", help="write what has a place by its name into sensors.csv, without asking"
    )


def discover(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    """Listen, keep nothing, and tell; return the exit status.

    Raises:
        CommandError: there is nothing to listen to, or it cannot be heard.
    """
    book = sites_of(settings)
    chosen = _chosen(settings, arguments.source)
    heard = [_Ear(ingest, book) for ingest in chosen]
    with ExitStack() as stack:
        for ear in heard:
            stack.callback(ear.close)
            ear.open()
        say(f"Listening to {', '.join(map(str, heard))}. Nothing is kept. Ctrl-C ends it.")
        _wait(heard, stop, arguments.seconds)
    found = [_tell(ear.discovery, ear.settings) for ear in heard]
    _mention([row for ear in heard for row in unplaced(ear.discovery, places(ear.discovery))])
    _offer([row for one in found for row in one], settings.sites, write=arguments.write)
    return 0


def _chosen(settings: Settings, name: str | None) -> list[IngestSettings]:
    every = [one for one in settings.ingests() if not one.is_native]
    if not every:
        raise CommandError("no source of others is named; add [[source]] with its family and broker to ledig.toml")
    if name is not None and name not in {one.source for one in every}:
        raise CommandError(f"there is no source {name!r}{did_you_mean(name, [one.source for one in every])}")
    return [one for one in every if name in {None, one.source}]


class _Ear:
    """Listens to one source, with a session of its own that leaves nothing behind."""

    def __init__(self, settings: IngestSettings, book: SiteBook) -> None:
        self.settings = replace(settings, client_id=f"{settings.client_id}-discover-{token_hex(4)}", session_expiry=0)
        sites = book.current()
        self._form = format_of(settings, own_models(sites))
        directory = Directory(sites, settings.source, home=settings.home)
        self.discovery = Discovery(self._form, directory, settings.source)
        self._client = make_client(mqtt.Client, self.settings, clean=True)
        self._granted, self._trouble = threading.Event(), ""
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._granted.set()
        self._client.on_message = self._on_message

    def __str__(self) -> str:
        return f"{self.settings.address} ({family_of(self.settings.family).title})"

    def open(self) -> None:
        try:
            self._client.connect(self.settings.host, self.settings.port)
        except (OSError, ValueError) as error:
            raise CommandError(f"{self.settings.address} cannot be reached: {error}") from error
        self._client.loop_start()
        if not self._granted.wait(CONNECT_SECONDS):
            raise CommandError(self._trouble or f"{self.settings.address} did not answer in {CONNECT_SECONDS:g} s")

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: mqtt.Client, _data: object, _flags: object, code: object, _more: object) -> None:
        if getattr(code, "is_failure", False):
            self._trouble = f"{self.settings.address} refused the connection: {code}"
            return
        topics = subscriptions(replace(self.settings, share=None), self._form.filters)
        client.subscribe([(topic, _QOS) for topic in topics])

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        try:
            payload = bytes(message.payload[: self._form.limit(message.topic) + 1])
            self.discovery.hear(message.topic, payload, qos=message.qos, retained=message.retain, received=wall_clock())
        except Exception as error:  # noqa: BLE001 - one message never ends the listening
            self.discovery.refused[type(error).__name__] += 1


def _wait(heard: Sequence[_Ear], stop: threading.Event, seconds: float) -> None:
    """Wait, and show how much was heard where somebody looks."""
    until, shown = time.monotonic() + seconds, sys.stderr.isatty()
    while not stop.is_set() and (left := until - time.monotonic()) > 0:
        stop.wait(min(left, 1.0))
        if shown:
            number = sum(ear.discovery.messages for ear in heard)
            past = seconds - max(until - time.monotonic(), 0)
            minutes, rest = divmod(int(past), 60)
            sys.stderr.write(f"\r{minutes} min {rest} s, {counted(number, 'message', ',')} ")
            sys.stderr.flush()
    if shown:
        sys.stderr.write("\n")


def _tell(discovery: Discovery, settings: IngestSettings) -> list[tuple[str, Row]]:
    """Say what was heard of a source; return the rows that place what has a place by its name."""
    now, proposed = wall_clock(), places(discovery)
    order = sorted(discovery.found, key=lambda address: (address not in proposed, _name(discovery.found[address])))
    say("")
    number, others = counted(len(discovery.found), "sensor"), counted(discovery.others, "topic")
    heard = counted(discovery.messages, "message", ",")
    say(f"{discovery.source}: {number} about presence, {others} about other things (not read), {heard}")
    if order:
        header = ("name", "model", "now", "place", "said", "repeats", "QoS", "battery")
        for line in lines(header, [_line(discovery.found[one], proposed.get(one), now) for one in order]):
            say(line)
    for reason, count in sorted(discovery.refused.items()):
        say(f"! {counted(count, 'message')} could not be used: {reason}")
    advice = family_of(settings.family).advice
    if discovery.at_qos0() and not settings.keeps_qos0:
        say(f"! They come at QoS 0: what is said while ledig is off is lost. {advice}")
    return list(rows(discovery, proposed, order))


def _name(found: Found) -> str:
    return found.device.label or found.device.address


def _line(found: Found, place: Place | None, now: Millis) -> tuple[str, ...]:
    model = f"{found.model.name}{'?' if found.certainty == 'guessed' else ''}" if found.model is not None else "?"
    state = {True: "in use", False: "free", None: "not known" if found.said else "not yet"}[found.state]
    if found.people:
        state = f"{found.people} there"
    where = "?" if place is None else f"{place.space.id}{'' if place.known else ' (by name)'}"
    ago = "-" if found.last is None or not found.said else f"{max(now - found.last, 0) // 1000} s ago"
    every = duration(-(-found.longest // MINUTE) * MINUTE) if found.longest else "-"
    battery = "-" if found.battery is None else f"{found.battery:g} %"
    return _name(found)[:40], model, state, where, ago, every, str(found.qos) if found.said else "-", battery


def _offer(found: Sequence[tuple[str, Row]], paths: Sequence[Path], *, write: bool) -> None:
    """Show the rows, and write them where that was asked for, or is now."""
    files = {load_site(path).id: path for path in paths}
    for site, path in files.items():
        mine = [row for name, row in found if name == site]
        if not mine:
            continue
        say(f"\nFor {list_of(path)}:\n{','.join(COLUMNS)}\n{spelt(mine)}".rstrip())
        if write or _agrees(f"Write {counted(len(mine), 'line')} into {list_of(path)}? [y/N] "):
            try:
                say(f"written: {add_sensors(path, mine)}")
            except SensorListError as error:
                complain(str(error))


def _mention(found: Sequence[Row]) -> None:
    """Show the rows of those that have no place: whoever knows it puts it in."""
    if found:
        text = "".join(f"# {line}\n" for line in spelt(found).splitlines())
        say(f"\nWithout a place by their names:\n{text}".rstrip())


def _agrees(question: str) -> bool:
    """Whether somebody who is there says yes."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    try:
        return input(question).strip().lower() in {"y", "yes"}
    except EOFError:
        return False
