"""A report put together: sections, then one HTML file that needs nothing else."""

from pathlib import Path
from zoneinfo import ZoneInfo

from bokeh.embed import components
from bokeh.resources import Resources
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from dashboards.report.asked import Ask
from dashboards.report.numbers import Numbers
from dashboards.report.outlook import forecast_section, size_section
from dashboards.report.rooms import bookings_section, rooms_section
from dashboards.report.sections import Section, Writer
from dashboards.report.use import peaks_section, stays_section, use_section
from dashboards.words import words
from spaces.site import Site
from spaces.times import Millis

_HERE = Path(__file__).parent
_PAGES = Environment(
    loader=FileSystemLoader(_HERE), autoescape=select_autoescape(), undefined=StrictUndefined, trim_blocks=True
)


def write_report(ask: Ask, site: Site, window: tuple[Millis, Millis], now: Millis, language: str) -> str:
    """Return the report of a site over [start, end) as HTML, in one of `dashboards.words.LANGUAGES`."""
    names = {zone.id: zone.name for zone in site.zones} | {floor.id: floor.name for floor in site.floors}
    writer = Writer(words(language), Numbers(words(language), ZoneInfo(site.timezone)), names)
    sections = _sections(ask, writer)
    script, pictures = _drawn(sections)
    return _PAGES.get_template("report.html").render(
        words=writer.words,
        site=site,
        first=writer.numbers.day(window[0]),
        last=writer.numbers.day(window[1] - 1),
        written=writer.numbers.day(now),
        sections=sections,
        pictures=pictures,
        advice=[line for section in sections for line in section.advice],
        style=Markup((_HERE / "report.css").read_text(encoding="utf-8")),  # noqa: S704 - our own
        library=Markup(Resources(mode="inline", components=["bokeh"]).render()),  # noqa: S704 - bokeh's own
        script=Markup(script),  # noqa: S704 - bokeh's own
    )


def _sections(ask: Ask, writer: Writer) -> list[Section]:
    found = (
        use_section(ask, writer),
        peaks_section(ask, writer),
        stays_section(ask, writer),
        rooms_section(ask, writer),
        bookings_section(ask, writer),
        size_section(ask, writer),
        forecast_section(ask, writer),
    )
    return [section for section in found if section is not None]


def _drawn(sections: list[Section]) -> tuple[str, dict[str, list[Markup]]]:
    """Return the script that draws every picture, and by section the places where they are drawn."""
    named = {f"{one.id}-{number}": picture for one in sections for number, picture in enumerate(one.pictures)}
    if not named:
        return "", {one.id: [] for one in sections}
    script, places = components(named)
    return script, {
        one.id: [Markup(places[f"{one.id}-{number}"]) for number in range(len(one.pictures))]  # noqa: S704 - bokeh's own
        for one in sections
    }
