"""Models in TOML: rules that say what the fields of a message mean, without code.

Where a field stands is said as in JSON Pointer (RFC 6901): `/desk/state`, `/params/presence:0/value`.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar, cast
from zoneinfo import available_timezones

from spaces.fields import Fields
from spaces.guard import one_mistake
from spaces.mistakes import FileError, Mistake, did_you_mean
from spaces.models import (
    TIME_UNITS,
    Hold,
    Model,
    NumberRule,
    Part,
    Pointer,
    Speaks,
    StateRule,
    TimeRule,
    TimeUnit,
    Ways,
    Word,
)
from spaces.times import Millis
from spaces.toml_files import read_toml
from spaces.toml_lines import TomlLines

SPEAKS = {"changes": Speaks.CHANGES, "seats": Speaks.SEATS, "often": Speaks.OFTEN, "motion": Speaks.MOTION}
OCCUPIED: tuple[Word, ...] = (True, 1, "1", "true", "on", "yes", "occupied", "present", "presence", "busy")
VACANT: tuple[Word, ...] = (False, 0, "0", "false", "off", "no", "vacant", "free", "absent", "unoccupied", "none")
UNKNOWN: tuple[Word, ...] = (None, "unknown", "unavailable", "", "null")
"""Words that states have unless a rule has its own. Their opposites stand in none of the others."""

_T = TypeVar("_T")


class ModelFileError(FileError):
    """A file of models has mistakes."""


def read_models(file: Path) -> tuple[Model, ...]:
    """Read the models of a file.

    Raises:
        ModelFileError: with every mistake of it.
    """
    with one_mistake(file, ModelFileError):
        text, tables = read_toml(file, ModelFileError, "it would say what sensors of other models mean")
        reading = _ModelFile(file, TomlLines(text))
        models = reading.models(tables)
        if reading.mistakes:
            raise ModelFileError(reading.mistakes)
        return models


class _ModelFile:
    def __init__(self, file: Path, lines: TomlLines) -> None:
        self._file = file
        self._lines = lines
        self.mistakes: list[Mistake] = []

    def models(self, tables: Mapping[str, object]) -> tuple[Model, ...]:
        for key in tables:
            if key != "model":
                message = f"unknown table [{key}]{did_you_mean(key, ['model'])}"
                self.mistakes.append(Mistake(self._file, self._lines.at(key), message))
        rows = tables.get("model", [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            message = "write [[model]], in double brackets: there may be several"
            self.mistakes.append(Mistake(self._file, self._lines.at("model"), message))
            return ()
        models = tuple(self._model(index, row) for index, row in enumerate(rows))
        self._once(models)
        return models

    def _once(self, models: Iterable[Model]) -> None:
        seen: set[str] = set()
        for index, model in enumerate(models):
            if model.id in seen:
                line = self._lines.at("model", index, "id")
                self.mistakes.append(Mistake(self._file, line, f"model {model.id}: this id stands twice"))
            seen.add(model.id)

    def _fields(self, what: str, row: Mapping[str, object], *way: str | int) -> Fields:
        def line_of(key: str | None) -> int:
            return self._lines.at(*way, *([key] if key else []))

        return Fields(row, what=what, file=self._file, line_of=line_of, mistakes=self.mistakes)

    def _model(self, index: int, row: Mapping[str, object]) -> Model:
        way = ("model", index)
        fields = self._fields(f"model {row.get('id', index + 1)}", row, *way)
        model_id = fields.identifier("id")
        parts = tuple(
            self._part(f"model {model_id}: part", inner, *way, "part", number)
            for number, inner in enumerate(_tables(fields, "part"))
        )
        model = Model(
            id=model_id,
            name=fields.text("name", model_id),
            parts=parts or (self._read_part(fields, *way),),
            called=fields.texts("called", ()),
            codec=fields.identifier("codec", "") or None,
            speaks=SPEAKS.get(fields.choice("speaks", tuple(SPEAKS), "changes"), Speaks.CHANGES),
            hold=Hold(fields.choice("hold", tuple(Hold), Hold.HEARTBEAT) or Hold.HEARTBEAT),
            silence=_duration(fields, "silence"),
            pulse=_duration(fields, "pulse"),
            topics=fields.texts("topic", ()),
        )
        for topic in model.topics:
            if wrong := wrong_topic(topic):
                fields.wrong("topic", wrong)
        if any(part.state is None and part.people is None for part in model.parts):
            fields.wrong(None, "says nothing of presence: it needs [model.occupied] or [model.people]")
        fields.finish()
        return model

    def _part(self, what: str, row: Mapping[str, object], *way: str | int) -> Part:
        fields = self._fields(what, row, *way)
        part = self._read_part(fields, *way)
        fields.finish()
        return part

    def _read_part(self, fields: Fields, *way: str | int) -> Part:
        def inner(key: str, read: Callable[[Fields], _T]) -> _T | None:
            table = fields.table(key) if key in fields else fields.raw(key)
            if not isinstance(table, dict):
                return None
            rule = self._fields(f"{key}", table, *way, key)
            found = read(rule)
            rule.finish()
            return found

        return Part(
            state=inner("occupied", _state_rule),
            people=inner("people", _number_rule),
            battery=inner("battery", _number_rule),
            time=inner("time", _time_rule),
            name=fields.identifier("slot_name", "") or None,
            each=_optional_pointer(fields, "each"),
            slot=_optional_pointer(fields, "slot"),
        )


def _tables(fields: Fields, key: str) -> list[Mapping[str, object]]:
    rows = fields.raw(key)
    if rows is None:
        return []
    if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
        return rows
    fields.wrong(key, f"write [[model.{key}]], in double brackets: there may be several")
    return []


def _duration(fields: Fields, key: str) -> Millis | None:
    value = fields.duration(key, 0)
    if key in fields and value < 1000:
        fields.wrong(key, "must be at least 1s")
    return value or None


def _state_rule(fields: Fields) -> StateRule:
    occupied = _words(fields, "yes", OCCUPIED)
    vacant = _words(fields, "no", tuple(word for word in VACANT if as_word(word) not in occupied))
    unknown = _words(fields, "unknown", UNKNOWN)
    if not occupied & vacant:
        return StateRule(_ways(fields), occupied - unknown, vacant - unknown, unknown)
    fields.wrong("no", f"{min(map(repr, occupied & vacant))} is among yes as well")
    return StateRule(_ways(fields), occupied, frozenset())


def _number_rule(fields: Fields) -> NumberRule:
    return NumberRule(
        _ways(fields),
        scale=fields.number("scale", 1.0, least=-1e9, most=1e9),
        offset=fields.number("offset", 0.0, least=-1e9, most=1e9),
        unknown=_words(fields, "unknown", UNKNOWN),
    )


def _time_rule(fields: Fields) -> TimeRule:
    zone = fields.text("zone", "")
    if zone and zone not in available_timezones():
        fields.wrong("zone", f"{zone!r} is no IANA zone{did_you_mean(zone, sorted(available_timezones()))[:120]}")
    return TimeRule(
        _ways(fields),
        unit=cast("TimeUnit", fields.choice("unit", TIME_UNITS, "iso") or "iso"),
        zone=zone or None,
        told=fields.flag("told", default=False),
    )


def _words(fields: Fields, key: str, default: tuple[Word, ...]) -> frozenset[Word]:
    value = fields.raw(key)
    words = default if value is None else value if isinstance(value, list) else [value]
    if not all(isinstance(word, str | int | float | bool) or word is None for word in words):
        fields.wrong(key, "is not a word, a number or a list of them")
        words = default
    return frozenset(as_word(word) for word in words)


def as_word(value: object) -> Word:
    """Return a value as words are compared: texts without case and blanks around them, 1.0 and true as 1.

    >>> as_word(" Occupied "), as_word(1.0) == as_word(True), as_word([1])
    ('occupied', True, 'list')
    """
    if isinstance(value, str):
        return value.strip().casefold()
    return value if value is None or isinstance(value, int | float) else type(value).__name__


def _ways(fields: Fields) -> Ways:
    return tuple(_parsed(fields, "at", text) for text in fields.texts("at"))


def _optional_pointer(fields: Fields, key: str) -> Pointer | None:
    text = fields.text(key, "")
    return _parsed(fields, key, text) if text else None


def _parsed(fields: Fields, key: str, text: str) -> Pointer:
    if not text.startswith("/"):
        fields.wrong(key, f"{text[:60]!r} is no way to a field; did you mean {'/' + text[:60]!r}?")
        return ()
    return parse_pointer(text)


def parse_pointer(text: str) -> Pointer:
    """Return the keys of a JSON Pointer.

    >>> parse_pointer("/params/presence:0/a~1b")
    ('params', 'presence:0', 'a/b')
    """
    return tuple(key.replace("~1", "/").replace("~0", "~") for key in text.split("/")[1:])


def wrong_topic(topic: str) -> str | None:
    """Return why a text is no filter with named levels, None where it is one.

    >>> wrong_topic("house/{floor}/{device}/desk"), wrong_topic("house/#")
    (None, "'house/#' names no {device}: the level by which sensors are told apart")
    """
    levels = topic.split("/")
    for number, level in enumerate(levels):
        if ("{" in level or "}" in level) and not (level[0] == "{" and level[-1] == "}" and level[1:-1].isidentifier()):
            return f"{level!r} in {topic!r}: a name in braces takes a whole level, such as {{device}}"
        if "#" in level and (level != "#" or number < len(levels) - 1):
            return f"{topic!r}: # stands alone and last"
        if "+" in level and level != "+":
            return f"{topic!r}: + stands for a whole level"
    if "{device}" not in levels:
        return f"{topic!r} names no {{device}}: the level by which sensors are told apart"
    return None
