"""What an ingestion worker needs to know."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from spaces.native import DEFAULT_PREFIX

NATIVE = "native"
"""The family, and the source that there is where none is named."""
Protocol = Literal["5", "3.1.1"]
PROTOCOLS: tuple[Protocol, ...] = ("5", "3.1.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSettings:
    """Where the broker is, and the bounds of a worker.

    `source` is the name of what speaks there, of a `family` of sources below a `base` topic; `home` is the site of its
    devices that no site file places, where it does not name sites itself. A broker that `keeps_qos0` queues for us what
    is published at QoS 0 while we are away. In the folder `noted` lies what has to outlive the worker.

    `receive_maximum` bounds the messages that are read and not yet acknowledged; a broker of MQTT 5 is told of
    it. `most_in_batch` is committed at once at the most: 5,000 rows cost DuckDB 2.4 ms, 1,000 cost 1.6. A
    `session_expiry` of 0 seconds leaves no session behind. Workers that name the same `share` divide the messages
    among them (MQTT 5); with `republish` what is committed is told to other processes. To
    `retire` is to unsubscribe and take what is still queued for this client.
    """

    source: str = NATIVE
    family: str = NATIVE
    base: str | None = None
    home: str | None = None
    keeps_qos0: bool = False
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
    noted: Path | None = None
    quarantine: Path = Path("data/quarantine")
    quarantine_bytes: int = 4 * 1024 * 1024

    @property
    def is_native(self) -> bool:
        """Whether what speaks there speaks ledig's own format."""
        return self.family == NATIVE

    @property
    def address(self) -> str:
        """The broker's address, for people."""
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"
