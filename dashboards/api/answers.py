"""From rows to bytes: the one way out, which discloses and then encodes."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec

import msgspec
from starlette.responses import Response

from dashboards.api.disclosure import Row, disclose, policy_for
from dashboards.api.query import Format, Shape
from spaces.site import Site, Space
from spaces.times import Millis, rfc3339

_P = ParamSpec("_P")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell must not begin: spreadsheets would run it."""
_FRESH = {"Cache-Control": "no-store"}
"""Where people are now is nothing to be kept by whoever is on the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a route found. It is no response: `published` alone makes one of it.

    `by` names the column by which rows belong to a group, `members` the spaces each group is made of; both are
    what disclosure goes by. `main` is the figure that the wide shape shows, `keys` what identifies its rows.
    """

    name: str
    now: Millis
    site: Site | None
    columns: Sequence[str]
    rows: Iterable[Row]
    by: str | None = None
    members: Mapping[str | None, Sequence[Space]] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)
    format: Format = "json"
    shape: Shape = "long"
    main: str = ""
    keys: Sequence[str] = ("time",)


def published(route: Callable[_P, Answer]) -> Callable[_P, Response]:
    """Make a route of a function that finds an answer: what it found is disclosed, then encoded."""

    @wraps(route)
    def answer(*args: _P.args, **kwargs: _P.kwargs) -> Response:
        return _respond(route(*args, **kwargs))

    return answer


def disclosed(answer: Answer) -> list[Row]:
    """Return the rows of an answer as they may leave the house: the one way out, whatever they become."""
    rows = list(answer.rows)
    if answer.site is None:
        return rows
    return disclose(rows, policy_for(answer.site, answer.by, answer.members))


def _respond(answer: Answer) -> Response:
    rows = disclosed(answer)
    columns = list(answer.columns)
    if answer.shape == "wide":
        columns, rows = _wide(answer, rows)
    if answer.format == "csv":
        name = f'attachment; filename="{_file_name(answer)}"'
        return Response(_csv(columns, rows), headers={**_FRESH, "Content-Disposition": name}, media_type="text/csv")
    body = msgspec.json.encode({"meta": _meta(answer), "rows": rows})
    return Response(body, headers=_FRESH, media_type="application/json")


def _meta(answer: Answer) -> dict[str, Any]:
    """Return the frame of an answer. Without a site of its own it is simulated where all its sites are."""
    meta: dict[str, Any] = {"generated": rfc3339(answer.now)}
    if answer.site is not None:
        meta |= {"site": answer.site.id, "zone": answer.site.timezone, "simulated": answer.site.simulated}
    return {**meta, **answer.meta}


def _file_name(answer: Answer) -> str:
    stamp = rfc3339(answer.now // 1000 * 1000).replace(":", "").replace("-", "")
    return (
        "-".join(["ledig", *([answer.site.id.replace(":", "_")] if answer.site else []), answer.name, stamp]) + ".csv"
    )


def _wide(answer: Answer, rows: Sequence[Row]) -> tuple[list[str], list[Row]]:
    """Return one row for each time, one column for each group that holds the main figure."""
    assert answer.by is not None
    groups = {group: _column_of(str(group), answer.keys) for group in answer.members}
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = tuple(row[name] for name in answer.keys)
        wide = found.setdefault(key, {**dict(zip(answer.keys, key, strict=True)), **dict.fromkeys(groups.values())})
        wide[groups[row[answer.by]]] = row[answer.main]
    return [*answer.keys, *groups.values()], list(found.values())


def _column_of(group: str, keys: Sequence[str]) -> str:
    return f"group:{group}" if group in keys else group


def _csv(columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    """Return rows as RFC 4180 has them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_cell(column) for column in columns])
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return text.getvalue().encode()


def _cell(value: object) -> object:
    """Return a value as a cell: text that would be a formula gets an apostrophe before it.

    >>> _cell("=1+1"), _cell(-3), _cell(True), _cell(None)
    ("'=1+1", -3, 'true', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
