"""`ledig simulate` and `replay`: traffic made, and sent again."""

import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from ledig.arguments import add_seed, add_simulated_site, speed
from ledig.problem import CommandError
from ledig.settings import Settings
from ledig.stopping import STOPPED, say
from simulator.recording import open_recording
from simulator.replay import Replay, Sent, live_sensors
from simulator.sender import Broker, SenderError
from simulator.truth import RECORDING, TRUTH, write_simulation
from spaces.sitefile import load_site
from spaces.summary import counted
from spaces.times import Millis, parse_instant, to_datetime
from store.opening import exists, open_store, through


def add_simulate(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig simulate`."""
    add_simulated_site(command)
    command.add_argument("--from", dest="start", required=True, metavar="TIME", help="RFC 3339 or epoch milliseconds")
    command.add_argument("--to", dest="end", required=True, metavar="TIME", help="the same, exclusive")
    add_seed(command)
    command.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="folder for the recording and the truth"
    )


def simulate_site(arguments: Namespace) -> int:
    """Write what a site's sensors would say, and the truth beside it.

    Raises:
        CommandError: the window is wrong.
        SiteFileError: with every mistake of the site's files.
    """
    site = load_site(arguments.site)
    start, end = _instant(arguments.start, "--from"), _instant(arguments.end, "--to")
    if start >= end:
        raise CommandError("--from must be before --to")
    with tqdm(desc="readings", unit="", unit_scale=True, leave=False, mininterval=0.5) as bar:
        written = write_simulation(site, arguments.seed, start, end, arguments.out, progress=_towards(bar))
    say(f"{counted(written, 'reading', ',')} in {arguments.out / RECORDING}, the truth in {arguments.out / TRUTH}")
    return 0


def add_replay(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig replay`."""
    command.add_argument("recording", type=Path, help="recording to send")
    command.add_argument(
        "--speed", type=speed, metavar="N", help="divide its spacing by N (default: as fast as it is taken)"
    )
    command.add_argument("--rename-site", metavar="SITE", help="send it as another site")
    command.add_argument("--into-live", action="store_true", help="send it even into a site that has live readings")


def replay_recording(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    """Send a recording through the broker.

    Raises:
        CommandError: a site of it has live readings, or a setting is wrong.
        FileError: the recording is broken; nothing was sent.
    """
    ingest = settings.ingest()
    broker = Broker(
        host=ingest.host,
        port=ingest.port,
        username=ingest.username,
        password=ingest.password,
        tls=ingest.tls,
        ca_file=ingest.ca_file,
    )
    recording = open_recording(arguments.recording)
    with tqdm(desc="acknowledged", unit="", unit_scale=True, leave=False, mininterval=0.5) as bar:

        def show(sent: Sent) -> None:
            bar.total = sent.messages
            bar.update(sent.acknowledged - bar.n)

        try:
            replay = Replay(
                recording,
                broker,
                speed=arguments.speed,
                rename_site=arguments.rename_site,
                prefix=settings.prefix,
                stop=stop,
                progress=show,
                trouble=bar.write,
            )
            if not arguments.into_live:
                _refuse_live(settings, replay.plan().sites)
            done = replay.run()
        except (ValueError, SenderError) as error:
            raise CommandError(str(error)) from error
    say(f"{done.acknowledged:,} of {counted(done.messages, 'message', ',')} acknowledged by {ingest.address}")
    return STOPPED if done.stopped else 0


def _refuse_live(settings: Settings, sites: tuple[str, ...]) -> None:
    """Refuse sites that sensors report on as it happens: a replay would mix into their figures."""
    if not exists(settings.data):
        raise CommandError(
            f"there is no store in {settings.data} to tell whether {', '.join(sites)} has live readings;"
            " name its folder with --data, or say --into-live"
        )
    store = open_store(settings.data)
    try:
        if held := through(store):
            say(held)
        for site in sites:
            if live := live_sensors(store.latest(site)):
                raise CommandError(
                    f"{site} has live readings, of {counted(len(live), 'sensor')} such as {live[0]}; a replay would"
                    " mix into its figures. Send it under another name with --rename-site, or say --into-live"
                )
    finally:
        store.close()


def _towards(bar: "tqdm[object]") -> Callable[[int], None]:
    return lambda done: bar.update(done - bar.n) and None


def _instant(text: str, flag: str) -> Millis:
    try:
        moment = parse_instant(text)
        to_datetime(moment)
    except ValueError as error:
        raise CommandError(f"{flag}: {error}") from None
    except OverflowError:
        raise CommandError(f"{flag}: {text!r} is beyond every date; times are epoch milliseconds") from None
    return moment
