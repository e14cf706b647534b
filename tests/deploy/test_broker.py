"""Mosquitto with the very configuration of the deployment: who is let in, who may do what, and what survives."""

import json
import re
import socket
import ssl
import subprocess
import time
from datetime import date
from pathlib import Path

import pytest

from simulator.betahaus import SITE
from simulator.recording import Message
from simulator.sender import Broker, Sender, SenderError
from simulator.sensors import said_days
from spaces.native import encode_reading, state_topic
from spaces.sitefile import load_site
from tests.deploy.compose import ROOT, Place
from tests.deploy.conftest import start_broker
from tests.deploy.running import Running, may_guard
from tests.ledig.running import wait_for
from tests.programs import required

STATE = "ledig/v1/betahaus/d1/state"
CONFIGURATION = (ROOT / "deploy/mosquitto/mosquitto.conf").read_text()
BYTES_A_MESSAGE = 480
"""Memory that Mosquitto 2.0.11 takes for a queued message: 398 among 600,000, 468 among 100,000 (measured)."""

MOST = 60.0
"""Seconds to wait for messages that are to come; far more than they take."""


def setting(name: str) -> str:
    (found,) = re.findall(rf"^{name} (.+)$", CONFIGURATION, re.MULTILINE)
    return str(found)


def login(place: Place, user: str, password: str | None = None) -> Broker:
    known = (place.secrets / f"broker-{user}").read_text() if password is None else password
    port = place.ports["8883"]
    return Broker(
        host="localhost", port=port, username=user, password=known, tls=True, ca_file=place.secrets / "ca.crt"
    )


def publish(broker: Broker, *messages: tuple[str, str]) -> None:
    sender = Sender(broker)
    try:
        sender.connect()
        for topic, payload in messages:
            while not sender.room:
                sender.turn(1)
            sender.send(Message(0, topic, payload.encode()))
        while sender.acknowledged < len(messages):
            sender.turn(1)
    finally:
        sender.close()


class Subscriber:
    """mosquitto_sub under a user and a session of its own."""

    def __init__(self, place: Place, user: str, *topics: str, client: str = "s") -> None:
        asked = [part for topic in topics for part in ("-t", topic)]
        self.command = [
            required("mosquitto_sub"), "-h", "localhost", "-p", str(place.ports["8883"]), "-q", "1", "-c", "-i", client,
            "--cafile", str(place.secrets / "ca.crt"), "-u", user, "-P", (place.secrets / f"broker-{user}").read_text(),
            "-F", "%t %p", *asked,
        ]  # fmt: skip

    def subscribe(self) -> None:
        """Leave a subscription behind, without listening."""
        subprocess.run([*self.command, "-E"], check=True, timeout=MOST)

    def heard(self, most: int | None = None) -> list[str]:
        """Listen until so many have come, or for a second."""
        limits = ["-W", f"{MOST:g}", "-C", str(most)] if most else ["-W", "1"]
        done = subprocess.run([*self.command, *limits], capture_output=True, text=True, timeout=2 * MOST, check=False)
        return done.stdout.splitlines()


@pytest.mark.usefixtures("broker")
def test_ingest_hears_what_a_sensor_says(place: Place) -> None:
    ingest = Subscriber(place, "ledig", "ledig/v1/#")
    ingest.subscribe()
    publish(login(place, "betahaus"), (STATE, '{"occupied":true}'), ("ledig/v1/betahaus/d1/status", "online"))
    assert ingest.heard(2) == [f'{STATE} {{"occupied":true}}', "ledig/v1/betahaus/d1/status online"]


@pytest.mark.parametrize(("user", "password"), [("betahaus", "guess"), ("betahaus", ""), ("nobody", "guess")])
@pytest.mark.usefixtures("broker")
def test_a_wrong_password_is_refused(place: Place, user: str, password: str) -> None:
    with pytest.raises(SenderError, match="refused the connection: Not authorized"):
        publish(login(place, user, password), (STATE, "{}"))


@pytest.mark.usefixtures("broker")
def test_without_a_password_nobody_comes_in(place: Place) -> None:
    stranger = Broker(host="localhost", port=place.ports["8883"], tls=True, ca_file=place.secrets / "ca.crt")
    with pytest.raises(SenderError, match="refused the connection: Not authorized"):
        publish(stranger, (STATE, "{}"))


@pytest.mark.usefixtures("broker")
def test_without_tls_nobody_comes_in(place: Place) -> None:
    password = (place.secrets / "broker-betahaus").read_text()
    plain = Broker(host="localhost", port=place.ports["8883"], username="betahaus", password=password)
    with pytest.raises(SenderError):
        publish(plain, (STATE, "{}"))


@pytest.mark.usefixtures("broker")
@pytest.mark.parametrize(
    ("host", "knows"), [("localhost", True), ("127.0.0.1", True), ("127.0.0.2", True), ("localhost", False)]
)
def test_the_broker_is_trusted_by_its_authority_under_its_own_names_alone(
    place: Place, host: str, *, knows: bool
) -> None:
    context = ssl.create_default_context(cafile=place.secrets / "ca.crt" if knows else None)
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # the default from Python 3.13 on
    trusted = knows and host != "127.0.0.2"
    with socket.create_connection((host, place.ports["8883"]), timeout=10) as line:
        if trusted:
            context.wrap_socket(line, server_hostname=host).close()
        else:
            with pytest.raises(ssl.SSLCertVerificationError):
                context.wrap_socket(line, server_hostname=host)


@pytest.mark.parametrize(
    ("user", "topic"),
    [
        ("annex", STATE),
        ("betahaus", "ledig/v1/annex/d1/state"),
        ("betahaus", "ledig/v1/betahaus/live"),
        ("betahaus", "ledig/v1/betahaus/d1/config"),
        ("betahaus", "other/betahaus/d1/state"),
        ("api", STATE),
        ("api", "ledig/v1/betahaus/live"),
        ("ledig", STATE),
        ("health", STATE),
    ],
)
@pytest.mark.usefixtures("broker")
def test_nobody_speaks_for_another(place: Place, user: str, topic: str) -> None:
    ingest = Subscriber(place, "ledig", "ledig/v1/#", client="ingest")
    api = Subscriber(place, "api", "#", client="api")
    for subscriber in (ingest, api):
        subscriber.subscribe()
    publish(login(place, user), (topic, "{}"))
    publish(login(place, "betahaus"), (STATE, "last"))
    publish(login(place, "ledig"), ("ledig/v1/betahaus/live", "last"))
    assert ingest.heard(1) == [f"{STATE} last"]
    assert api.heard(1) == ["ledig/v1/betahaus/live last"]


@pytest.mark.parametrize("user", ["betahaus", "annex", "health", "api"])
@pytest.mark.usefixtures("broker")
def test_sensors_and_servers_hear_nothing_of_sensors(place: Place, user: str) -> None:
    spy = Subscriber(place, user, "#", "ledig/v1/#", STATE, client="spy")
    spy.subscribe()
    publish(login(place, "betahaus"), (STATE, "{}"))
    assert spy.heard() == []


def test_what_was_acknowledged_survives_a_kill(place: Place) -> None:
    """But for the last round: Mosquitto acknowledges first, and saves at its end."""
    with start_broker(place) as broker:
        broker.until_healthy()
        ingest = Subscriber(place, "ledig", "ledig/v1/#")
        ingest.subscribe()
        sent = [(STATE, json.dumps({"seq": number})) for number in range(300)]
        publish(login(place, "betahaus"), *sent)
        for _ in range(2):  # a save that ends now may have begun before; the next one has not
            before = saved(place)
            publish(login(place, "betahaus"), (STATE, "later"))
            wait_for(lambda before=before: saved(place) != before, "the broker does not save")  # type: ignore[misc]
        broker.end(hard=True)
    with start_broker(place) as again:
        again.until_healthy()
        assert ingest.heard(300) == [f"{topic} {payload}" for topic, payload in sent]


def saved(place: Place) -> int:
    """Return when the broker saved its messages last, in ns; 0 where it never did."""
    found = next((place.folder / "volumes").rglob("mosquitto.db"), None)
    return found.stat().st_mtime_ns if found else 0


def test_a_day_of_the_simulated_house_waits_for_ingest(place: Place) -> None:
    """Mosquitto keeps 1,000 messages unless told otherwise, and drops the newest without a word."""
    day = date(2026, 5, 4)
    site = load_site(SITE)
    readings = [reading for batch in said_days(site, 1, day, day) for reading in batch]
    ingest = Subscriber(place, "ledig", "ledig/v1/#")
    with start_broker(place, autosave=False) as broker:  # what is saved when is for the tests above; this is quicker
        broker.until_healthy()
        ingest.subscribe()
        said = ((state_topic("ledig/v1", one.site, one.sensor), encode_reading(one).decode()) for one in readings)
        publish(login(place, "betahaus"), *said)
        assert broker.end() == 0
    with start_broker(place) as again:
        again.until_healthy()
        assert len(ingest.heard(len(readings))) == len(readings) > 10_000
    assert int(setting("max_queued_messages")) / len(readings) * len(site.sensors) > 16_000


def test_a_full_queue_fits_into_the_memory_of_the_container(place: Place) -> None:
    limit = place.service("mosquitto")["mem_limit"]
    assert limit == "1g"
    full = int(setting("max_queued_messages")) * BYTES_A_MESSAGE + int(setting("max_queued_bytes"))
    assert full < 1024**3


def test_the_health_check_fails_where_the_broker_does_not_answer(place: Place) -> None:
    with start_broker(place) as broker:
        broker.until_healthy()
        broker.process.send_signal(19)  # SIGSTOP: it is there, and does nothing
        began = time.monotonic()
        assert not broker.healthy()
        assert time.monotonic() - began < 20
        broker.process.send_signal(18)
        broker.until_healthy()
        broker.end()
        assert not broker.healthy()


def test_it_runs_as_its_own_user_and_writes_to_its_volume_alone(broker: Running) -> None:
    if not may_guard():
        pytest.skip("only root can run a program as another user, in a root file system that is read-only")
    status = dict(
        line.split(":\t", 1)
        for line in Path(f"/proc/{broker.process.pid}/status").read_text().splitlines()
        if ":\t" in line
    )
    assert status["Uid"].split()[0] == "1883"
    assert status["NoNewPrivs"] == "1"
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert "error" not in broker.said.lower()
