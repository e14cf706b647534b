"""The project's papers, and what tests take out of them: tables, fenced blocks, links, headings."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
_CELL = re.compile(r"(?<!\\)\|")


class Block(NamedTuple):
    """A fenced block: what stands after its fence, and its text."""

    info: str
    text: str


def papers() -> list[Path]:
    """Return every paper of the project."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def named(path: Path) -> str:
    """Return a paper's name, for the names of tests."""
    return str(path.relative_to(ROOT))


def read(name: str) -> str:
    """Return the text of a paper by its path from the root."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str, info: str | None = None) -> list[Block]:
    """Return the fenced blocks of a text, or those of one kind."""
    found = [Block(kind.strip(), body) for kind, body in _FENCE.findall(text)]
    return [block for block in found if info is None or block.info == info]


def without_blocks(text: str) -> str:
    """Return a text without its fenced blocks."""
    return _FENCE.sub("", text)


def table(text: str, *header: str) -> list[list[str]]:
    """Return the rows of the one table whose header begins with these cells."""
    lines = text.splitlines()
    starts = [index for index, line in enumerate(lines) if _cells(line)[: len(header)] == list(header)]
    assert len(starts) == 1, f"{len(starts)} tables begin with {header}"
    rows = []
    for line in lines[starts[0] + 2 :]:
        if not line.startswith("|"):
            break
        rows.append(_cells(line))
    return rows


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _CELL.split(line)[1:-1]]


def code(cell: str) -> str:
    """Return what stands in a cell as code."""
    assert cell.startswith("`"), cell
    assert cell.endswith("`"), cell
    return cell[1:-1]


def links(text: str) -> Iterator[str]:
    """Yield the targets of a text's links and pictures."""
    for link, picture in _LINK.findall(without_blocks(text)):
        yield link or picture


def anchors(text: str) -> set[str]:
    """Return the anchors of a text's headings, as they are made of them by GitHub."""
    headings = re.findall(r"^#+ +(.+)$", without_blocks(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def commands(text: str) -> list[str]:
    """Return the lines of a text's shell blocks, without comments."""
    lines = [line for block in blocks(text, "sh") for line in block.text.splitlines()]
    return [line.partition(" #")[0].rstrip() for line in lines if line.strip()]
