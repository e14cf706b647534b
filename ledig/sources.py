"""The sources of sensors that `[[source]]` of the settings' file names: family, broker, and what each needs.

Without any there is one: ledig's own format, at the broker of the settings.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from ingest.formats.families import families
from ingest.settings import NATIVE, PROTOCOLS, Protocol
from ledig import kinds
from spaces.fields import Fields
from spaces.mistakes import Mistake
from spaces.toml_lines import TomlLines

TABLE = "source"
_T = TypeVar("_T")
_protocol = kinds.one_of(*PROTOCOLS, hint="; write it in quotes")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """One `[[source]]`. What it leaves out is as the settings have it for all."""

    name: str
    family: str
    broker: str | None = None
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    protocol: Protocol | None = None
    client_id: str | None = None
    base: str | None = None
    site: str | None = None
    keeps_qos0: bool = False


def read_sources(file: Path, lines: TomlLines, rows: object, mistakes: list[Mistake]) -> tuple[SourceSettings, ...]:
    """Read the tables of a settings file; what is wrong with them is added to the mistakes."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        message = "write [[source]], in double brackets: there may be several"
        mistakes.append(Mistake(file, lines.at(TABLE), message))
        return ()
    found: list[SourceSettings] = []
    for index, row in enumerate(rows):
        source = _read_source(file, lines, index, row, mistakes)
        if any(source.name == other.name for other in found):
            line = lines.of(TABLE, index, "name")
            mistakes.append(Mistake(file, line, f"source {source.name}: this name stands twice; give each its own"))
        found.append(source)
    return tuple(found)


def _read_source(
    file: Path, lines: TomlLines, index: int, row: Mapping[str, object], mistakes: list[Mistake]
) -> SourceSettings:
    def line_of(key: str | None) -> int:
        return lines.of(TABLE, index, key)

    what = f"source {row.get('name', row.get('family', index + 1))}"
    fields = Fields(row, what=what, file=file, line_of=line_of, mistakes=mistakes)
    family = fields.choice("family", (NATIVE, *sorted(families())))
    source = SourceSettings(
        name=fields.identifier("name", family or "?"),
        family=family,
        broker=_read(fields, "broker", kinds.broker),
        username=_read(fields, "username", kinds.text),
        password_file=_read(fields, "password_file", kinds.path),
        ca_file=_read(fields, "ca_file", kinds.path),
        protocol=cast(
            "Protocol | None", _read(fields, "protocol", kinds.one_of(*PROTOCOLS, hint="; write it in quotes"))
        ),
        client_id=_read(fields, "client_id", kinds.text),
        base=_read(fields, "base", _base),
        site=fields.identifier("site", "") or None,
        keeps_qos0=fields.flag("keeps_qos0", default=False),
    )
    fields.finish()
    return source


def _read(fields: Fields, key: str, read: Callable[[Any], _T]) -> _T | None:
    value = fields.raw(key)
    if value is None:
        return None
    try:
        return read(value)
    except ValueError as error:
        fields.wrong(key, str(error))
        return None


def _base(value: object) -> str:
    found = kinds.text(value).rstrip("/")
    if not found or "#" in found or "$" in found[:1]:
        raise ValueError(f"{value!r} is no beginning of topics, such as 'zigbee2mqtt'")
    return found
