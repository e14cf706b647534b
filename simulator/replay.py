"""Replaying a recording through a broker: with its own spacing, at any speed, or as fast as the broker takes it."""

import random
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from simulator.recording import Message, Recording, RecordingError
from simulator.sender import Broker, Sender, SenderError
from spaces.fields import ID_RULE, is_id
from spaces.mistakes import Mistake
from spaces.native import DEFAULT_PREFIX
from spaces.reading import Reading
from spaces.times import MINUTE, SECOND, Millis

LIVE_WITHIN: Millis = 10 * MINUTE
"""A reading received this soon after its event time was measured as it happened: nobody replayed it."""
_TURN_EVERY = 50
"""Messages handed over between two looks at what was acknowledged."""
_LOOK_SECONDS = 0.2
"""The longest wait between two looks at whether to stop."""
_LAST_WORDS_SECONDS = 5.0
"""How long a stopped replay waits for what it has sent to be acknowledged."""
_BACKOFF_SECONDS = (0.2, 10.0)
_MOST_FRUITLESS = 5
"""Connections in a row that broke before anything was acknowledged: the broker will not have this message."""


class Plan(NamedTuple):
    """What a replay will send: how many messages, published when (UTC ms), and which sites they are of."""

    messages: int
    first: Millis
    last: Millis
    sites: tuple[str, ...]


class Sent(NamedTuple):
    """How far a replay has come: acknowledged messages of how many, and the moment of the last one sent."""

    acknowledged: int
    messages: int
    at: Millis


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay did: `sent` of `messages` handed over, `acknowledged` by the broker; whether it was stopped."""

    messages: int
    sent: int
    acknowledged: int
    stopped: bool


def live_sensors(latest: Sequence[Reading]) -> list[str]:
    """Return the sensors, among the latest readings of a site, that measure as it happens.

    A replayed history is received long after its event times; what came within ten minutes was live.

    >>> live_sensors([Reading("s", "a", 1_000_000, 1_000_200), Reading("s", "b", 1_000_000, 90_000_000)])
    ['a']
    """
    return sorted({reading.sensor for reading in latest if reading.received - reading.time < LIVE_WITHIN})


class Replay:
    """One replay of one recording; run it once.

    `speed` divides the recording's spacing (60 plays an hour in a minute); None sends as fast as the broker
    acknowledges. `rename_site` moves the recording's site, and no other, to another name. `progress` is called a few
    times a second, `trouble` with why the line broke. Set `stop` to end early; a second replay sends everything
    again, which changes nothing that the first had brought.
    """

    def __init__(  # noqa: PLR0913 - the options of a command
        self,
        recording: Recording,
        broker: Broker,
        *,
        speed: float | None = None,
        rename_site: str | None = None,
        prefix: str = DEFAULT_PREFIX,
        stop: threading.Event | None = None,
        progress: Callable[[Sent], None] = lambda _: None,
        trouble: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Take the settings.

        Raises:
            ValueError: on a speed that is not above 0, or a name that no site can have.
        """
        if speed is not None and not 0 < speed < float("inf"):
            raise ValueError(f"a speed of {speed:g} leads nowhere; 1 is the original, 60 an hour in a minute")
        if rename_site is not None and not is_id(rename_site):
            raise ValueError(f"{rename_site!r} is no id for a site; ids are {ID_RULE}")
        self._recording = recording
        self._speed = speed
        self._prefix = prefix
        self._old = f"{prefix}/{recording.header.site}/"
        self._new = f"{prefix}/{rename_site}/" if rename_site else self._old
        self._sender = Sender(broker)
        self._stop = stop or threading.Event()
        self._progress = progress
        self._trouble = trouble
        self._plan: Plan | None = None
        self._at: Millis = 0
        self._shown = 0.0
        self._fruitless = 0
        self._acknowledged_before = 0

    def plan(self) -> Plan:
        """Read the whole recording, so that nothing is sent of one that is broken, and say what it holds.

        Raises:
            RecordingError: where it is broken, or holds nothing of the site that is to be renamed.
        """
        if self._plan is None:
            survey = self._recording.survey()
            self._check_renaming(survey.topics)
            sites = {site for topic in survey.topics if (site := self._site_of(self._renamed_topic(topic)))}
            self._plan = Plan(survey.messages, survey.first, survey.last, tuple(sorted(sites)))
        return self._plan

    def run(self) -> Replayed:
        """Send the recording, and return when the broker has acknowledged all of it or it was told to stop.

        Raises:
            RecordingError: where the recording is broken; nothing was sent.
            SenderError: where the broker cannot be reached at first (later breaks are mended), or breaks off again
                and again at the same message.
        """
        plan = self.plan()
        try:
            self._sender.connect()
            self._send(plan)
            self._wait_for_acknowledgements()
            self._show()
        finally:
            self._sender.close()
        sender = self._sender
        finished = sender.acknowledged == plan.messages
        return Replayed(plan.messages, sender.sent, sender.acknowledged, stopped=not finished)

    def _send(self, plan: Plan) -> None:
        began = time.monotonic()
        for message in self._messages():
            if self._speed is not None:
                self._wait_until(began + (message.at - plan.first) / SECOND / self._speed)
            while not self._sender.room and not self._stop.is_set():
                self._turn(_LOOK_SECONDS)
            if self._stop.is_set():
                return
            self._sender.send(message)
            self._at = message.at
            if self._sender.sent % _TURN_EVERY == 0:
                self._turn(0)

    def _messages(self) -> Iterator[Message]:
        for message in self._recording:
            topic = self._renamed_topic(message.topic)
            yield message if topic == message.topic else msgspec.structs.replace(message, topic=topic)

    def _renamed_topic(self, topic: str) -> str:
        return self._new + topic[len(self._old) :] if topic.startswith(self._old) else topic

    def _check_renaming(self, topics: Collection[str]) -> None:
        """Refuse to rename what is not there: the messages would go where nobody wants them."""
        if self._new != self._old and topics and not any(topic.startswith(self._old) for topic in topics):
            message = f"no topic begins with {self._old}, so no site can be renamed; is the prefix another?"
            raise RecordingError([Mistake(self._recording.path, 2, message)])

    def _site_of(self, topic: str) -> str | None:
        rest = topic.removeprefix(f"{self._prefix}/")
        return rest.split("/")[0] if rest != topic and "/" in rest else None

    def _wait_until(self, due: float) -> None:
        while (left := due - time.monotonic()) > 0 and not self._stop.is_set():
            self._turn(min(left, _LOOK_SECONDS))

    def _wait_for_acknowledgements(self) -> None:
        until: float | None = None
        while self._sender.acknowledged < self._sender.sent:
            if self._stop.is_set():
                until = until or time.monotonic() + _LAST_WORDS_SECONDS
                if time.monotonic() > until or not self._sender.up:
                    return
            self._turn(_LOOK_SECONDS)

    def _turn(self, seconds: float) -> None:
        try:
            self._sender.turn(seconds)
        except SenderError as error:
            self._trouble(str(error))
            self._count_fruitless(error)
            self._connect_again()
        if time.monotonic() - self._shown >= _LOOK_SECONDS:
            self._show()

    def _count_fruitless(self, error: SenderError) -> None:
        acknowledged = self._sender.acknowledged
        idle = acknowledged == self._sender.sent
        self._fruitless = 0 if idle or acknowledged > self._acknowledged_before else self._fruitless + 1
        self._acknowledged_before = acknowledged
        if self._fruitless > _MOST_FRUITLESS:
            raise SenderError(
                f"{error}, {self._fruitless} times in a row with nothing acknowledged: a message near number"
                f" {acknowledged + 1:,} may be larger than the broker takes"
            ) from error

    def _connect_again(self) -> None:
        wait, longest = _BACKOFF_SECONDS
        while not self._stop.wait(wait * random.uniform(0.5, 1.0)):
            try:
                self._sender.connect()
            except SenderError as error:
                self._trouble(str(error))
                wait = min(2 * wait, longest)
            else:
                return

    def _show(self) -> None:
        self._shown = time.monotonic()
        self._progress(Sent(self._sender.acknowledged, self.plan().messages, self._at))
