"""How an operator's own bucket becomes readings: a TOML file, read with every mistake named."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from spaces.fields import Fields
from spaces.mistakes import FileError, Mistake
from spaces.times import Millis, parse_instant
from spaces.toml_lines import TomlLines
from store.influx.flux import EARLIEST, LATEST


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketMapping:
    """What to read, as whose readings.

    `sensor` names the tag or field that holds the id of the sensor; the others name fields, None where there is
    none. A state is a boolean, a number (above 0 is occupied), or one of two words. `sensors` gives ids of ledig's
    for theirs, where they differ.
    """

    site: str
    bucket: str
    measurement: str
    sensor: str
    occupied: str | None
    people: str | None
    battery: str | None
    occupied_word: str
    vacant_word: str
    start: Millis
    end: Millis
    sensors: Mapping[str, str]


def load_mapping(file: Path) -> BucketMapping:
    """Read a mapping.

    Raises:
        FileError: with everything that is wrong with it.
    """
    try:
        text = file.read_text(encoding="utf-8")
        found = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FileError([Mistake(file, 1, f"cannot be read: {error}")]) from None
    lines, mistakes = TomlLines(text), list[Mistake]()

    def fields(table: str, values: Mapping[str, object]) -> Fields:
        return Fields(values, what=table, file=file, line_of=lambda key: lines.of(table, 0, key), mistakes=mistakes)

    top = Fields(found, what="mapping", file=file, line_of=lambda key: lines.of(key or ""), mistakes=mistakes)
    source = fields("source", top.table("source"))
    names = fields("fields", top.table("fields"))
    sensors = fields("sensors", top.table("sensors"))
    top.finish()
    mapping = _mapping(source, names, {theirs: sensors.identifier(theirs) for theirs in top.table("sensors")})
    for part in (source, names):
        part.finish()
    if mistakes:
        raise FileError(mistakes)
    return mapping


def _mapping(source: Fields, names: Fields, sensors: Mapping[str, str]) -> BucketMapping:
    mapping = BucketMapping(
        site=source.identifier("site"),
        bucket=source.text("bucket"),
        measurement=source.text("measurement"),
        sensor=source.text("sensor"),
        start=_instant(source, "from", EARLIEST),
        end=_instant(source, "to", LATEST),
        occupied=names.text("occupied", "") or None,
        people=names.text("people", "") or None,
        battery=names.text("battery", "") or None,
        occupied_word=names.text("occupied_word", "occupied"),
        vacant_word=names.text("vacant_word", "vacant"),
        sensors=sensors,
    )
    if mapping.occupied is None and mapping.people is None:
        names.wrong(None, "names no field; occupied or people, or both, must be there")
    if mapping.start >= mapping.end:
        source.wrong("to", "must be after from")
    return mapping


def _instant(fields: Fields, key: str, default: Millis) -> Millis:
    text = fields.text(key, "")
    if not text:
        return default
    try:
        return parse_instant(text)
    except ValueError as error:
        fields.wrong(key, str(error))
        return default
