"""Words that dumps use for states, for directions, and for what is not known."""

GAPS = frozenset(
    (
        *(
            "",
            "nan",
            "na",
            "n/a",
            "<na>",
            "#n/a",
            "#na",
            "nat",
            "null",
            "none",
            "nil",
            "\\n",
            "-",
            "--",
            "---",
            "?",
            ".",
        ),
        *("unknown", "unavailable", "undefined", "missing", "no data", "nodata"),
    )
)
"""Cells that say that nothing was measured."""
STATES = {
    **dict.fromkeys(("1", "1.0", "true", "yes", "on", "occupied"), 1),
    **dict.fromkeys(("0", "0.0", "false", "no", "off", "vacant", "free"), 0),
}
DIRECTIONS = {
    **dict.fromkeys(("in", "enter", "entry", "entrance", "entered", "arrival", "arrive"), 1),
    **dict.fromkeys(("out", "exit", "leave", "left", "departure", "depart"), -1),
}


def is_gap(text: str) -> bool:
    """Whether a cell says that nothing was measured.

    >>> is_gap("NaN"), is_gap(" null "), is_gap("0")
    (True, True, False)
    """
    return not text or text.strip().lower() in GAPS
