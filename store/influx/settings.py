"""What is needed to work with an InfluxDB."""

from dataclasses import dataclass, field

from store.answers import address_of


@dataclass(frozen=True, slots=True, kw_only=True)
class InfluxSettings:
    """Where the server is, and how long it may take, in seconds.

    The token is never shown, not in a message, not in a log. `write_timeout` bounds one batch, `read_timeout` the
    silence within one answer. `gzip` compresses what is written: it saves a thin line, and costs a loopback time.
    """

    url: str
    org: str
    bucket: str
    token: str = field(repr=False)
    connect_timeout: float = 5.0
    write_timeout: float = 10.0
    read_timeout: float = 60.0
    gzip: bool = False

    @property
    def where(self) -> str:
        """The server, for people."""
        return f"InfluxDB at {address_of(self.url)}"
