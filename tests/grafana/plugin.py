"""How the plugin Infinity 3.11.1 reads an answer, in so far as a question of ours depends on it.

Read in its source: macros are filled in, parameters are added to the address below the data source's, the root
selector finds the rows, a column is a selector, a name and a type. A column that a row lacks is null without a word,
and lines over time that do not ascend fall back to a table without a word: both are mistakes here.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import httpx

Rows = Sequence[Mapping[str, Any]]


def address(target: Mapping[str, Any], variables: Mapping[str, str], window: tuple[str, str]) -> httpx.URL:
    """Return what is asked, below the data source's address."""
    macros = {"__timeFrom": window[0], "__timeTo": window[1]}

    def filled(text: str) -> str:
        return re.sub(r"\$\{(\w+)\}", lambda found: {**variables, **macros}[found[1]], text)

    params = [(item["key"], filled(item["value"])) for item in target["url_options"]["params"]]
    return httpx.URL(filled(target["url"]), params=params)


def assert_columns(target: Mapping[str, Any], rows: Rows) -> None:
    """Assert that each row has each column, and each value the column's type or none."""
    for column in target["columns"]:
        for row in rows:
            assert column["selector"] in row, column["selector"]
            value = row[column["selector"]]
            assert value is None or _is_of(value, column["type"]), (column, value)


def _is_of(value: object, kind: str) -> bool:
    if kind == "timestamp":
        return isinstance(value, str) and value.endswith("Z") and bool(datetime.fromisoformat(value))
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    # Numbers become words where words are asked for: bars need a column of words.
    return isinstance(value, str | int if kind == "string" else bool)


def assert_lines(target: Mapping[str, Any], rows: Rows) -> None:
    """Assert that rows are made lines over time: times are there and ascend, and tell rows of one line apart."""
    columns = target["columns"]
    (time,) = [column["selector"] for column in columns if column["type"] == "timestamp"]
    times = [datetime.fromisoformat(row[time]) for row in rows]
    assert all(one <= other for one, other in pairwise(times)), "times ascend"
    words = [column["selector"] for column in columns if column["type"] == "string"]
    keys = [(row[time], *(row[word] for word in words)) for row in rows]
    assert len(set(keys)) == len(keys), "a line has one value at a time"
    assert any(column["type"] == "number" for column in columns)
