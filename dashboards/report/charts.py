"""The pictures of a report: bokeh figures from rows of answers, drawn by the reader's own browser."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from bokeh.models import ColorBar, ColumnDataSource, FixedTicker, LinearColorMapper, NumeralTickFormatter
from bokeh.palettes import Cividis256
from bokeh.plotting import figure

from analytics.privacy.disclosure import Row
from dashboards.words import Words
from spaces.times import parse_instant, to_datetime

Picture = Any
"""A bokeh figure; bokeh has no types of its own."""
INK, BLUE, PALE, ORANGE = "#24303a", "#1f6f9f", "#bcd7e6", "#b4560c"
"""Told apart by every kind of colour blindness, and in grey."""
_HEIGHT = 280


def heat(rows: Sequence[Row], words: Words) -> Picture:
    """Return the week at a glance: weekday by local hour, the darker the more in use."""
    known = [row for row in rows if row["utilisation"] is not None]
    days = [words(f"weekday_short.{day}") for day in range(7)]
    hours = sorted({row["hour"] for row in known}) or [0, 23]
    mapper = LinearColorMapper(palette=list(reversed(Cividis256)), low=0, high=1)
    picture = _plain(
        words("heat.caption"), x_range=(hours[0] - 0.5, hours[-1] + 0.5), y_range=list(reversed(days)), height=_HEIGHT
    )
    source = ColumnDataSource(
        {
            "x": [row["hour"] for row in known],
            "y": [days[row["weekday"]] for row in known],
            "share": [row["utilisation"] for row in known],
        }
    )
    picture.rect(
        "x", "y", 0.96, 0.92, source=source, line_color=None, fill_color={"field": "share", "transform": mapper}
    )
    picture.xaxis.ticker = FixedTicker(ticks=list(range(hours[0], hours[-1] + 1)))
    picture.grid.visible = False
    picture.add_layout(ColorBar(color_mapper=mapper, formatter=NumeralTickFormatter(format="0%"), width=10), "right")
    return picture


def daily_peaks(rows: Sequence[Row], planning: float | None, zone: ZoneInfo, words: Words) -> Picture:
    """Return a bar a day with what was unknown above it, the planning peak and the capacity across."""
    known = [row for row in rows if row["peak"] is not None]
    picture = _plain(words("use.peaks_1d"), x_axis_type="datetime", height=_HEIGHT)
    days = [_local(row["time"], zone) for row in known]
    width = 0.8 * 86_400_000
    picture.vbar(
        x=days, top=[row["peak_upper"] for row in known], width=width, color=PALE, legend_label=words("use.peak_upper")
    )
    picture.vbar(x=days, top=[row["peak"] for row in known], width=width, color=BLUE, legend_label=words("figure.peak"))
    marks = {
        words("use.planning"): (planning, ORANGE, "solid"),
        words("use.capacity"): (_last(known, "capacity"), INK, "dashed"),
    }
    _lines(picture, marks)
    picture.y_range.start = 0
    picture.y_range.end = 1.3 * max([row["peak_upper"] for row in known] + [_last(known, "capacity") or 1])
    return _explained(picture, "top_left")


def curve(rows: Sequence[Row], installed: int | None, words: Words) -> Picture:
    """Return days a month with a shortage by the number of desks: measured, and beyond what is installed estimated."""
    known = [row for row in rows if row["days_a_month"] is not None]
    picture = _plain(words("size.chart"), height=_HEIGHT)
    band = [row for row in known if row["days_a_month_lo"] is not None and row["days_a_month_hi"] is not None]
    if band:
        picture.varea(
            x=[row["desks"] for row in band],
            y1=[row["days_a_month_lo"] for row in band],
            y2=[row["days_a_month_hi"] for row in band],
            color=PALE,
            legend_label=words("size.interval"),
        )
    for imputed, dash, label in ((False, "solid", "size.measured"), (True, "dashed", "size.imputed")):
        part = [row for row in known if bool(row["imputed"]) is imputed]
        if part:
            _line(picture, part, ("desks", "days_a_month"), dash=dash, label=words(label))
    _lines(picture, {words("size.installed"): (installed, INK, "dashed")}, upright=True)
    picture.xaxis.axis_label, picture.yaxis.axis_label = words("size.x"), words("size.y")
    picture.y_range.start = 0
    return _explained(picture, "bottom_left", orientation="vertical")


def survival(rows: Sequence[Row], words: Words) -> Picture:
    """Return the share of uses that last longer than so many hours, with its limits."""
    known = [row for row in rows if row["share_longer"] is not None]
    hours = [row["minutes"] / 60 for row in known]
    picture = _plain(words("report.dwell_chart"), height=_HEIGHT)
    picture.varea(x=hours, y1=[row["lo"] for row in known], y2=[row["hi"] for row in known], color=PALE)
    picture.line(hours, [row["share_longer"] for row in known], color=BLUE, line_width=2)
    picture.yaxis.formatter = NumeralTickFormatter(format="0%")
    picture.xaxis.axis_label = words("report.hours")
    picture.x_range.start = picture.y_range.start = 0
    return picture


def forecast(rows: Sequence[Row], zone: ZoneInfo, words: Words) -> Picture:
    """Return what is expected of the days to come, with its interval."""
    known = [row for row in rows if row["median"] is not None]
    times = [_local(row["time"], zone) for row in known]
    picture = _plain(words("report.forecast_chart"), x_axis_type="datetime", height=_HEIGHT)
    if known and all(row["lo"] is not None for row in known):
        width = 3_600_000
        picture.vbar(
            x=times, bottom=[row["lo"] for row in known], top=[row["hi"] for row in known], width=width, color=PALE
        )
    picture.scatter(times, [row["median"] for row in known], size=3, color=BLUE)
    picture.y_range.start = 0
    return picture


def _plain(title: str, **more: Any) -> Picture:
    """Return an empty figure that nothing can be done to: it is printed as well."""
    picture = figure(
        title=title, toolbar_location=None, tools="", sizing_mode="stretch_width", output_backend="svg", **more
    )
    picture.outline_line_color = None
    picture.title.text_color = INK
    return picture


def _line(picture: Picture, rows: Sequence[Row], columns: tuple[str, str], *, dash: str, label: str) -> None:
    x, y = ([row[column] for row in rows] for column in columns)
    picture.line(x, y, color=BLUE, line_width=2, line_dash=dash, legend_label=label)


def _lines(picture: Picture, marks: Mapping[str, tuple[float | None, str, str]], *, upright: bool = False) -> None:
    """Draw lines across, or upright, each with its words in the legend."""
    for label, (value, colour, dash) in marks.items():
        if value is not None:
            look = {"line_color": colour, "line_dash": dash, "line_width": 2, "legend_label": label}
            picture.vspan(x=[value], **look) if upright else picture.hspan(y=[value], **look)


def _explained(picture: Picture, where: str, orientation: str = "horizontal") -> Picture:
    """Put the legend where it hides nothing."""
    legend = picture.legend[0]
    legend.location, legend.orientation, legend.border_line_color, legend.padding = where, orientation, None, 4
    legend.background_fill_alpha = 0.8
    return picture


def _last(rows: Sequence[Row], column: str) -> float | None:
    return next((row[column] for row in reversed(rows) if row[column] is not None), None)


def _local(time: str, zone: ZoneInfo) -> Any:
    """Return what the local clock shows: axes know no zones."""
    return to_datetime(parse_instant(time)).astimezone(zone).replace(tzinfo=None)
