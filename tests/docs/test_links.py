"""Every link that stays in the project leads somewhere, and to a heading where it names one."""

from pathlib import Path

import pytest

from tests.docs.papers import anchors, links, named, papers


@pytest.mark.parametrize("paper", papers(), ids=named)
def test_links_lead_somewhere(paper: Path) -> None:
    text = paper.read_text(encoding="utf-8")
    for link in links(text):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (paper.parent / path).resolve() if path else paper
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{link}: there is no such heading"


@pytest.mark.parametrize("paper", papers(), ids=named)
def test_headings_of_a_paper_differ(paper: Path) -> None:
    text = paper.read_text(encoding="utf-8")
    if paper.name != "CHANGELOG.md":
        assert text.count("\n## ") == len({line for line in text.splitlines() if line.startswith("## ")})
