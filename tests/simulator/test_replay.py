"""Replay through a real Mosquitto: everything arrives in its order, with its spacing, whatever breaks on the way."""

import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.enums import CallbackAPIVersion

from simulator.recording import Header, Message, Recorder, Recording, RecordingError, open_recording
from simulator.replay import Replay, Sent, live_sensors
from simulator.sender import Broker, SenderError
from spaces.reading import Reading
from spaces.times import DAY, MINUTE
from tests.brokers import Mosquitto, free_port
from tests.programs import required

START = 1_486_335_600_000


class Listener:
    """A client that keeps what it hears, and when. A lasting one hears what came while it was away, too."""

    def __init__(self, port: int, *, lasting: bool = False) -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        self.at: list[float] = []
        self._subscribed = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="listener", clean_session=not lasting)
        self._client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(1, 1)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self._subscribed.wait(60)

    def wait_for(self, count: int, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while len(self.heard) < count and time.monotonic() < until:
            time.sleep(0.01)
        assert len(self.heard) >= count

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        self.heard.append((message.topic, bytes(message.payload), message.retain))
        self.at.append(time.monotonic())


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Mosquitto]:
    folder = tmp_path / "quick"
    folder.mkdir()
    broker = Mosquitto(required("mosquitto"), folder, durable=False)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def listener(quick: Mosquitto) -> Iterator[Listener]:
    listening = Listener(quick.port)
    yield listening
    listening.close()


def counts(number: int, *, spacing: int = MINUTE, sensors: int = 3, site: str = "odense") -> list[Message]:
    return [
        Message(START + i // sensors * spacing, f"ledig/v1/{site}/s{i % sensors}/state", b'{"people":%d}' % i)
        for i in range(number)
    ]


def recording(folder: Path, messages: list[Message]) -> Recording:
    path = folder / "r.jsonl"
    with Recorder(path, Header(site="odense")) as recorder:
        for message in messages:
            recorder.append(message)
    return open_recording(path)


def by_topic(messages: list[tuple[str, bytes, bool]]) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for topic, payload, _ in messages:
        found.setdefault(topic, []).append(payload)
    return found


def sent(messages: list[Message]) -> list[tuple[str, bytes, bool]]:
    return [(message.topic, message.payload, message.retain) for message in messages]


def test_everything_arrives_in_order_as_fast_as_it_is_taken(
    tmp_path: Path, quick: Mosquitto, listener: Listener
) -> None:
    messages = counts(5_000)
    shown: list[Sent] = []
    replay = Replay(recording(tmp_path, messages), Broker(port=quick.port), progress=shown.append)
    done = replay.run()
    assert (done.messages, done.sent, done.acknowledged, done.stopped) == (5_000, 5_000, 5_000, False)
    listener.wait_for(5_000)
    assert listener.heard == sent(messages)
    assert shown[-1] == Sent(5_000, 5_000, messages[-1].at)
    assert [step.acknowledged for step in shown] == sorted(step.acknowledged for step in shown)


def test_any_payload_arrives_as_it_was(tmp_path: Path, quick: Mosquitto, listener: Listener) -> None:
    payloads = [b"\xff\x00\xfe", "é".encode(), b"{}", bytes(range(256)) * 400]
    messages = [Message(START, "ledig/v1/odense/s/state", payload) for payload in payloads]
    Replay(recording(tmp_path, messages), Broker(port=quick.port)).run()
    listener.wait_for(len(messages))
    assert listener.heard == sent(messages)


def test_a_retained_message_is_retained_again(tmp_path: Path, mosquitto: Mosquitto) -> None:
    messages = [Message(START, "a/kept", b"1", retain=True), Message(START, "a/gone", b"2")]
    Replay(recording(tmp_path, messages), Broker(port=mosquitto.port)).run()
    late = Listener(mosquitto.port)
    late.wait_for(1)
    late.close()
    assert late.heard == [("a/kept", b"1", True)]


def test_the_spacing_is_the_recordings_divided_by_the_speed(
    tmp_path: Path, quick: Mosquitto, listener: Listener
) -> None:
    messages = counts(4, spacing=10 * MINUTE, sensors=1)
    began = time.monotonic()
    Replay(recording(tmp_path, messages), Broker(port=quick.port), speed=2_400).run()
    took = time.monotonic() - began
    listener.wait_for(4)
    assert took >= 0.75  # 30 minutes at 2,400 times; never early, and a busy machine may be late
    assert all(b - a > 0.05 for a, b in pairwise(listener.at))


def test_what_goes_back_in_time_is_sent_at_once(tmp_path: Path, quick: Mosquitto, listener: Listener) -> None:
    messages = [Message(START + at, "a/b", b"%d" % at) for at in (0, 500, 100, 0)]
    Replay(recording(tmp_path, messages), Broker(port=quick.port), speed=10).run()
    listener.wait_for(4)
    assert listener.heard == sent(messages)


def test_a_site_is_renamed_and_no_other(tmp_path: Path, quick: Mosquitto, listener: Listener) -> None:
    topics = ["ledig/v1/odense/s/state", "ledig/v1/odense2/s/state", "other/ledig/v1/odense/s/state", "odense"]
    messages = [Message(START, topic, b"x") for topic in topics]
    replay = Replay(recording(tmp_path, messages), Broker(port=quick.port), rename_site="again")
    assert replay.plan().sites == ("again", "odense2")
    replay.run()
    listener.wait_for(4)
    assert [topic for topic, _, _ in listener.heard] == ["ledig/v1/again/s/state", *topics[1:]]


def test_a_stopped_replay_says_so_and_the_next_sends_everything(
    tmp_path: Path, quick: Mosquitto, listener: Listener
) -> None:
    messages = counts(300)
    stop = threading.Event()
    kept = recording(tmp_path, messages)

    def stop_soon(step: Sent) -> None:
        if step.acknowledged:
            stop.set()

    first = Replay(kept, Broker(port=quick.port), speed=60 * 100, stop=stop, progress=stop_soon).run()
    assert first.stopped
    assert 0 < first.acknowledged == first.sent < 300
    assert not Replay(kept, Broker(port=quick.port)).run().stopped
    listener.wait_for(first.sent + 300)
    assert listener.heard == sent(messages[: first.sent]) + sent(messages)


@pytest.mark.timeout(180)
def test_a_broker_that_dies_on_the_way_loses_nothing(tmp_path: Path, mosquitto: Mosquitto) -> None:
    listener = Listener(mosquitto.port, lasting=True)
    messages = counts(600, sensors=2)
    troubles: list[str] = []
    replay = Replay(recording(tmp_path, messages), Broker(port=mosquitto.port), speed=60 * 100, trouble=troubles.append)
    kill = threading.Thread(target=_restart, args=(mosquitto,))
    kill.start()
    done = replay.run()
    kill.join()
    assert done.acknowledged == 600
    assert troubles
    wanted = by_topic(sent(messages))
    until = time.monotonic() + 60
    while not _all_there(listener, wanted) and time.monotonic() < until:
        time.sleep(0.1)
    listener.close()
    for topic, payloads in by_topic(listener.heard).items():
        assert list(dict.fromkeys(payloads)) == wanted[topic]
    assert set(by_topic(listener.heard)) == set(wanted)


def _restart(mosquitto: Mosquitto) -> None:
    time.sleep(1)
    mosquitto.stop()
    time.sleep(0.5)
    mosquitto.start()


def _all_there(listener: Listener, wanted: dict[str, list[bytes]]) -> bool:
    heard = by_topic(list(listener.heard))
    return all(set(payloads) <= set(heard.get(topic, ())) for topic, payloads in wanted.items())


def test_a_stop_ends_a_replay_whose_broker_is_gone(tmp_path: Path, mosquitto: Mosquitto) -> None:
    stop = threading.Event()
    replay = Replay(
        recording(tmp_path, counts(1_000)),
        Broker(port=mosquitto.port),
        speed=60,
        stop=stop,
        progress=lambda _: mosquitto.kill(),
        trouble=lambda _: stop.set(),
    )
    assert replay.run().stopped


def test_a_broker_that_is_not_there_is_said(tmp_path: Path) -> None:
    replay = Replay(recording(tmp_path, counts(1)), Broker(port=free_port()))
    with pytest.raises(SenderError, match=r"mqtt://127\.0\.0\.1:\d+ cannot be reached"):
        replay.run()


def test_a_broker_that_refuses_is_said(tmp_path: Path, mosquitto: Mosquitto) -> None:
    mosquitto.stop()
    mosquitto.require_password()
    mosquitto.start()
    replay = Replay(recording(tmp_path, counts(1)), Broker(port=mosquitto.port))
    with pytest.raises(SenderError, match="refused the connection"):
        replay.run()


def test_a_message_that_the_broker_will_not_have_ends_the_replay(
    tmp_path: Path, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.replay._BACKOFF_SECONDS", (0.02, 0.1))
    mosquitto.stop()
    mosquitto.configure("max_packet_size 1000")
    mosquitto.start()
    messages = [
        Message(START, "a/b", b"small"),
        Message(START, "a/b", b"large" * 1_000),
        Message(START, "a/b", b"next"),
    ]
    with pytest.raises(SenderError, match="times in a row with nothing acknowledged: a message near number"):
        Replay(recording(tmp_path, messages), Broker(port=mosquitto.port)).run()


def test_a_site_that_is_not_there_cannot_be_renamed(tmp_path: Path) -> None:
    kept = recording(tmp_path, counts(1, site="other"))
    with pytest.raises(RecordingError, match="no topic begins with ledig/v1/odense/, so no site can be renamed"):
        Replay(kept, Broker(), rename_site="again").plan()


def test_nothing_is_sent_of_a_broken_recording(tmp_path: Path, quick: Mosquitto, listener: Listener) -> None:
    kept = recording(tmp_path, counts(100))
    kept.path.write_bytes(kept.path.read_bytes()[:-10])
    with pytest.raises(RecordingError):
        Replay(kept, Broker(port=quick.port)).run()
    assert listener.heard == []


def test_an_empty_recording_is_replayed_at_once(tmp_path: Path, mosquitto: Mosquitto) -> None:
    done = Replay(recording(tmp_path, []), Broker(port=mosquitto.port), speed=1).run()
    assert (done.messages, done.stopped) == (0, False)


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf")])
def test_a_speed_that_leads_nowhere_is_refused(tmp_path: Path, speed: float) -> None:
    with pytest.raises(ValueError, match="leads nowhere"):
        Replay(recording(tmp_path, []), Broker(), speed=speed)


@pytest.mark.parametrize("name", ["a/b", "+", "#", "a house", "-", "x" * 65])
def test_a_name_that_no_site_can_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="is no id for a site"):
        Replay(recording(tmp_path, []), Broker(), rename_site=name)


lags = st.integers(-5 * MINUTE, 20 * 365 * DAY)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 10**13), lags)))
def test_what_is_received_as_it_happens_is_live_and_history_is_not(rows: list[tuple[str, int, int]]) -> None:
    latest = [Reading("s", sensor, time_, time_ + lag) for sensor, time_, lag in rows]
    live = live_sensors(latest)
    assert live == sorted({sensor for sensor, _, lag in rows if lag < 10 * MINUTE})
