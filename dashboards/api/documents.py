"""What OpenAPI says of answers and problems, and a page that says it to people, without a script or a CDN."""

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from dashboards.answers import definitions
from dashboards.api.encoding import ENCODINGS
from dashboards.api.problems import MEDIA_TYPE

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "about:blank: the title says the kind"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what is wrong, and what would be right"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["parameter", "detail"],
                "properties": {"parameter": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
_META = {
    "type": "object",
    "required": ["generated", "simulated"],
    "properties": {
        "generated": {"type": "string", "description": "the moment of the answer on the site's clock, RFC 3339"},
        "simulated": {"type": "boolean", "description": "whether what sensors said is simulated"},
        "site": {"type": "string"},
        "zone": {"type": "string", "description": "the site's IANA time zone"},
        "definition": {"type": "string", "description": "the figure in plain words"},
        "disclosure": {"type": "string", "description": "what is not shown"},
        "window": {"type": "object", "description": "from (in it) and to (not in it), widened to bucket edges"},
        "bucket": {"type": "string"},
        "measure": {"type": "string"},
        "group": {"type": "string"},
    },
}
_BINARY = tuple(ENCODINGS[name].media_type for name in ("arrow", "parquet"))
Responses = dict[int | str, dict[str, Any]]


def answers(
    *tables: str | Mapping[str, str], site: bool = False, framed: bool = False, also: Iterable[str] = ()
) -> Responses:
    """Return what OpenAPI says of a route: rows with the columns of one of the tables, and its problems.

    A table is named as `definitions` has it, or given.
    `framed` rows also have time, group, partial and reason; `also` are media types that this route has besides.
    """
    named = [getattr(definitions, table) if isinstance(table, str) else table for table in tables]
    rows = [_row_schema(table, framed=framed) for table in named]
    row = rows[0] if len(rows) == 1 else {"anyOf": rows}
    body = {
        "type": "object",
        "required": ["meta", "rows"],
        "properties": {"meta": _META, "rows": {"type": "array", "items": row}},
    }
    content: dict[str, Any] = {"application/json": {"schema": body}, "text/csv": {"schema": {"type": "string"}}}
    content |= {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _BINARY}
    content |= {kind: {"schema": {"type": "string"}} for kind in also}
    found: Responses = {200: {"description": "The rows, and what they mean", "content": content}}
    found |= {422: problem("A parameter is unknown, wrong or asks for too much"), 503: problem("The store is away")}
    return found | ({404: problem("There is no such site")} if site else {})


def problem(description: str) -> dict[str, Any]:
    """Return what OpenAPI says of a problem."""
    return {"description": description, "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}


def _row_schema(columns: Mapping[str, str], *, framed: bool) -> dict[str, Any]:
    named = {**definitions.TIME_COLUMNS, **columns} if framed else columns
    return {"type": "object", "properties": {name: {"description": text} for name, text in named.items()}}


def page(openapi: Mapping[str, Any]) -> str:
    """Return the documentation as HTML: every route with its parameters and columns, from what OpenAPI says."""
    routes = "".join(
        _route("" if method == "get" else f"{method.upper()} ", path, operation)
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    )
    return _PAGE.format(
        title=escape(openapi["info"]["title"]), about=escape(openapi["info"]["description"]), routes=routes
    )


_PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>{title}</title>
  <link rel="icon" type="image/svg+xml" href="static/icon.svg">
  <link rel="stylesheet" href="static/colours.css">
  <link rel="stylesheet" href="static/page.css">
  <link rel="stylesheet" href="static/docs.css">
</head>
<body>
  <header class="top"><h1>{title}: the API</h1></header>
  <main class="docs">
    <p>{about}</p>
    <p>The same for programs: <a href="openapi.json">openapi.json</a>. <a href=".">Back to the house</a></p>
{routes}  </main>
</body>
</html>
"""


def _route(method: str, path: str, operation: Mapping[str, Any]) -> str:
    parameters = [_parameter(item) for item in operation.get("parameters", ())]
    columns = list(_columns(operation["responses"].get("200", {})))
    shown = escape(operation.get("description") or operation.get("summary", ""))
    return (
        f'    <section class="card">\n      <h2>{method}<code>{escape(path)}</code></h2>\n      <p>{shown}</p>\n'
        f"{_details('Parameters', parameters)}{_details('Columns', columns)}    </section>\n"
    )


def _details(title: str, items: Iterable[tuple[str, str]]) -> str:
    listed = "".join(f"<dt><code>{escape(name)}</code></dt><dd>{escape(text)}</dd>" for name, text in items)
    if not listed:
        return ""
    return f"      <details><summary>{title}</summary><dl>{listed}</dl></details>\n"


def _parameter(item: Mapping[str, Any]) -> tuple[str, str]:
    schema = item.get("schema", {})
    values = next((part["enum"] for part in [schema, *schema.get("anyOf", ())] if "enum" in part), ())
    parts = [item.get("description") or schema.get("description", "")]
    parts += [f"one of {', '.join(values)}"] if values else []
    parts += [f"default {schema['default']}"] if schema.get("default") is not None else []
    return item["name"], "; ".join(part for part in parts if part)


def _columns(answer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    row = schema.get("properties", {}).get("rows", {}).get("items", {})
    seen: dict[str, str] = {}
    for table in row.get("anyOf", [row]):
        seen |= {name: column["description"] for name, column in table.get("properties", {}).items()}
    yield from seen.items()
