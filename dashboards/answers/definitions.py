"""What figures mean, in plain words, and what each column holds. Both go out with the answers and the documentation."""

from collections.abc import Mapping

from analytics.privacy.blocks import FEWEST

UTILISATION = (
    "Time utilisation: occupied time divided by known time, inside opening hours; over a group both are summed over"
    " its spaces. Unknown time is left out; lo counts it as vacant, hi as occupied."
)
HELD = (
    "Held: the vacant time of a flexible desk between two uses on one open day, if it lasts at most 90 minutes and"
    " none of it is unknown. Space usage: spaces in use for at least 15 minutes of an hour in total, among those known"
    " for at least 45; longer buckets sum both over their hours."
)
CAPACITY_UTILISATION = (
    "Capacity utilisation: the integral of people divided by the integral of the seats in force, over the open time"
    " in which people are known."
)
PEAK_SPACES = (
    "Peak: the most spaces of the group in use at the same moment, inside opening hours, and the first moment of it;"
    " never a sum of separate peaks. peak_upper adds those that were unknown."
)
PEAK_PEOPLE = (
    "Peak: the most people in the group at the same moment, inside opening hours, and the first moment of it; never a"
    " sum of separate peaks. peak_upper counts spaces that were unknown as full. Above capacity is shown as it is."
)
SUSTAINED = (
    " Sustained: the most that stayed in use for 15 minutes on end: the largest, over all moments, of the least within"
    " the next 15 minutes, which must lie within the bucket."
)
AVAILABILITY = (
    "What was left, inside opening hours: the fewest vacant at once; sold out: the share of time in which nothing was"
    " left, certainly (nothing was unknown) and possibly (nothing was known to be), of the time in which anything of"
    " the group is known. Target: how long less than 60 percent, 60 to 100 percent, and more of what is open and known"
    " was in use, while that is at least five spaces or seats."
)
HEATMAP = (
    "Time utilisation by weekday and local hour: all occupied time of the cell divided by all its known time over the"
    " window, inside opening hours."
)
STATUS = (
    "State of each space: occupied if a sensor says so, vacant only if all its sensors say so, else unknown. Counts are"
    " of spaces; people are a sum, null where one of them is unknown."
)
SENSORS = (
    "Every sensor that is mapped to a space now or was ever heard. Silent: nothing heard for its silence limit; its"
    " space is then unknown, not vacant."
)
USUAL = (
    "Mean number of spaces in use in each hour of today, and what is usual on this weekday: of the same hour on the"
    " same weekday of past weeks the 10th, 50th and 90th percentile. A past hour counts if at least half of it is"
    " known; with fewer than four such hours nothing is usual."
)
PIPELINE = (
    "What became of the messages of each process that takes some in, since it started; the spool on its way to a server"
    " store; how long ago anything was heard, and how long the store takes to answer now."
)
SPACES = "The spaces of the site, in the order of its file, with what it says of them now."
SITES = "The sites that this ledig serves."
DISCLOSURE = (
    f"Fixed desks belong to one member each: they are shown in whole blocks of {FEWEST} or more, never one by one."
)

TIME_COLUMNS: Mapping[str, str] = {
    "time": "begin of the bucket, UTC, RFC 3339",
    "group": "the group: an id, a kind, or the site's id",
    "partial": "whether the bucket is not wholly past yet",
    "reason": "why the main figure is null: closed, no data, not yet, not counted, or not shown; null where it is not",
}
UTILISATION_COLUMNS: Mapping[str, str] = {
    "utilisation": "occupied time / known time, 0 to 1",
    "lo": "utilisation if all unknown time was vacant",
    "hi": "utilisation if all unknown time was occupied",
    "average_occupancy": "mean number of spaces in use",
    "average_occupancy_lo": "the same if all unknown time was vacant",
    "average_occupancy_hi": "the same if all unknown time was occupied",
    "occupied_hours": "space-hours in use",
    "held_hours": "with usage=true: hours in which a jacket probably held a flexible desk; not among occupied_hours",
    "space_usage": "with usage=true: share of spaces in use for at least 15 minutes of an hour, in buckets of hours",
    "average_people": "mean number of people",
    "people_hours": "person-hours",
    "capacity_utilisation": "people / seats in force; above 1 where it is",
    "fill_when_used": "people / seats in force while in use",
    "spaces": "spaces in the group",
    "capacity": "seats of the group in force, mean over the bucket",
    "open_hours": "space-hours inside opening hours, up to now",
    "known_hours": "open space-hours in which the state is known",
    "coverage": "known time / open time",
    "people_coverage": "open time with known people / open time",
}
PEAK_COLUMNS: Mapping[str, str] = {
    "peak": "the most at once, of what is known",
    "peak_at": "first moment of the peak, RFC 3339",
    "peak_upper": "the most at once if all unknown was in use",
    "capacity": "what the peak compares with: spaces of the group, or its seats in force",
    "coverage": "known time / open time",
    "sustained": "the most that stayed in use for 15 minutes on end, of what is known",
    "sustained_at": "first moment of these 15 minutes, RFC 3339",
}
AVAILABILITY_COLUMNS: Mapping[str, str] = {
    "minimum_surplus": "the fewest known to be vacant at once; for people free seats, below 0 where too few",
    "minimum_surplus_hi": "the same if all that is unknown was vacant",
    "sold_out": "share of time in which certainly nothing was left",
    "sold_out_possible": "share of time in which nothing was known to be left",
    "below_target": "share of time with less than 60 percent in use",
    "at_target": "share of time with 60 to 100 percent in use",
    "above_target": "share of time with more in use than there is",
    "coverage": "known time / open time",
}
HEAT_COLUMNS: Mapping[str, str] = {
    "weekday": "0 = Monday to 6 = Sunday, local",
    "hour": "local hour, 0 to 23",
    "group": TIME_COLUMNS["group"],
    "utilisation": "occupied time / known time, 0 to 1",
    "average_occupancy": "mean number of spaces in use",
    "occupied_hours": "space-hours in use, over the window",
    "known_hours": "open space-hours in which the state is known",
    "open_hours": "space-hours inside opening hours, up to now",
    "coverage": "known time / open time",
    "reason": "why utilisation is null: closed, no data, or not shown; null where it is not",
}
STATUS_COLUMNS: Mapping[str, str] = {
    "time": "the moment shown, UTC, RFC 3339",
    "space": "the space's id",
    "state": "vacant, occupied or unknown; null for a fixed desk",
    "people": "people in it, null where they are not counted or not known",
    "reason": "why the state is unknown or not shown; null where it is known",
}
LIVE_COLUMNS: Mapping[str, str] = {
    "space": "the space's id",
    "state": "vacant, occupied or unknown; null for a fixed desk",
    "people": "people in it, null where they are not counted or not known",
    "since": "when that state and count began, at most two hours before the first viewer came; null for a fixed desk",
    "reason": "why the state is unknown or not shown; null where it is known",
}
COUNT_COLUMNS: Mapping[str, str] = {
    "time": "the moment shown, UTC, RFC 3339",
    "group": TIME_COLUMNS["group"],
    "vacant": "spaces that are vacant",
    "occupied": "spaces in use",
    "unknown": "spaces of which nothing is known: never vacant",
    "spaces": "spaces in the group",
    "people": "people in the group; null where one space's are unknown or not counted",
    "capacity": "seats of the group in force",
    "reason": "why the counts are not shown; null where they are",
}
SENSOR_COLUMNS: Mapping[str, str] = {
    "sensor": "the sensor's id",
    "space": "the space it reports on now, null where none claims it",
    "floor": "that space's floor (id)",
    "zone": "that space's zone (id)",
    "mapped": "whether a space claims it now",
    "last": "event time of its newest reading; not shown for fixed desks",
    "received": "when that reading was received; not shown for fixed desks",
    "silent": "whether nothing was heard for its silence limit",
    "silent_minutes": "minutes since its newest reading where it is silent; whole hours for fixed desks",
    "battery": "percent, as it last said; steps of ten for fixed desks",
    "format": "its payload format, null where no space claims it",
    "silence_minutes": "its silence limit",
    "reason": "why times are not shown; null where they are",
}
SPACE_COLUMNS: Mapping[str, str] = {
    "space": "the space's id",
    "name": "its name",
    "kind": "desk, room, or an open area such as cafe",
    "assignment": "fixed (one member's own) or flexible; null for what is no desk",
    "capacity": "seats in force now",
    "area": "square metres, null where not given",
    "floor": "its floor (id)",
    "floor_name": "the floor's name",
    "level": "the floor's level, 0 is the ground floor",
    "floor_width": "width of the floor's plan in metres",
    "floor_height": "depth of the floor's plan in metres",
    "zone": "its zone (id)",
    "zone_name": "the zone's name",
    "x": "metres from the west edge of the floor's plan, null where it has no place on it",
    "y": "metres from the north edge",
    "width": "metres",
    "height": "metres",
    "sensors": "sensors that report on it now",
}
SITE_COLUMNS: Mapping[str, str] = {
    "site": "the site's id",
    "name": "its name",
    "zone": "its IANA time zone",
    "simulated": "whether its readings are simulated",
    "first": "event time of its earliest reading, null where it has none",
    "floors": "number of floors",
    "spaces": "number of spaces",
    "sensors": "number of sensors that report on a space now",
}
FLEET_COLUMNS: Mapping[str, str] = {
    "time": "the moment shown, UTC, RFC 3339",
    "group": TIME_COLUMNS["group"],
    "sensors": "sensors that report on a space of the group now",
    "silent": "of these, sensors that said nothing for their silence limit",
    "silent_share": "silent / sensors, 0 to 1",
    "never_heard": "of these, sensors that never said anything",
    "low": "sensors whose battery is below 20 percent",
    "battery": "the lowest battery, percent, in steps of ten; null where none says",
    "reason": "why shares are null; null where they are not",
}
USUAL_COLUMNS: Mapping[str, str] = {
    "average_occupancy": UTILISATION_COLUMNS["average_occupancy"] + ", today",
    "usual_lo": "the 10th percentile of past weeks",
    "usual": "their median",
    "usual_hi": "their 90th percentile",
    "coverage": UTILISATION_COLUMNS["coverage"] + ", today",
    "days": "past days in which the hour is known",
    "spaces": UTILISATION_COLUMNS["spaces"],
}
PIPELINE_COLUMNS: Mapping[str, str] = {
    "time": "the moment shown, UTC, RFC 3339",
    "process": "this process, or the address of another",
    "received": "messages read from the broker since it started",
    "stored": "of these, messages whose reading was committed",
    "duplicate": "messages that were stored already",
    "status": "status messages that change nothing",
    "in_flight": "messages read and not settled yet",
    "spooled": "messages on disk on their way to the store",
    "missing": "messages that never came, by jumps in the sensors' numbers",
    "up": "1 while messages are being stored",
    "spool_readings": "readings in the spool; null without one, as are the other columns of it",
    "spool_bytes": "size of the spool on disk",
    "spool_lag_seconds": "age of the oldest reading in the spool that the store has not answered",
    "spool_up": "1 while the store behind the spool takes readings",
    "spool_damaged": "readings lost to damage of the spool",
    "unkept": "refused messages that could not be written down",
    "refused": "messages refused, whatever the reason",
    "heard_minutes": "whole minutes since the newest reading was received, of all sites",
    "lag_seconds": "from event to receipt, median of the newest reading of each sensor",
    "store_seconds": "how long the store took to say what it holds",
    "reason": "why there are no counts; null where there are",
}
MESSAGE_COLUMNS: Mapping[str, str] = {
    "time": "the moment shown, UTC, RFC 3339",
    "process": PIPELINE_COLUMNS["process"],
    "became": "stored, duplicate, status, in_flight, spooled, or refused with its reason",
    "reason": "why it was refused; null where it was not",
    "messages": "how many, since the process started",
}
