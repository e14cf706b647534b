"""The sites that the settings name, and the one of them that a command is about."""

from ledig.problem import CommandError
from ledig.settings import Settings
from simulator.betahaus import SITE
from spaces.bookings import FOLDER
from spaces.fetched import FETCHED
from spaces.learnt import LEARNT
from spaces.mistakes import did_you_mean
from spaces.site import Site
from spaces.sitebook import SiteBook

DEMO_NOTE = "demo.json"
"""In the data folder of a demo, what `ledig demo` has to remember."""


def sites_of(settings: Settings, *, fetched: bool = True) -> SiteBook:
    """Return the sites that the settings name, with the calendars that were `fetched` for them or without.

    Raises:
        CommandError: they name none.
        SiteFileError: with every mistake in their files.
    """
    if not settings.sites:
        raise CommandError("no site is named; name site files with --sites, LEDIG_SITES or `sites` in ledig.toml")
    return SiteBook(settings.sites, fetched=settings.data / FETCHED if fetched else None, learnt=settings.data / LEARNT)


def sites_to_read(settings: Settings, *, fetched: bool = True) -> SiteBook:
    """Return the sites that the settings name, or in the folder of a demo its house; also what was fetched for them.

    Raises:
        CommandError: they name none.
        SiteFileError: with every mistake in their files.
    """
    if not settings.sites and is_demo(settings):
        return SiteBook([SITE], bookings=settings.data / FOLDER)
    return sites_of(settings, fetched=fetched)


def is_demo(settings: Settings) -> bool:
    """Whether the data are those of a demo."""
    return (settings.data / DEMO_NOTE).exists()


def one_site(settings: Settings, asked: str | None) -> Site:
    """Return the site that is asked for (its id), or the only one that the settings name.

    Raises:
        CommandError: there is none, or it is not clear which.
        SiteFileError: with every mistake in the site files.
    """
    sites = sites_to_read(settings).current()
    if asked is not None and asked not in sites:
        raise CommandError(f"the settings name no site {asked!r}{did_you_mean(asked, list(sites))}")
    if asked is None and len(sites) > 1:
        raise CommandError(f"which one? Name it with --site: {', '.join(sites)}")
    return sites[asked] if asked is not None else next(iter(sites.values()))
