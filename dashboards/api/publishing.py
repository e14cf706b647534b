"""From rows to bytes: the one way out, which discloses and then encodes."""

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from itertools import chain, islice
from typing import Any, ParamSpec

from starlette.responses import Response, StreamingResponse

from analytics.privacy.disclosure import Row
from dashboards.answers.answer import Answer, disclosed
from dashboards.api.encoding import ENCODINGS, PIECE, is_time, pieces
from spaces.times import rfc3339

_P = ParamSpec("_P")
_FRESH = {"Cache-Control": "no-store"}
"""Where people are now is nothing to be kept by whoever is on the way."""


def published(route: Callable[_P, Answer]) -> Callable[_P, Response]:
    """Make a route of a function that finds an answer: what it found is disclosed, then encoded as its query says."""

    @wraps(route)
    def answer(*args: _P.args, **kwargs: _P.kwargs) -> Response:
        query = kwargs.get("query")
        return _respond(route(*args, **kwargs), getattr(query, "format", "json"), getattr(query, "shape", "long"))

    return answer


def _respond(answer: Answer, form: str, shape: str) -> Response:
    """Encode an answer; a large one is sent piece by piece, so that the whole of it never lies in memory as text."""
    rows: Iterable[Row] = disclosed(answer)
    columns = list(answer.columns)
    if shape == "wide":
        columns, rows = _wide(answer, rows)
    encoding = ENCODINGS[form]
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
