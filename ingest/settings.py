"""What an ingestion worker needs to know."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from spaces.native import DEFAULT_PREFIX

Protocol = Literal["5", "3.1.1"]
PROTOCOLS: tuple[Protocol, ...] = ("5", "3.1.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSettings:
    """Where the broker is, and the bounds of a worker.

    `receive_maximum` bounds the messages that are read and not yet acknowledged; a broker of MQTT 5 is told of
    it. `most_in_batch` is committed at once at the most: 5,000 rows cost DuckDB 2.4 ms, 1,000 cost 1.6. A
    `session_expiry` of 0 seconds leaves no session behind. Workers that name the same `share` divide the messages
    among them (MQTT 5); with `republish` what is committed is told to other processes. To
    `retire` is to unsubscribe and take what is still queued for this client.
    """

    host: str = "127.0.0.1"
    port: int = 1883
    protocol: Protocol = "5"
    client_id: str = "ledig-ingest"
    username: str | None = None
    password: str | None = None
    tls: bool = False
    ca_file: Path | None = None
    prefix: str = DEFAULT_PREFIX
    receive_maximum: int = 10_000
    most_in_batch: int = 5_000
    most_payload: int = 65_536
    keepalive: int = 30
    session_expiry: int = 7 * 86_400
    share: str | None = None
    republish: bool = False
    retire: bool = False
    quarantine: Path = Path("data/quarantine")
    quarantine_bytes: int = 4 * 1024 * 1024

    @property
    def subscription(self) -> str:
        """The topic filter. A share hears of no topic of another depth, since all its workers would hear of "live"."""
        return f"$share/{self.share}/{self.topics}" if self.share else self.topics

    @property
    def topics(self) -> str:
        """The topics that are subscribed to, without whoever shares them."""
        return f"{self.prefix}/+/+/+" if self.share else f"{self.prefix}/#"

    @property
    def address(self) -> str:
        """The broker's address, for people."""
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"
