"""Names of a dump's sensors become ids by one rule, which is shown; two names never become one id unsaid."""

from collections.abc import Mapping

from simulator.convert.refusals import Reason, RowError
from spaces.ids import id_from

_NOBODY = frozenset(("", "nan", "na", "null", "none", "n/a", "#n/a", "<na>", "\\n"))


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
