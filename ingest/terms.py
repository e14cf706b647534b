"""What a broker of MQTT 5 says that it does not do for us: told, as what it costs is seen much later."""

import logging
from collections.abc import Sequence

from paho.mqtt.properties import Properties

from ingest.settings import IngestSettings

log = logging.getLogger(__name__)


class Terms:
    """The terms on which the broker lets us in, connection by connection."""

    def __init__(self, settings: IngestSettings, topics: Sequence[str]) -> None:
        self._settings = settings
        self._wild = [topic for topic in topics if {"+", "#"} & set(topic)]
        self._told: int | None = None

    def lack(self, properties: Properties | None) -> str | None:
        """Return what we cannot do without and the broker does not have, None where there is nothing.

        What merely costs something is logged, once.
        """
        s = self._settings
        if s.retire:
            return None  # nothing is asked for any more
        if s.share and getattr(properties, "SharedSubscriptionAvailable", 1) == 0:
            return f"{s.address} has no shared subscriptions, by which workers divide the messages: run one worker"
        if self._wild and getattr(properties, "WildcardSubscriptionAvailable", 1) == 0:
            return f"{s.address} has no wildcards in subscriptions, which {self._wild[0]} needs: use another broker"
        expiry = getattr(properties, "SessionExpiryInterval", s.session_expiry)
        if expiry < s.session_expiry and expiry != self._told:
            log.warning(
                "%s keeps our session for %d s, and not for %d s: what is published while ledig is away for longer is"
                " lost; raise the broker's limit, or lower session_expiry",
                s.address,
                expiry,
                s.session_expiry,
            )
            self._told = expiry
        return None
