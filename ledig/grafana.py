"""`ledig grafana`: dashboards and alert rules written into files, or dashboards pushed to a running Grafana."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dashboards.grafana.build import alert_file, dashboard_files, dashboards_on
from dashboards.grafana.datasource import infinity_source, influx_source
from dashboards.grafana.goods import Change, Goods, PushError
from dashboards.grafana.infinity import Infinity
from dashboards.grafana.influx import Influx
from dashboards.grafana.source import Json, Source
from ledig.problem import USAGE, CommandError
from ledig.settings import Settings
from ledig.stopping import complain, say
from spaces.site import Site
from spaces.sitebook import SiteBook
from spaces.summary import counted

OUT = Path("deploy/grafana")


def add_grafana(command: ArgumentParser) -> None:
    """Add the flags of `ledig grafana`."""
    command.add_argument("action", choices=("build", "push"), help="write files, or push to the Grafana of grafana_url")
    command.add_argument("--out", type=Path, default=OUT, metavar="FOLDER", help=f"build: where to (default: {OUT})")
    command.add_argument(
        "--on", choices=("ledig", "influxdb"), default="ledig",
        help="push: dashboards on the API, or on figures in InfluxDB that `ledig figures` writes (default: ledig)",
    )  # fmt: skip
    command.add_argument(
        "--timezone", type=_zone, metavar="ZONE", help="zone of the dashboards (default: that of the sites)"
    )
    command.add_argument(
        "--api-url", metavar="URL", help="push: the API as Grafana reaches it (default: host and port of the settings)"
    )
    command.add_argument("--datasource-uid", metavar="UID", help="push: use this data source, and make none")
    command.add_argument("--dry-run", action="store_true", help="push: show what would change, and change nothing")


def grafana(arguments: Namespace, settings: Settings) -> int:
    """Build or push; return the exit status.

    Raises:
        CommandError: with what is in the way.
    """
    sites = list(SiteBook(settings.sites).current().values()) if settings.sites else []
    timezone = arguments.timezone or _zone_of(sites)
    if arguments.action == "build":
        return _build(arguments.out, timezone, [site.id for site in sites])
    return _push(arguments, settings, timezone)


def _zone(text: str) -> str:
    if text != "browser":
        try:
            ZoneInfo(text)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ArgumentTypeError(f"{text!r} is no IANA time zone, nor `browser`") from error
    return text


def _zone_of(sites: list[Site]) -> str:
    """Return the zone of all sites; a dashboard has one for good, so several need dashboards of their own."""
    zones = sorted({site.timezone for site in sites})
    if not zones:
        raise CommandError(
            "no site is named, whose zone dashboards would show; name site files with --sites, or --timezone"
        )
    if len(zones) > 1:
        raise CommandError(f"the sites are in {', '.join(zones)}, a dashboard shows one zone: choose one by --timezone")
    return zones[0]


def _build(folder: Path, timezone: str, sites: list[str]) -> int:
    files = {**dashboard_files(timezone), **alert_file(sites)}
    for name, content in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
    houses = ", ".join(sites) or "no house"
    say(f"{counted(len(files), 'file')} below {folder}, times as in {timezone}; alert rules for {houses}")
    return 0


def _push(arguments: Namespace, settings: Settings, timezone: str) -> int:
    from dashboards.grafana.push import Grafana  # noqa: PLC0415 - its HTTP client is for this command alone

    goods = _goods(arguments, settings, timezone)
    verbs = {"create": "would be made", "update": "would change"} if arguments.dry_run else {}
    changed = 0
    try:
        with closing(Grafana(settings.grafana_url, settings.grafana_token())) as there:
            for change in there.push(goods, dry=arguments.dry_run):
                _tell(change, verbs)
                changed += change.verb != "same"
    except PushError as error:
        complain(f"ledig grafana: {error}")
        return USAGE
    if not changed:
        say("nothing differs")
    elif arguments.dry_run:
        say("a dry run: nothing was changed")
    return 0


def _tell(change: Change, verbs: dict[str, str]) -> None:
    done = {"create": "made", "update": "changed", "same": "as it should be"} | verbs
    say(f"{change.what}: {done[change.verb]}")
    if verbs:
        for line in change.lines:
            say(f"  {line}")


def _goods(arguments: Namespace, settings: Settings, timezone: str) -> Goods:
    uid = arguments.datasource_uid
    on: Source
    made: Json | None = None
    if arguments.on == "influxdb":
        on = Influx(uid) if uid else Influx()
        if not uid:
            made = influx_source(
                settings.influxdb_url, settings.influxdb_org, settings.influxdb_bucket, settings.influxdb_token()
            )
    else:
        on = Infinity(uid) if uid else Infinity()
        if not uid:
            address = arguments.api_url or f"http://{settings.host}:{settings.port}"
            made = infinity_source(address, settings.api_key())
    return Goods(dashboards_on(on, timezone), made, plugin=arguments.on == "ledig")
