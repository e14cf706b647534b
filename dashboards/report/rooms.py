"""The sections on rooms: how they are filled, which sizes would do, and what becomes of bookings."""

from collections.abc import Sequence

from analytics.privacy.disclosure import Row
from dashboards.answers.bookings import NOT_KNOWN
from dashboards.answers.questions import Question
from dashboards.report.asked import Answered, Ask
from dashboards.report.sections import Section, Writer


def rooms_section(ask: Ask, writer: Writer) -> Section:
    """Return each room's use, and the mix of sizes that the measured parties would need."""
    words, numbers = writer.words, writer.numbers
    rooms, mix = ask(Question("rooms")), ask(Question("rooms/mix"))
    columns = (
        ("report.room", lambda row: str(row["name"])),
        ("report.seats", lambda row: numbers.number(row["capacity"])),
        ("figure.utilisation", lambda row: numbers.share(row["utilisation"])),
        ("report.fill", lambda row: numbers.share(row["fill_when_used"])),
        ("report.solo", lambda row: numbers.share(row["solo"])),
        ("report.over", lambda row: numbers.share(row["over_capacity"])),
        ("report.median_party", lambda row: numbers.number(row["median_party"], 1)),
        ("report.largest_party", lambda row: numbers.number(row["largest_party"])),
    )
    sizes = (
        ("report.seats", lambda row: numbers.number(row["seats"])),
        ("report.rooms_now", lambda row: numbers.number(row["rooms_now"])),
        ("report.as_used", lambda row: numbers.number(row["as_used"])),
        ("report.right_sized", lambda row: numbers.number(row["right_sized"])),
        ("report.replayed", lambda row: numbers.number(row["right_sized_replayed"])),
    )
    return Section(
        "rooms",
        words("report.rooms"),
        lines=[why for why in (rooms.trouble, mix.trouble) if why],
        tables=[
            writer.table(words("report.rooms"), rooms.rows, columns),
            writer.table(words("report.mix"), mix.rows, sizes),
        ],
        defined=("mix",),
        advice=_mix_advice(mix.rows, writer),
    )


def bookings_section(ask: Ask, writer: Writer) -> Section | None:
    """Return what becomes of bookings, None where the house has none."""
    words, numbers = writer.words, writer.numbers
    found: Answered = ask(Question("bookings"))
    booked = [row for row in found.rows if row["bookings"]]
    unknown = [str(row["name"]) for row in found.rows if row["reason"] == NOT_KNOWN]
    if not booked and not unknown:
        return None
    columns = (
        ("report.room", lambda row: str(row["name"])),
        ("report.bookings", lambda row: numbers.number(row["bookings"])),
        ("report.no_shows", lambda row: numbers.number(row["no_shows"])),
        ("report.left_early", lambda row: numbers.number(row["left_early"])),
        ("report.without_booking", lambda row: numbers.number(row["used_without_booking"])),
        ("report.booked_hours", lambda row: numbers.number(row["booked_hours"], 1)),
        ("report.recoverable", lambda row: numbers.number(row["recoverable_hours"], 1)),
        ("figure.coverage", lambda row: numbers.share(row["coverage"])),
    )
    hours = sum(row["recoverable_hours"] or 0.0 for row in booked)
    whole = sum(row["booked_hours"] or 0.0 for row in booked)
    return Section(
        "bookings",
        words("report.bookings"),
        lines=[words("report.bookings_unknown", rooms=", ".join(unknown))] if unknown else [],
        tables=[writer.table(words("report.bookings"), found.rows, columns)],
        defined=("bookings",),
        advice=[words("report.bookings_advice", hours=numbers.number(hours), whole=numbers.number(whole))]
        if booked
        else [],
    )


def _mix_advice(sizes: Sequence[Row], writer: Writer) -> list[str]:
    """Return the mix that served when the parties were replayed, and below how many rooms none can."""
    least = sum(row["right_sized"] or 0 for row in sizes)
    wanted = [(row["right_sized_replayed"], row["seats"]) for row in sizes if row["right_sized_replayed"]]
    if not wanted:
        return []
    listed = ", ".join(writer.words("report.rooms_of", n=count, seats=seats) for count, seats in wanted)
    advice = writer.words("report.mix_advice", rooms=listed, least=least)
    return [advice, *([writer.words("report.mix_censored")] if any(row["censored"] for row in sizes) else [])]
