"""What a roll-up file is made of: sections of rows, each of which has a run of whole numbers in every column."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Values = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Section:
    """n rows: of each column the values of all rows in turn, and the n + 1 places where rows begin and end."""

    rows: int
    values: Mapping[str, Values]
    places: Mapping[str, NDArray[np.int64]]

    @classmethod
    def dense(cls, rows: int, columns: Mapping[str, Values]) -> "Section":
        """Return a section of arrays of shape (rows, any)."""
        values = {name: np.ascontiguousarray(column).reshape(-1) for name, column in columns.items()}
        places = {name: _even(rows, len(values[name])) for name in columns}
        return cls(rows, values, places)

    def also(self, columns: Mapping[str, Values], places: NDArray[np.int64]) -> "Section":
        """Return the section with columns that have runs of differing lengths, alike in all of them."""
        more = dict.fromkeys(columns, places)
        return Section(self.rows, {**self.values, **columns}, {**self.places, **more})

    def matrix(self, name: str) -> Values:
        """Return a column whose runs are equally long, in shape (rows, length)."""
        return self.values[name].reshape(self.rows, -1) if self.rows else self.values[name].reshape(0, 0)


def to_table(schema: pa.Schema, name: str, section: Section, low: int, high: int) -> pa.Table:
    """Return the rows from `low` to before `high` as a table of a file's schema: columns of other sections are null."""
    columns = []
    for field in schema:
        owner, _, column = field.name.partition("_")
        if owner == name:
            columns.append(_lists(section.values[column], section.places[column][low : high + 1]))
        else:
            columns.append(pa.nulls(high - low, field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def of_table(name: str, table: pa.Table) -> Section:
    """Return a section from a table of its rows."""
    values: dict[str, Values] = {}
    places: dict[str, NDArray[np.int64]] = {}
    for field in table.schema:
        lists = table.column(field.name).combine_chunks()
        lists = lists.chunk(0) if isinstance(lists, pa.ChunkedArray) else lists
        column = field.name.removeprefix(f"{name}_")
        values[column] = lists.flatten().to_numpy(zero_copy_only=False)
        offsets = lists.offsets.to_numpy().astype(np.int64)
        places[column] = offsets - offsets[0] if len(offsets) else np.zeros(1, dtype=np.int64)
    return Section(table.num_rows, values, places)


def schema_of(sections: Mapping[str, Section]) -> pa.Schema:
    """Return the schema of a file: a list column for each column of each section."""
    fields = [
        pa.field(f"{name}_{column}", pa.list_(pa.field("item", pa.from_numpy_dtype(values.dtype), nullable=False)))
        for name, section in sections.items()
        for column, values in section.values.items()
    ]
    return pa.schema(fields)


def _even(rows: int, values: int) -> NDArray[np.int64]:
    return np.arange(rows + 1, dtype=np.int64) * (values // rows if rows else 0)


def _lists(values: Values, places: NDArray[np.int64]) -> pa.ListArray:
    part = pa.array(np.ascontiguousarray(values[places[0] : places[-1]]))
    kind = pa.list_(pa.field("item", part.type, nullable=False))
    return pa.ListArray.from_arrays(pa.array((places - places[0]).astype(np.int32)), part, type=kind)
