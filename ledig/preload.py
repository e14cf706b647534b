"""History for the demo: what the sensors would have said, through the real decoder and the store."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from ingest.acceptance import Acceptance
from ingest.decoding import Decoder
from ingest.directory import Directory
from ingest.formats.native import Native
from ingest.verdicts import Incoming, readings_of
from simulator.sensors import said_between
from spaces.native import encode_reading, state_topic
from spaces.reading import Reading
from spaces.site import Site
from spaces.times import DAY, Millis
from store.protocol import Store

Progress = Callable[[int, int], None]
"""Called with the days done and the days in all."""


class Preloading:
    """Stores what a simulated site says, each message as if it had come when it was said."""

    def __init__(self, store: Store, site: Site, *, seed: int, prefix: str) -> None:
        self._store, self._site, self._seed, self._prefix = store, site, seed, prefix
        self._decoder, self._acceptance = Decoder(Native(prefix)), Acceptance()
        self._directory = Directory({site.id: site}, "native")

    def run(self, start: Millis, end: Millis, progress: Progress) -> int:
        """Store [start, end) a day at a time, leaving what is there already; return the readings stored."""
        days = -(-(end - start) // DAY)
        stored = 0
        for done, said in enumerate(said_between(self._site, self._seed, start, end), 1):
            batch = self._accepted(said)
            stored += self._store.append(batch).stored
            progress(min(done, days), days)
        return stored

    def _accepted(self, said: Sequence[Reading]) -> list[Reading]:
        """Return what is accepted of a day's messages: judged at its end, and received when each was said."""
        messages = [self._message(reading) for reading in said]
        end = max([reading.time for reading in said], default=0)
        accepted = readings_of(self._acceptance.judge(self._decoder.decode(messages), self._directory, end))
        return [replace(reading, received=reading.time) for reading in accepted]

    def _message(self, reading: Reading) -> Incoming:
        topic = state_topic(self._prefix, reading.site, reading.sensor)
        return 0, 1, topic, encode_reading(reading), False
