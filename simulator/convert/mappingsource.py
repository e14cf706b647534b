"""A [[source]] of a mapping file: where its files lie, how they are written, and what their columns mean."""

import codecs
import re
from collections.abc import Mapping
from datetime import time
from pathlib import Path

from simulator.convert.mapping import (
    OF_CAPACITY,
    ROUNDING,
    VALUES,
    Filters,
    NameRule,
    Source,
    TextRule,
    ValueRule,
    Words,
)
from spaces.csvtext import SPACES
from spaces.fields import Fields, is_id
from spaces.ids import id_from
from spaces.mistakes import did_you_mean

_WORDS = {"occupied": "occupied", "vacant": "vacant", "unknown": "unknown", "in": "enter", "out": "leave"}
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_ONE_OF_TWO = "needs sensor (an id) or sensor_column (the column that holds the id), one of the two"


def read_source(fields: Fields, data: Path) -> Source:
    """Read a source whose files lie in the folder `data`; what is wrong is noted in the fields."""
    kind = fields.choice("values", VALUES, "people")
    values = _values(fields, kind)
    wide = "columns" in fields
    source = Source(
        files=tuple(data / pattern for pattern in fields.texts("file")),
        text=_text(fields),
        columns=_columns(fields, values),
        wide=wide,
        values=values,
        names=_names(fields, wide=wide),
        where=_filters(fields, "where"),
        unless=_filters(fields, "unless"),
    )
    if wide and values.kind in ("in-out", "intervals"):
        fields.wrong("columns", f"an {values.kind} source has one sensor a row; name it by sensor or sensor_column")
    return source


def _columns(fields: Fields, values: ValueRule) -> tuple[str, ...]:
    """Return the columns whose cells are values; `column` and `columns` exclude each other."""
    several = fields.texts("columns", ())
    none_needed = values.kind == "intervals" or bool(values.enter or values.leave)
    column = fields.text("column", "-" if several or none_needed else None)
    if "column" in fields and (several or none_needed):
        fields.wrong("column", "is one column too many: its values are in the others that the source names")
    return several or (() if none_needed else (column,))


def _text(fields: Fields) -> TextRule:
    return TextRule(
        delimiter=_delimiter(fields),
        encoding=_encoding(fields),
        comment=fields.text("comment", ""),
        header=fields.texts("header", ()),
        skip_lines=fields.whole("skip_lines", 0),
    )


def _delimiter(fields: Fields) -> str:
    value = fields.verbatim("delimiter", "")
    if value in (SPACES, ""):
        return value
    value = {"tab": "\t"}.get(value, value)
    if len(value) != 1 or value in '"\r\n':
        fields.wrong("delimiter", f"{value!r} is not one character; write ',', ';', \"tab\" or \"{SPACES}\"")
        return ""
    return value


def _encoding(fields: Fields) -> str | None:
    name = fields.text("encoding", "-")
    if "encoding" not in fields:
        return None
    try:
        "".encode(name).decode(name)
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        fields.wrong("encoding", f"{name!r} is no encoding of text; write 'utf-8', 'cp1252' or 'utf-16', say")
        return None


def _values(fields: Fields, kind: str) -> ValueRule:
    enter, leave = fields.text("in", "") or None, fields.text("out", "") or None
    rule = ValueRule(
        kind=kind,
        decimal=fields.choice("decimal", (",", "."), ""),
        round=_rounding(fields, kind),
        capacity=fields.whole("capacity", 0, most=100_000) or None,
        capacity_column=fields.text("capacity_column", "") or None,
        above=fields.optional_number("above", least=-1e9),
        words=_words(fields),
        enter=enter,
        leave=leave,
        cumulative=fields.flag("cumulative", default=False),
        reset=_reset(fields, kind),
        end=fields.texts("end", () if kind != "intervals" else None),
    )
    _check_values(fields, rule)
    return rule


def _rounding(fields: Fields, kind: str) -> str:
    return fields.choice("round", ROUNDING, "nearest" if kind in ("percent", "fraction") else "")


def _check_values(fields: Fields, rule: ValueRule) -> None:
    if rule.kind in OF_CAPACITY and (rule.capacity is None) == (rule.capacity_column is None):
        fields.wrong("values", f"{rule.kind} needs capacity (seats) or capacity_column, one of the two")
    if (rule.enter is None) != (rule.leave is None):
        fields.wrong("out" if rule.enter else "in", "is missing: a source with one has the other")
    for key, kind, right in (
        ("in", "in-out", ()),
        ("out", "in-out", ()),
        ("reset", "in-out", ()),
        ("cumulative", "in-out", ()),
        ("end", "intervals", ()),
        ("above", "occupied", ()),
        ("capacity", OF_CAPACITY[0], OF_CAPACITY[1:]),
    ):
        if key in fields and rule.kind not in (kind, *right):
            fields.wrong(key, f'is for values = "{" or ".join((kind, *right))}", and this is {rule.kind}')
    if rule.cumulative and not rule.enter:
        fields.wrong("cumulative", "is for counters of their own for in and out; name both columns")


def _reset(fields: Fields, kind: str) -> time | None:
    value = fields.text("reset", None if kind == "in-out" else "-")
    if value in ("never", "", "-"):
        return None
    if not _CLOCK.fullmatch(value):
        fields.wrong("reset", f'{value!r} is neither a time of day at which nobody is there, "04:00" say, nor "never"')
        return None
    return time.fromisoformat(value)


def _words(fields: Fields) -> Words:
    table = fields.table("words")
    found: dict[str, frozenset[str]] = {}
    for key, value in table.items():
        if key not in _WORDS:
            fields.wrong("words", f"unknown key {key!r}{did_you_mean(key, list(_WORDS))}")
            continue
        texts = value if isinstance(value, list) else [value]
        found[_WORDS[key]] = frozenset(_spelt(text).lower() for text in texts)
    twice = found.get("occupied", frozenset()) & found.get("vacant", frozenset())
    if twice:
        fields.wrong("words", f"{min(twice)!r} cannot be both occupied and vacant")
    return Words(**found)


def _names(fields: Fields, *, wide: bool) -> NameRule:
    sensor = fields.text("sensor", "")
    columns = fields.texts("sensor_columns", ())
    if single := fields.text("sensor_column", ""):
        if columns:
            fields.wrong("sensor_columns", "is one too many beside sensor_column; write one of the two")
        columns = (single,)
    if sensor and not is_id(sensor):
        fields.wrong("sensor", f"{sensor[:80]!r} is no id; did you mean {id_from(sensor)}?")
    if wide and sensor:
        fields.wrong("sensor", "names one sensor, and each of the columns is one; leave it out, or write column")
    if not wide and bool(sensor) == bool(columns):
        fields.wrong(None, _ONE_OF_TWO)
    return NameRule(sensor, columns, _ids(fields))


def _ids(fields: Fields) -> Mapping[str, str]:
    ids = {name.strip(): given for name, given in fields.table("ids").items() if isinstance(given, str)}
    for name, given in fields.table("ids").items():
        if not isinstance(given, str) or not is_id(given):
            fields.wrong("ids", f"{name!r} gets {given!r}, which is no id; did you mean {id_from(str(given))}?")
    return ids


def _filters(fields: Fields, key: str) -> Filters:
    filters: dict[str, tuple[str, ...]] = {}
    for column, value in fields.table(key).items():
        texts = value if isinstance(value, list) else [value]
        if not texts or not all(isinstance(text, str | int | float) for text in texts):
            fields.wrong(key, f"{column!r} needs a text or a list of texts, one of which its cells must be")
        filters[column] = tuple(_spelt(text) for text in texts)
    return filters


def _spelt(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value).strip()
