"""The settings: their names, defaults and meanings, from a file, the environment and the command line.

The command line goes before the environment, the environment before the file, the file before the defaults.
Every mistake is reported at once, with where it stands.
"""

import os
import ssl
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from dashboards.settings import SHORTEST, ApiSettings
from ingest.settings import NATIVE, PROTOCOLS, IngestSettings
from ledig import kinds
from ledig.sources import TABLE as SOURCES
from ledig.sources import SourceSettings, read_sources
from spaces.guard import one_mistake, read_file, reason
from spaces.mistakes import FileError, Mistake, did_you_mean
from spaces.native import DEFAULT_PREFIX
from spaces.toml_lines import TomlLines

FILE = Path("ledig.toml")
ENVIRONMENT = "LEDIG_"
NOT_SETTINGS = ("LEDIG_REQUIRE", "LEDIG_TEST_", "LEDIG_LONG", "LEDIG_EXAMPLES")
"""Variables of the tests, which are not ours to judge."""


class SettingsError(FileError):
    """The settings are wrong."""


class Setting(NamedTuple):
    """One setting: how its value is read (raising ValueError), its default as it would be written, its meaning."""

    read: Callable[[object], Any]
    default: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, read and checked. Their meanings are in `TABLE`."""

    data: Path
    sites: tuple[Path, ...]
    broker: str
    broker_username: str | None
    broker_password_file: Path | None
    broker_ca_file: Path | None
    mqtt_protocol: Any
    client_id: str
    prefix: str
    receive_maximum: int
    session_expiry: int
    quarantine_bytes: int
    store: str
    influxdb_url: str
    influxdb_org: str
    influxdb_bucket: str
    influxdb_token_file: Path | None
    victoriametrics_url: str
    victoriametrics_read_url: str | None
    victoriametrics_retention_days: int | None
    store_timeout: int
    spool_bytes: int
    metrics_port: int
    host: str
    port: int
    most_days: int
    most_rows: int
    cached_mb: int
    rollups: Path | None
    rollup_seconds: int
    rollup_metrics_port: int
    api_key_file: Path | None
    ingest_urls: tuple[str, ...]
    grafana_url: str
    grafana_token_file: Path | None
    given: frozenset[str]
    """Names of the settings that somebody set, wherever."""
    sources: tuple[SourceSettings, ...] = ()
    """What `[[source]]` of the file names."""

    def ingest(self) -> IngestSettings:
        """Return what the worker needs that hears ledig's own format at the broker of the settings.

        Raises:
            SettingsError: the password file or the file of certificates cannot be read.
        """
        return self._ingest(SourceSettings(name=NATIVE, family=NATIVE))

    def ingests(self) -> tuple[IngestSettings, ...]:
        """Return what the worker of each source needs; there is one at least.

        Raises:
            SettingsError: a password file or a file of certificates cannot be read.
        """
        return tuple(map(self._ingest, self.sources)) or (self.ingest(),)

    def _ingest(self, source: SourceSettings) -> IngestSettings:
        url = urlsplit(source.broker or self.broker)
        tls = url.scheme == "mqtts"
        alone = source.name == NATIVE
        own = source.broker is not None  # whose names and passwords are not those of another broker
        return IngestSettings(
            source=source.name,
            family=source.family,
            base=source.base,
            home=source.site,
            keeps_qos0=source.keeps_qos0,
            host=url.hostname or "127.0.0.1",
            port=url.port or (8883 if tls else 1883),
            protocol=source.protocol or self.mqtt_protocol,
            client_id=source.client_id or (self.client_id if alone else f"{self.client_id}-{source.name}"),
            username=source.username or (None if own else self.broker_username),
            password=_password(source.password_file or (None if own else self.broker_password_file)),
            tls=tls,
            ca_file=_authorities(source.ca_file or (None if own else self.broker_ca_file)) if tls else None,
            prefix=source.base if source.family == NATIVE and source.base else self.prefix,
            receive_maximum=self.receive_maximum,
            session_expiry=self.session_expiry,
            noted=self.data / "sources" / source.name,
            quarantine=self.data / "quarantine" if alone else self.data / "quarantine" / source.name,
            quarantine_bytes=self.quarantine_bytes,
        )

    def api(self) -> ApiSettings:
        """Return what the API needs.

        Raises:
            SettingsError: the file of the key cannot be read, or holds none.
        """
        return ApiSettings(
            most_days=self.most_days,
            most_rows=self.most_rows,
            cached_mb=self.cached_mb,
            key=self.api_key(),
            ingest_urls=self.ingest_urls,
            kept=self.data / "notes",
        )

    def rollup_folder(self) -> Path:
        """Return the folder of the roll-ups."""
        return self.rollups or self.data / "rollups"

    def api_key(self) -> str:
        """Return the viewer key of the API, empty where none is set.

        Raises:
            SettingsError: its file cannot be read, or holds too little.
        """
        if self.api_key_file is None:
            return ""
        key = _secret(self.api_key_file, "api_key_file")
        if len(key) < SHORTEST or not key.isascii() or not key.isprintable() or " " in key:
            wanted = f"must hold at least {SHORTEST} printable ASCII characters without blanks"
            raise SettingsError([Mistake(self.api_key_file, 1, f"api_key_file: {wanted}")])
        return key

    def influxdb_token(self) -> str:
        """Return the token of InfluxDB.

        Raises:
            SettingsError: no file is named, or it cannot be read.
        """
        return _token(self.influxdb_token_file, "influxdb_token_file", "InfluxDB")

    def grafana_token(self) -> str:
        """Return the token of a service account of Grafana.

        Raises:
            SettingsError: no file is named, or it cannot be read.
        """
        return _token(self.grafana_token_file, "grafana_token_file", "Grafana")


def _authorities(file: Path | None) -> Path | None:
    if file is not None:
        try:
            ssl.create_default_context(cafile=file)
        except OSError as error:  # ssl.SSLError is one
            raise SettingsError([Mistake(file, 1, f"broker_ca_file cannot be read: {error}")]) from error
    return file


def _password(file: Path | None) -> str | None:
    return None if file is None else _secret(file, "broker_password_file")


def _token(file: Path | None, name: str, server: str) -> str:
    if file is None:
        raise SettingsError([Mistake(FILE, 1, f"{name}: is missing; {server} lets nobody in without a token")])
    return _secret(file, name)


def _secret(file: Path, name: str) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([Mistake(file, 1, f"{name} cannot be read: {error}")]) from error


STORES = ("embedded", "influxdb", "victoriametrics")
_DAY = 86_400
_MIB = 1024 * 1024

TABLE: Mapping[str, Setting] = {
    "data": Setting(kinds.path, "data", "Folder of all that ledig keeps: the embedded store, the quarantine, spools."),
    "sites": Setting(kinds.paths, "", "Site files, or the folders that hold them."),
    "broker": Setting(kinds.broker, "mqtt://127.0.0.1:1883", "The MQTT broker; `mqtts://` for TLS."),
    "broker_username": Setting(kinds.optional(kinds.text), "", "User name at the broker."),
    "broker_password_file": Setting(kinds.optional(kinds.path), "", "File that holds the password at the broker."),
    "broker_ca_file": Setting(
        kinds.optional(kinds.path), "", "Certificates to trust with `mqtts://`, where not the system's."
    ),
    "mqtt_protocol": Setting(
        kinds.one_of(*PROTOCOLS, hint="; write it in quotes"), PROTOCOLS[0], "`5` or `3.1.1` (docs/decisions/0005)."
    ),
    "client_id": Setting(
        kinds.text, "ledig-ingest", "Name of the session at the broker; one per worker, and always the same."
    ),
    "prefix": Setting(kinds.text, DEFAULT_PREFIX, "First levels of the topics."),
    "receive_maximum": Setting(kinds.whole(1, 65_535), "10000", "Messages read and not yet acknowledged, at most."),
    "session_expiry": Setting(
        kinds.whole(60, 365 * _DAY), str(7 * _DAY), "Seconds that an MQTT 5 broker keeps our session."
    ),
    "quarantine_bytes": Setting(
        kinds.whole(4_096, 1024 * _MIB), str(4 * _MIB), "Size of the quarantine of refused messages."
    ),
    "store": Setting(kinds.one_of(*STORES), STORES[0], "`embedded`, `influxdb` or `victoriametrics`."),
    "influxdb_url": Setting(kinds.http, "http://127.0.0.1:8086", "InfluxDB 2."),
    "influxdb_org": Setting(kinds.text, "ledig", "Organisation in InfluxDB."),
    "influxdb_bucket": Setting(kinds.text, "ledig", "Bucket in InfluxDB."),
    "influxdb_token_file": Setting(kinds.optional(kinds.path), "", "File that holds the token for that bucket."),
    "victoriametrics_url": Setting(
        kinds.http, "http://127.0.0.1:8428", "VictoriaMetrics; of a cluster `http://vminsert:8480/insert/0/influx`."
    ),
    "victoriametrics_read_url": Setting(
        kinds.optional(kinds.http), "", "Of a cluster `http://vmselect:8481/select/0/prometheus`."
    ),
    "victoriametrics_retention_days": Setting(
        kinds.optional(kinds.whole(1, 100_000)),
        "",
        "Of a cluster, how long it keeps readings; a single node says so itself.",
    ),
    "store_timeout": Setting(
        kinds.whole(1, 600), "10", "Seconds that a server store may take for a batch; for reading six times that."
    ),
    "spool_bytes": Setting(
        kinds.whole(1 * _MIB, 1024 * 1024 * _MIB), str(1024 * _MIB), "Size of the spool for a server store, a worker."
    ),
    "metrics_port": Setting(
        kinds.whole(1, 65_535), "9464", "Port of health and metrics of `ledig ingest`; one more a worker."
    ),
    "host": Setting(
        kinds.text, "127.0.0.1", "Address that the API listens on; nobody but this machine unless changed."
    ),
    "port": Setting(kinds.whole(1, 65_535), "8080", "Port of the API and the page."),
    "most_days": Setting(kinds.whole(1, 4_000), "400", "Longest window that one request may ask for, in days."),
    "most_rows": Setting(kinds.whole(100, 10_000_000), "100000", "Longest answer, in rows."),
    "cached_mb": Setting(
        kinds.whole(1, 65_536), "128", "Memory for the states of past days, and as much for roll-ups, in MB."
    ),
    "rollups": Setting(
        kinds.optional(kinds.path),
        "",
        "Folder of roll-ups, a cache: `rollups` in the data folder unless set; shared by processes.",
    ),
    "rollup_seconds": Setting(
        kinds.whole(0, 86_400),
        "15",
        "Seconds between two looks for what is to be rolled up; 0: `ledig serve` does not.",
    ),
    "rollup_metrics_port": Setting(kinds.whole(1, 65_535), "9454", "Port of health and metrics of `ledig rollup`."),
    "api_key_file": Setting(
        kinds.optional(kinds.path),
        "",
        "File that holds the viewer key; without it nobody sees anything of the API and the page.",
    ),
    "grafana_url": Setting(kinds.http, "http://127.0.0.1:3000", "Grafana, for `ledig grafana push`."),
    "grafana_token_file": Setting(
        kinds.optional(kinds.path), "", "File that holds a token of a service account of Grafana."
    ),
    "ingest_urls": Setting(
        kinds.addresses,
        "",
        "Where `ledig api` and `ledig figures` find health and metrics of the workers, such as `http://127.0.0.1:9464`.",
    ),
}


def load_settings(
    file: Path | None, environment: Mapping[str, str] = os.environ, flags: Mapping[str, object] | None = None
) -> Settings:
    """Read the settings; `file` None means `ledig.toml` here, where there is one.

    Raises:
        SettingsError: with every mistake.
    """
    mistakes: list[Mistake] = []
    sources: list[SourceSettings] = []
    given: set[str] = set()
    values: dict[str, Any] = {name: setting.read(setting.default) for name, setting in TABLE.items()}
    for source in (
        _from_file(file, mistakes, sources),
        _from_environment(environment, mistakes),
        _from_flags(flags or {}),
    ):
        for name, (raw, where, line) in source.items():
            given.add(name)
            try:
                values[name] = TABLE[name].read(raw)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a mistake of this value
                mistakes.append(Mistake(where, line, f"{name}: {reason(error)}"))
    if mistakes:
        raise SettingsError(mistakes)
    return Settings(**values, given=frozenset(given), sources=tuple(sources))


_Raw = dict[str, tuple[object, Path, int]]


def _from_file(file: Path | None, mistakes: list[Mistake], sources: list[SourceSettings]) -> _Raw:
    path = file or FILE
    if not os.path.lexists(path):
        if file is not None:
            mistakes.append(Mistake(path, 1, "there is no such settings file"))
        return {}
    try:
        with one_mistake(path, SettingsError):
            text = read_file(path).decode()
            lines, found = TomlLines(text), tomllib.loads(text)
            if SOURCES in found:
                sources += read_sources(path, lines, found.pop(SOURCES), mistakes)
            return _known(path, lines, found, mistakes)
    except SettingsError as error:
        mistakes += error.mistakes
        return {}


def _known(path: Path, lines: TomlLines, found: Mapping[str, object], mistakes: list[Mistake]) -> _Raw:
    raw: _Raw = {}
    for name, value in found.items():
        line = lines.of("", 0, name)
        if name in TABLE:
            raw[name] = (value, path, line)
        else:
            mistakes.append(Mistake(path, line, f"unknown setting {name!r}{did_you_mean(name, [*TABLE, SOURCES])}"))
    return raw


def _from_environment(environment: Mapping[str, str], mistakes: list[Mistake]) -> _Raw:
    raw: _Raw = {}
    for variable, value in environment.items():
        if not variable.startswith(ENVIRONMENT) or variable.startswith(NOT_SETTINGS):
            continue
        name, where = variable.removeprefix(ENVIRONMENT).lower(), Path(f"environment variable {variable}")
        if name in TABLE:
            raw[name] = (value, where, 1)
        else:
            mistakes.append(Mistake(where, 1, f"unknown setting {name!r}{did_you_mean(name, [*TABLE])}"))
    return raw


def _from_flags(flags: Mapping[str, object]) -> _Raw:
    return {name: (value, Path(f"--{name.replace('_', '-')}"), 1) for name, value in flags.items() if value is not None}
