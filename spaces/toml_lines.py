"""Where things stand in a TOML file: `tomllib` gives values, this gives their lines.

It looks at headers and at keys that begin a line, which is how the files we ask for are written. A key it
cannot place is said to stand at its table's header.
"""

import re
from collections import Counter

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*("[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*[=.]""")


class TomlLines:
    r"""Line numbers of a TOML text's tables and keys.

    >>> lines = TomlLines('[site]\nid = "a"\n[[zone]]\nid = "z"\n[[zone]]\nid = "y"\n')
    >>> lines.of("site", 0, "id"), lines.of("zone", 1, "id"), lines.of("zone", 1, "missing")
    (2, 6, 5)
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[str, int, str | None], int] = {}
        seen: Counter[str] = Counter()
        table, index, inner = "", 0, None
        for number, line in enumerate(text.splitlines(), 1):
            if header := _HEADER.match(line):
                name, _, inner_name = header[2].partition(".")
                table, inner = _bare(name), _bare(inner_name) if inner_name else None
                if header[1] == "[[" and inner is None:
                    seen[table] += 1
                index = max(seen[table] - 1, 0)
                self._lines.setdefault((table, index, inner), number)
            elif key := _KEY.match(line):
                self._lines.setdefault((table, index, inner or _bare(key[1])), number)

    def of(self, table: str, index: int = 0, key: str | None = None) -> int:
        """Return the line of a key, of its table where the key is not found, or 1."""
        for place in ((table, index, key), (table, index, None)):
            if place in self._lines:
                return self._lines[place]
        return 1


def _bare(name: str) -> str:
    return name.strip().strip("\"'")
