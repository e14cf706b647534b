"""Every word that people read on pages and reports, in each language: one catalogue, the same keys in all."""

from dashboards.words.catalogue import LANGUAGES, Words, chosen, words

__all__ = ["LANGUAGES", "Words", "chosen", "words"]
