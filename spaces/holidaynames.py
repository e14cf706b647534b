"""Public holidays of a country, a part of it, and of those who keep more: ``DE-BY+catholic``."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache

import holidays

from spaces.mistakes import did_you_mean

ALWAYS = "public"


def wrong_region(text: str) -> str | None:
    """Return what is wrong with a region such as ``NO``, ``DE-BE`` or ``DE-BY+catholic``, None where it is known.

    >>> wrong_region("DE-BY+catholic"), wrong_region("DE-BY+katholic")
    (None, "'katholic' is no kind of holiday of DE-BY; did you mean catholic?")
    """
    region, *categories = text.split("+")
    country, _, part = region.partition("-")
    known = holidays.list_supported_countries(include_aliases=True)
    if country not in known or (part and part not in known[country]):
        return f'{region!r} is no region; write "DE-BE", "NO", "DE-BY+catholic" or "none"'
    there = _calendar(region, ()).supported_categories
    wrong = [category for category in categories if category not in there]
    return f"{wrong[0]!r} is no kind of holiday of {region}{did_you_mean(wrong[0], there)}" if wrong else None


@lru_cache(maxsize=256)
def holidays_of(text: str, year: int) -> Mapping[date, str]:
    """Return the holidays of a region in a year, each with the name that it has there."""
    region, *categories = text.split("+")
    # Unless told the language it goes by the machine's own; here a day has the name that it has in its country.
    language = _calendar(region, ()).default_language
    return dict(_calendar(region, (year,), categories, language).items())


def _calendar(
    region: str, years: Sequence[int], categories: Iterable[str] = (), language: str | None = None
) -> holidays.HolidayBase:
    country, _, part = region.partition("-")
    known = holidays.country_holidays(country, subdiv=part or None)
    wanted = {category for category in (ALWAYS, *categories) if category in known.supported_categories}
    return holidays.country_holidays(
        country, subdiv=part or None, years=years, categories=wanted or None, language=language
    )
