"""Where a VictoriaMetrics is, and how long it may take."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class VictoriaSettings:
    """Addresses and patience.

    `write_url` is where `/api/v2/write` is found below, and `read_url` where `/api/v1/export` is; on one node they
    are the same. On a cluster they are vminsert's and vmselect's, with the tenant: `http://vminsert:8480/insert/0/influx`
    and `http://vmselect:8481/select/0/prometheus`. User and password may stand in them.

    Times are in seconds. `retention_days` says from which age on the server drops readings where the server does
    not say so itself: a cluster's vminsert does not.
    """

    write_url: str
    read_url: str | None = None
    connect_timeout: float = 5.0
    timeout: float = 30.0
    read_timeout: float = 120.0
    retention_days: float | None = None

    def reading(self) -> str:
        """Return the address that is read from."""
        return (self.read_url or self.write_url).rstrip("/")

    def writing(self) -> str:
        """Return the address that is written to."""
        return self.write_url.rstrip("/")

    def metrics(self) -> str:
        """Return where the server that is written to tells of itself.

        >>> VictoriaSettings(write_url="http://vminsert:8480/insert/0/influx/").metrics()
        'http://vminsert:8480/metrics'
        """
        parts = urlsplit(self.writing())
        path = re.sub(r"/insert/.*$", "", parts.path)
        return urlunsplit((parts.scheme, parts.netloc, f"{path}/metrics", "", ""))
