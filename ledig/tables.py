"""Tables for a terminal: plain text, numbers to the right."""

from collections.abc import Iterator, Sequence


def lines(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table: the first column to the left, the others to the right.

    >>> for line in lines(["model", "desks"], [["binomial", "96"], ["Erlang B", "8"]]):
    ...     print(line)
    model     desks
    --------  -----
    binomial     96
    Erlang B      8
    """
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    yield _line(header, widths)
    yield "  ".join("-" * width for width in widths)
    for row in rows:
        yield _line(row, widths)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = row
    cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))]
    return "  ".join(cells).rstrip()
