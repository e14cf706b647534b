"""What a worker listens to: the format of its source's family, and the topics to subscribe to."""

from collections.abc import Mapping
from typing import Any

from ingest.formats import Filter, Format
from ingest.formats.families import family_of
from ingest.formats.native import Native
from ingest.settings import IngestSettings
from spaces.models import Models
from spaces.site import Site

MAPPING = "mapping"
"""The family whose topics a house names itself."""


def format_of(settings: IngestSettings, models: Models | None = None) -> Format[Any]:
    """Return the format of a source's messages, in houses with these models of their own.

    Raises:
        ValueError: there is no such family.
    """
    if settings.is_native:
        return Native(settings.prefix, most_payload=settings.most_payload)
    family = family_of(settings.family)
    return family.make(settings.base or family.base, models or {})


def own_models(sites: Mapping[str, Site]) -> Models:
    """Return the models that say themselves where their messages come, of all sites."""
    return {name: model for site in sites.values() for name, model in site.models.items() if model.topics}


def usual_subscriptions(settings: IngestSettings) -> tuple[str, ...]:
    """Return the topic filters of a source that has no models of its own."""
    return subscriptions(settings, format_of(settings).filters)


def subscriptions(settings: IngestSettings, filters: tuple[Filter, ...]) -> tuple[str, ...]:
    """Return the topic filters of a worker, those shared with others marked so.

    >>> subscriptions(IngestSettings(share="s"), (Filter("a/#"), Filter("b", shared=False)))
    ('$share/s/a/#', 'b')
    """
    share = settings.share
    return tuple(
        f"$share/{share}/{one.shared_topics or one.topics}" if share and one.shared else one.topics for one in filters
    )
