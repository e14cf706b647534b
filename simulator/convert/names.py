"""Names of a dump's sensors become ids by one rule, which is shown; two names never become one id unsaid."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping

from simulator.convert.refusals import Reason, RowError
from spaces.fields import is_id

_SPELT = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "æ": "ae",
        "ø": "oe",
        "å": "aa",
        "œ": "oe",
        "ł": "l",
        "đ": "d",
        "þ": "th",
    }
    | {
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
        "Æ": "Ae",
        "Ø": "Oe",
        "Å": "Aa",
        "Œ": "Oe",
        "Ł": "L",
        "Đ": "D",
        "Þ": "Th",
        "ð": "d",
    }
)
_LONGEST = 64
_NOBODY = frozenset(("", "nan", "na", "null", "none", "n/a", "#n/a", "<na>", "\\n"))


def id_from(name: str) -> str:
    """Return the id of a name: letters without accents, and a "-" for whatever an id cannot hold.

    Where letters of other scripts are lost, or the name is too long, the first figures of its SHA-1 follow.

    >>> [id_from(name) for name in ("Room 2.04 (west)", "Küche", "d-12", "会議室 1")]
    ['Room-2.04-west', 'Kueche', 'd-12', '1-0d53189e']
    """
    if is_id(name):
        return name
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", name).translate(_SPELT))
    lost = any(sign.isalnum() and not sign.isascii() for sign in plain)
    kept = re.sub(r"[^A-Za-z0-9_.:]+", "-", plain.encode("ascii", "ignore" if not lost else "replace").decode())
    short = kept.lstrip("-_.:").rstrip("-")
    if not lost and short and len(short) <= _LONGEST:
        return short
    figures = hashlib.sha1(name.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()[:8]
    return f"{short[: _LONGEST - 9] or 'sensor'}-{figures}"


def is_nobody(name: str) -> bool:
    """Whether a cell names no sensor."""
    return name.lower() in _NOBODY


class Names:
    """The names of a dump so far, and the id of each."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}
        """Names to ids; one whose id another name has is not among them."""
        self._names: dict[str, str] = {}
        self._clashing: set[str] = set()

    def id_of(self, name: str, given: Mapping[str, str]) -> str:
        """Return the id of a name: one that the mapping gives, else one by the rule.

        Raises:
            RowError: where there is no name, or another has its id.
        """
        found = self.ids.get(name)
        if found is None:
            found = self._new(name, given)
        return found

    def _new(self, name: str, given: Mapping[str, str]) -> str:
        if is_nobody(name):
            raise RowError(Reason.NO_NAME, "no sensor's name in this row")
        if "\N{REPLACEMENT CHARACTER}" in name:
            raise RowError(Reason.NO_NAME, f"the name {name[:60]!r} holds bytes that are no text; say the encoding")
        sensor = given.get(name) or id_from(name)
        other = self._names.setdefault(sensor, name)
        if other == name:
            self.ids[name] = sensor
            return sensor
        told = name in self._clashing
        self._clashing.add(name)
        message = f"{name[:60]!r} and {other[:60]!r} both become the id {sensor}; name one of them in ids"
        raise RowError(Reason.CLASH, message, told=told)
