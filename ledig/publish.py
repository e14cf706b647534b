"""`ledig publish`: what a site's sensors would say, said to a real broker as time goes by."""

import threading
import time
from argparse import ArgumentParser, Namespace

from ledig.arguments import add_exit_after, add_seed, add_simulated_site
from ledig.clock import wall_clock
from ledig.settings import Settings
from ledig.stopping import complain, say
from simulator.publisher import Publisher
from spaces.sitebook import SiteBook
from spaces.times import HOUR

_LOOK_EVERY = 1.0
_DRAIN = 3.0
_BEFORE = 2 * HOUR
"""Begin with what was said shortly before, so that nothing is unknown for long: sensors speak once an hour at least."""


def add_publish(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig publish`."""
    add_simulated_site(command)
    add_seed(command)
    add_exit_after(command)


def publish(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    """Publish until stopped; return the exit status.

    Raises:
        SiteFileError: with every mistake in the site's files.
        SettingsError: the password file cannot be read.
    """
    (site,) = SiteBook([arguments.site]).current().values()
    broker = settings.ingest()
    publisher = Publisher(
        broker.host, broker.port, site=site, seed=arguments.seed, clock=wall_clock, prefix=settings.prefix,
        client_id=f"ledig-publish-{site.id}", username=broker.username, password=broker.password,
        tls=broker.tls, ca_file=broker.ca_file,
    )  # fmt: skip
    publisher.start(wall_clock() - _BEFORE)
    speak = "1 sensor speaks" if len(site.sensors) == 1 else f"{len(site.sensors)} sensors speak"
    say(f"{site.name}, simulated: {speak} to {broker.address}; Ctrl-C ends it")
    try:
        return _watch(publisher, stop, arguments.exit_after)
    finally:
        publisher.stop(_DRAIN)
        say(f"published {publisher.published:,}, acknowledged {publisher.acknowledged:,}")


def _watch(publisher: Publisher, stop: threading.Event, exit_after: float | None) -> int:
    """Say what goes wrong and what is well again, until stopped."""
    until = time.monotonic() + exit_after if exit_after is not None else float("inf")
    said = ""
    while not stop.wait(max(0.0, min(_LOOK_EVERY, until - time.monotonic()))) and time.monotonic() < until:
        if failed := publisher.failed():
            complain(f"ledig publish: {failed}")
            return 1
        trouble = publisher.trouble() or ""
        if trouble != said:
            complain(trouble or "the broker: well again")
        said = trouble
    return 0
