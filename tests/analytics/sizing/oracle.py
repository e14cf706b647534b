"""A house with n desks, lived through moment by moment: slow, and plain to see."""

from collections.abc import Sequence
from dataclasses import dataclass, field

Stay = tuple[int, int]
"""Start and end."""


@dataclass
class House:
    """People come in order of arrival, sit if they can, wait if they may, and leave when they planned to."""

    desks: int
    patience: int
    seated: list[int] = field(default_factory=list)
    """When those who sit leave."""
    waiting: list[tuple[int, int, int]] = field(default_factory=list)
    """Until when somebody would sit down, when they leave, and who it is."""
    served: dict[int, int] = field(default_factory=dict)
    """When each who got a desk got it."""

    def at(self, moment: int) -> None:
        """Let happen what happens at a moment: departures, then who waits sits down in turn, then patience ends."""
        self.seated = [end for end in self.seated if end > moment]
        self.waiting = [one for one in self.waiting if one[1] > moment]
        while self.waiting and len(self.seated) < self.desks:
            _, end, who = self.waiting.pop(0)
            self.seated.append(end)
            self.served[who] = moment
        self.waiting = [one for one in self.waiting if one[0] > moment]

    def comes(self, moment: int, end: int, who: int) -> None:
        """Let somebody come."""
        self.waiting.append((moment + self.patience, end, who))
        self.at(moment)


def live_through(stays: Sequence[Stay], desks: int, patience: int) -> dict[int, int]:
    """Return when each stay (by its place in the list) that got a desk got it; the others went without."""
    house = House(desks, patience)
    arrivals: dict[int, list[int]] = {}
    for who, (start, _) in enumerate(stays):
        arrivals.setdefault(start, []).append(who)
    moments = {moment for start, end in stays for moment in (start, end, min(start + patience, end))}
    for moment in sorted(moments):
        house.at(moment)
        for who in sorted(arrivals.get(moment, ()), key=lambda one: (stays[one][1], one)):
            house.comes(moment, stays[who][1], who)
    return house.served


def there(stays: Sequence[Stay], moment: int) -> int:
    """Return how many are there if nobody leaves for want of a desk."""
    return sum(start <= moment < end for start, end in stays)
