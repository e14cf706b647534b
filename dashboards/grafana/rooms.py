"""Rooms: whether their size fits those who use them, and whether those who booked came."""

from dashboards.grafana.ask import Ask, Look, number, share, text
from dashboards.grafana.dashboard import Dashboard
from dashboards.grafana.now import house
from dashboards.grafana.panels import BAD, FREE, USED, WARN, Panel, bars, table

PICKED = ("floor", "zone")
_GAUGE = Look(cell="gauge", thresholds=((None, USED),))
_FEW = Look(cell="colour", thresholds=((None, FREE), (0.1, WARN), (0.3, BAD)))


def _fit() -> Panel:
    ask = Ask(
        route="rooms",
        columns=(
            text("space", "room"), number("capacity", "seats"), share("utilisation", "time in use", _GAUGE),
            share("fill_when_used", "seats filled when used", _GAUGE), share("solo", "one person alone", _FEW),
            share("over_capacity", "more than seats", _FEW), number("median_party", "median party"),
            number("largest_party", "largest"), number("parties", "parties"), share("coverage", "known"),
        ),
        spanning=True,
        picked=PICKED,
        keys=("space",),
    )  # fmt: skip
    about = (
        "Fill when used: people over seats while the room was in use. A party is the largest count that was held for at"
        " least five minutes. Rooms that count nobody have no people figures."
    )
    return table("Does the size fit?", ask, about, width=24, height=10, sort=("time in use", True))


def _parties() -> Panel:
    ask = Ask(
        route="rooms/parties",
        columns=(
            number("size", "people in a party"),
            number("parties", "parties", Look(colour=USED)),
            number("hours", "hours", Look(colour=WARN)),
            number("capacity", "seats of the room"),
        ),
        spanning=True,
        picked=PICKED,
        keys=("capacity", "size"),
    )
    return table(
        "Parties by size and room",
        ask,
        "How many parties of each size met in rooms of how many seats.",
        width=12,
        height=10,
    )


def _mix() -> Panel:
    ask = Ask(
        route="rooms/mix",
        columns=(
            text("seats", "seats"), number("rooms_now", "rooms now", Look(colour=USED)),
            number("as_used", "as used", Look(colour=WARN)), number("right_sized", "right-sized", Look(colour=FREE)),
        ),
        spanning=True,
        picked=PICKED,
        keys=("seats",),
    )  # fmt: skip
    about = (
        "The least rooms of each size in which all parties that met at the same time would have found one that seats"
        " them: a lower bound. As used: with the habits measured; right-sized: if each took the smallest that seats it."
    )
    return bars("Which rooms would do?", ask, about, x="seats", width=12, height=10)


def _bookings() -> Panel:
    hours = Look(unit="h", decimals=1)
    ask = Ask(
        route="bookings",
        columns=(
            text("space", "room"), number("bookings", "bookings"), number("judged", "of these known"),
            number("no_shows", "nobody came"),
            number("left_early", "left early"), number("used_without_booking", "used without booking"),
            number("booked_hours", "booked", hours), number("recoverable_hours", "could be given back", hours),
            share("coverage", "known"), text("reason", "why not"),
        ),
        spanning=True,
        picked=PICKED,
        keys=("space",),
    )  # fmt: skip
    about = (
        "Nobody came: no presence within ten minutes of the begin. Only bookings during which presence is known count."
    )
    return table("Bookings", ask, about, width=24, height=10, sort=("could be given back", True))


def rooms() -> Dashboard:
    """Return the dashboard of rooms."""
    return Dashboard(
        slug="rooms",
        title="Rooms",
        about="Party sizes against seats, solo use, and bookings where they are known.",
        rows=(("", (house(),)), ("Size", (_fit(), _parties(), _mix())), ("Bookings", (_bookings(),))),
    )
