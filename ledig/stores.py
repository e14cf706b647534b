"""The store that the settings name."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ledig.problem import CommandError
from ledig.settings import Settings
from ledig.stopping import complain
from store.influx.settings import InfluxSettings
from store.opening import exists, open_store, through
from store.protocol import Store
from store.spool import Settled, Spool, SpooledStore
from store.victoria.settings import VictoriaSettings
from store.victoria.victoria import VictoriaStore

if TYPE_CHECKING:
    from store.influx.store import InfluxStore

HOLD = 30.0
"""Seconds that VictoriaMetrics needs after its answer until readings are on its disk: 12 were enough, 3 were not."""

MOST_CONNECT = 5
READING = 6
"""A year that is read may take longer than a batch that is written."""


def open_any_store(settings: Settings) -> Store:
    """Open the store that the settings name, for reading and for moving readings about.

    Raises:
        StoreError: it cannot be opened; a server that is away is told of when it is asked.
        SettingsError: what it needs is not set.
    """
    return open_store(settings.data) if settings.store == "embedded" else open_server_store(settings)


@contextmanager
def store_to_read(settings: Settings, *, again: bool = False) -> Iterator[Store]:
    """Open the store that the settings name for somebody who only looks, and close it; say who holds it, but once.

    Raises:
        CommandError: there is none.
        StoreError: it cannot be opened.
        SettingsError: what it needs is not set.
    """
    if settings.store == "embedded" and not exists(settings.data):
        raise CommandError(f"there is no store in {settings.data}; name its folder with --data")
    with closing(open_any_store(settings)) as store:
        if (held := through(store)) and not again:
            complain(held)
        yield store


def want_server(settings: Settings, *, serve: str, needs: str) -> None:
    """See that the settings name a server store; `serve` says what `ledig serve` does instead, `needs` who needs one.

    Raises:
        CommandError: they name the embedded store.
    """
    if settings.store == "embedded":
        raise CommandError(
            f"the embedded store belongs to one process, and `ledig serve` {serve}; {needs} a server store: set store"
            " to influxdb or victoriametrics"
        )


def open_server_store(settings: Settings) -> "InfluxStore | VictoriaStore":
    """Return the server store that the settings name; nothing is asked of it yet.

    Raises:
        SettingsError: what it needs is not set.
    """
    if settings.store == "influxdb":
        from store.influx.store import InfluxStore  # noqa: PLC0415 - its client is a tenth of all that a start takes

        return InfluxStore(influx_settings(settings))
    return VictoriaStore(
        VictoriaSettings(
            write_url=settings.victoriametrics_url,
            read_url=settings.victoriametrics_read_url,
            retention_days=settings.victoriametrics_retention_days,
            connect_timeout=min(settings.store_timeout, MOST_CONNECT),
            timeout=settings.store_timeout,
            read_timeout=settings.store_timeout * READING,
        )
    )


def influx_settings(settings: Settings) -> InfluxSettings:
    """Return what is needed to speak with the InfluxDB that the settings name.

    Raises:
        SettingsError: the token is not set, or cannot be read.
    """
    return InfluxSettings(
        url=settings.influxdb_url,
        org=settings.influxdb_org,
        bucket=settings.influxdb_bucket,
        token=settings.influxdb_token(),
        connect_timeout=min(settings.store_timeout, MOST_CONNECT),
        write_timeout=settings.store_timeout,
        read_timeout=settings.store_timeout * READING,
    )


def open_spooled_store(settings: Settings, folder: Path, settled: Callable[[Settled], None]) -> SpooledStore:
    """Return the server store behind a spool on this machine's disk.

    Raises:
        StoreError: the spool cannot be opened.
        SettingsError: what the store needs is not set.
    """
    spool = Spool(folder, most_bytes=settings.spool_bytes)
    hold = HOLD if settings.store == "victoriametrics" else None
    return SpooledStore(open_server_store(settings), spool, hold=hold, settled=settled)
