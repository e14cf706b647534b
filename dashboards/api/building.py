"""What routes share: the sites in force, and what answers are worked out from."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from dashboards.answers.context import Context
from dashboards.api.access import Access
from dashboards.api.problems import Problem
from dashboards.settings import ApiSettings
from spaces.mistakes import did_you_mean, shown
from spaces.site import Site
from spaces.sitebook import Sites
from spaces.times import Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """The sites that may be asked about, and the context in which answers are worked out."""

    settings: ApiSettings
    context: Context
    sites: Sites

    def now(self) -> Millis:
        """Return the moment that answers go by."""
        return self.context.now()

    def visible(self, access: Access) -> Mapping[str, Site]:
        """Return the sites that an access is to, by id."""
        sites = self.sites()
        if access.sites is None:
            return sites
        return {site_id: site for site_id, site in sites.items() if site_id in access.sites}

    def site(self, access: Access, site_id: str) -> Site:
        """Return a site that an access is to. Another is as good as none: not even a hint names it.

        Raises:
            Problem: 404, with the sites that there are for this access.
        """
        known = self.visible(access)
        if site_id not in known:
            hint = did_you_mean(site_id[:60], list(known)) if known else "; none is known yet"
            raise Problem(HTTPStatus.NOT_FOUND, f"There is no site {shown(site_id)!r}{hint}")
        return known[site_id]
