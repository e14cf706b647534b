"""The publisher on a real Mosquitto: all readings, in order, each once or more, through a restart of the broker."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date

import pytest
from paho.mqtt.client import Client, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from simulator.publisher import MOST, Publisher
from simulator.sensors import said
from spaces.native import DEFAULT_PREFIX, encode_reading, state_topic
from spaces.times import HOUR, Millis
from tests.brokers import Mosquitto, free_port
from tests.simulator.houses import SEED, betahaus

START: Millis = betahaus().midnight(date(2026, 11, 19)) + 10 * HOUR


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> Millis:
        return self.now


class Listener:
    """A persistent subscriber that keeps what it gets, in order."""

    def __init__(self, port: int) -> None:
        self.got: list[tuple[str, bytes]] = []
        self.subscribed = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, "listener", clean_session=False, protocol=MQTTv311)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe(f"{DEFAULT_PREFIX}/#", qos=1)
        self._client.on_subscribe = lambda *_: self.subscribed.set()
        self._client.on_message = self._take
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self.subscribed.wait(60)

    def _take(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.got.append((message.topic, bytes(message.payload)))

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        # The callbacks refer back here: without them the client is closed at once, not when it is collected.
        self._client.on_connect = self._client.on_subscribe = self._client.on_message = None


@pytest.fixture
def listener(quick_mosquitto: Mosquitto) -> Iterator[Listener]:
    with closing(Listener(quick_mosquitto.port)) as heard:
        yield heard


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def expected(end: Millis) -> list[tuple[str, bytes]]:
    """Return (topic, payload) of what is said until a moment, that moment with it."""
    readings = said(betahaus(), SEED, START, end + 1)
    return [(state_topic(DEFAULT_PREFIX, "betahaus", one.sensor), encode_reading(one)) for one in readings]


def publisher(port: int, clock: Callable[[], Millis]) -> Publisher:
    return Publisher("127.0.0.1", port, site=betahaus(), seed=SEED, clock=clock)


def test_readings_are_published_when_the_clock_reaches_them(quick_mosquitto: Mosquitto, listener: Listener) -> None:
    clock = Clock()
    sending = publisher(quick_mosquitto.port, clock)
    sending.start(START)
    for _ in range(3):
        clock.now += HOUR // 4
        until(lambda: len(listener.got) >= len(expected(clock.now)))
        time.sleep(0.15)
        assert listener.got == expected(clock.now)
    assert sending.stop()
    assert sending.published == sending.acknowledged == len(listener.got) > 200
    assert (sending.failed(), sending.trouble()) == (None, None)


def test_a_clock_far_ahead_is_followed_with_a_bounded_number_on_their_way(
    quick_mosquitto: Mosquitto, listener: Listener
) -> None:
    clock = Clock()
    clock.now += 4 * HOUR
    sending = publisher(quick_mosquitto.port, clock)
    wanted = expected(clock.now)
    sending.start(START)
    most = 0
    while sending.published < len(wanted):
        most = max(most, sending.published - sending.acknowledged)
        assert sending.failed() is None
        time.sleep(0.001)
    assert sending.stop()
    until(lambda: len(listener.got) >= sending.published)
    assert most <= MOST
    assert listener.got == wanted


@pytest.fixture
def lasting(mosquitto: Mosquitto) -> Iterator[Listener]:
    """One whose broker can be killed: at each change it saves, which takes its time."""
    with closing(Listener(mosquitto.port)) as heard:
        yield heard


def test_a_broker_that_is_killed_costs_nothing(mosquitto: Mosquitto, lasting: Listener) -> None:
    clock = Clock()
    sending = publisher(mosquitto.port, clock)
    sending.start(START)
    clock.now += HOUR
    until(lambda: len(lasting.got) >= sending.acknowledged > 100)
    until(lambda: set(lasting.got) >= set(expected(clock.now)))
    mosquitto.save()  # it confirms before it saves, also who has subscribed
    os.kill(mosquitto.pid, signal.SIGSTOP)
    clock.now += HOUR // 2
    until(lambda: sending.published > sending.acknowledged)  # what is on its way now dies with it
    mosquitto.kill()
    until(lambda: sending.trouble() is not None)
    clock.now += HOUR // 2
    time.sleep(0.5)
    mosquitto.start()
    wanted = expected(clock.now)
    until(lambda: sending.acknowledged == len(wanted))
    assert sending.stop()
    until(lambda: set(lasting.got) >= set(wanted))
    assert list(dict.fromkeys(lasting.got)) == wanted, "in the order said, and nothing that was not said"


def test_it_waits_for_a_broker_that_comes_later(quick_mosquitto: Mosquitto) -> None:
    quick_mosquitto.stop()
    clock = Clock()
    clock.now += HOUR // 2
    sending = publisher(quick_mosquitto.port, clock)
    sending.start(START)
    until(lambda: "cannot reach" in (sending.trouble() or ""))
    assert sending.published == 0
    quick_mosquitto.start()
    until(lambda: sending.acknowledged == len(expected(clock.now)))
    assert sending.stop()


def test_it_stops_at_once_where_there_is_no_broker() -> None:
    sending = publisher(free_port(), Clock())
    sending.start(START)
    until(lambda: sending.trouble() is not None)
    begun = time.monotonic()
    assert sending.stop(timeout=60)
    assert time.monotonic() - begun < 30
    assert not [thread for thread in threading.enumerate() if thread.name == "publisher"]


def test_stopping_gives_up_on_what_a_dead_broker_never_acknowledged(quick_mosquitto: Mosquitto) -> None:
    clock = Clock()
    sending = publisher(quick_mosquitto.port, clock)
    sending.start(START)
    until(lambda: sending.trouble() is None and sending.published >= 0)
    clock.now += 6 * HOUR
    until(lambda: sending.published > 0)
    quick_mosquitto.kill()
    begun = time.monotonic()
    drained = sending.stop(timeout=0.5)
    assert drained == (sending.published == sending.acknowledged)
    assert time.monotonic() - begun < 30


def test_what_ends_the_thread_is_told(quick_mosquitto: Mosquitto) -> None:
    def broken() -> Millis:
        raise ArithmeticError("the clock stands still")

    sending = publisher(quick_mosquitto.port, broken)
    sending.start(START)
    until(lambda: sending.failed() is not None)
    assert "the clock stands still" in str(sending.failed())
    sending.stop()


def test_it_starts_once(quick_mosquitto: Mosquitto) -> None:
    sending = publisher(quick_mosquitto.port, Clock())
    sending.start(START)
    with pytest.raises(RuntimeError, match="once"):
        sending.start(START)
    sending.stop()
