"""From rows to bytes: the one way out, which discloses and then encodes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from itertools import chain, islice
from typing import Any, ParamSpec

from starlette.responses import Response, StreamingResponse

from analytics.privacy.disclosure import Row, disclosing, policy_for
from dashboards.api.encoding import ENCODINGS, PIECE, Encoding, is_time, pieces
from dashboards.api.query import Format, Shape
from spaces.site import Site, Space
from spaces.times import Millis, rfc3339

_P = ParamSpec("_P")
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
    encoding: Encoding | None = None
    """In place of that of the format: of a route that has one of its own."""


def published(route: Callable[_P, Answer]) -> Callable[_P, Response]:
    """Make a route of a function that finds an answer: what it found is disclosed, then encoded."""

    @wraps(route)
    def answer(*args: _P.args, **kwargs: _P.kwargs) -> Response:
        return _respond(route(*args, **kwargs))

    return answer


def disclosed(answer: Answer) -> list[Row]:
    """Return the rows of an answer as they may leave the house."""
    return list(_disclosed(answer))


def _disclosed(answer: Answer) -> Iterator[Row]:
    """Yield them: the one way out, whatever they become."""
    if answer.site is None:
        return iter(answer.rows)
    return disclosing(answer.rows, policy_for(answer.site, answer.by, answer.members))


def _respond(answer: Answer) -> Response:
    """Encode an answer; a large one is sent piece by piece, so that the whole of it never lies in memory as text."""
    rows: Iterable[Row] = _disclosed(answer)
    columns = list(answer.columns)
    if answer.shape == "wide":
        columns, rows = _wide(answer, rows)
    encoding = answer.encoding or ENCODINGS[answer.format]
    headers = dict(_FRESH)
    if encoding.suffix:
        headers["Content-Disposition"] = f'attachment; filename="{_file_name(answer)}{encoding.suffix}"'
    left = iter(rows)
    first = list(islice(left, PIECE + 1))
    parts = encoding.encode(_meta(answer), columns, pieces(chain(first, left)))
    if len(first) <= PIECE:
        return Response(b"".join(parts), headers=headers, media_type=encoding.media_type)
    return StreamingResponse(parts, headers=headers, media_type=encoding.media_type)


def _meta(answer: Answer) -> dict[str, Any]:
    """Return the frame of an answer. Without a site of its own it is simulated where all its sites are."""
    meta: dict[str, Any] = {"generated": rfc3339(answer.now)}
    if answer.site is not None:
        meta |= {"site": answer.site.id, "zone": answer.site.timezone, "simulated": answer.site.simulated}
    return {**meta, **answer.meta}


def _file_name(answer: Answer) -> str:
    stamp = rfc3339(answer.now // 1000 * 1000).replace(":", "").replace("-", "")
    return "-".join(["ledig", *([answer.site.id.replace(":", "_")] if answer.site else []), answer.name, stamp])


def _wide(answer: Answer, rows: Iterable[Row]) -> tuple[list[str], list[Row]]:
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
    return f"group:{group}" if group in keys or is_time(group) else group
