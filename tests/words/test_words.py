"""The catalogue is whole: each language says everything, with the same places, and pages ask for nothing else."""

import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards.web.pages import STATIC
from dashboards.words import LANGUAGES, Words, words

ENGLISH = words("en")
TEMPLATES = Path(STATIC).parent / "templates"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_every_text(language: str) -> None:
    assert words(language).texts.keys() == ENGLISH.texts.keys()
    assert all(text.strip() for text in words(language).texts.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_text_has_the_same_places(language: str) -> None:
    differ = {key for key, text in words(language).texts.items() if _places(text) != _places(ENGLISH.texts[key])}
    assert differ == set()


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_what_reads_like_english_in_another_language_is_a_word_of_both(language: str) -> None:
    texts = words(language).texts
    same = {key for key, text in texts.items() if text == ENGLISH.texts[key] and re.search(r"[a-z]{4}", _bare(text))}
    assert {texts[key] for key in same} <= SHARED


SHARED = {"Sensor", "Live", "Live, {ago}", "{state}, {text} person", "Lounges"}


def test_a_form_for_one_has_a_form_for_many() -> None:
    assert {key for key in ENGLISH.texts if key.endswith("_one")} <= {f"{key}_one" for key in ENGLISH.texts}


def test_every_text_that_pages_ask_for_is_there() -> None:
    asked = set(_asked())
    assert len(asked) > 150
    assert {key for key in asked if key not in ENGLISH.texts} == set()


def test_every_text_is_asked_for_somewhere() -> None:
    """By its key, or by one that is put together: `reason.` and what the API says, say."""
    sources = "".join(file.read_text(encoding="utf-8") for file in [*STATIC.glob("*.js"), *TEMPLATES.glob("*.html")])
    asked = set(_asked())
    stems = set(re.findall(r"['\"`]([a-z_]+\.[a-z_]*)(?:\$\{|' ~)", sources))
    unused = {
        key
        for key in ENGLISH.texts
        if not key.startswith(("report.", "kind.", "language."))
        and key not in asked
        and key.removesuffix("_one") not in asked
        and not any(key.startswith(stem) for stem in stems)
        and f'"{key}"' not in sources
    }
    assert unused == set()


def test_a_text_is_filled_in() -> None:
    assert ENGLISH("floor.desks", 1, free=0) == "0 of 1 flexible desk free"
    assert ENGLISH("floor.desks", 3, free=2) == "2 of 3 flexible desks free"
    assert words("nb")("time.hours", h=2, m=5) == "2 t 5 min"
    with pytest.raises(KeyError):
        ENGLISH("floor.plan")
    with pytest.raises(KeyError):
        ENGLISH("no.such.text")


def test_words_are_read_once() -> None:
    assert words("de") is words("de")
    assert isinstance(words("de"), Words)


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def _bare(text: str) -> str:
    return re.sub(r"\{\w+\}", "", text)


def _asked() -> Iterator[str]:
    for file in STATIC.glob("*.js"):
        text = file.read_text(encoding="utf-8")
        yield from re.findall(r'\bt\(\s*"([a-z_.]+)"', text)
        for inner in re.findall(r"\bt\(([^()]*\?[^()]*)", text):
            yield from re.findall(r'"([a-z_]+\.[a-z_]+)"', inner)
    for file in TEMPLATES.glob("*.html"):
        yield from re.findall(r"\bt\('([a-z_.]+)'[,)]", file.read_text(encoding="utf-8"))
