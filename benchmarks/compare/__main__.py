"""`python -m benchmarks.compare CHECKOUT`: the answers of another checkout beside those of this one."""

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.compare.answers import answered
from benchmarks.compare.asking import APIS, Both, ask_everything
from benchmarks.compare.changes import bring_keys, bring_readings, write_notes
from benchmarks.compare.checkouts import HERE, Checkout, checkout
from benchmarks.compare.commands import compare_commands, compare_figures
from benchmarks.compare.data import MOMENTS, DataSet, chosen
from benchmarks.compare.findings import Findings, agreed_in
from benchmarks.compare.ingesting import compare_ingest
from benchmarks.compare.questions import Question

_SCRIPT = re.compile(rb'static/([\w./-]+)"')


def main() -> None:
    """Compare, and exit with 1 where anything differs that is not agreed."""
    said = _arguments().parse_args()
    sides = checkout("old", said.checkout), checkout("new", said.new)
    findings = Findings(agreed_in(said.agreed), only=said.only)
    cache = said.data or Path(tempfile.gettempdir()) / "ledig-compare"
    for data in chosen(said.on, cache, sides[0], said.sdu):
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as name:
            _compare(sides, data, Path(name), findings, thorough=said.thorough)
        print(f"{data.name}: {time.monotonic() - begun:.0f} s", flush=True)
    sys.exit(findings.tell())


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("checkout", type=Path, help="the other checkout, with its own .venv")
    parser.add_argument("--new", type=Path, default=HERE, help="in place of this checkout")
    parser.add_argument("--data", type=Path, help="folder of the data, made at the first time (minutes) and kept")
    parser.add_argument("--sdu", type=Path, help="folder of the real counts of docs/real-data.md")
    parser.add_argument("--on", nargs="+", choices=MOMENTS, default=list(MOMENTS), help="data sets")
    parser.add_argument("--only", default="", metavar="TEXT", help="only questions whose name has this in it")
    parser.add_argument("--thorough", action="store_true", help="every zone, every window with everything: an hour")
    parser.add_argument("--agreed", type=Path, help="file of differences that are meant (TOML)")
    return parser


def _compare(
    sides: tuple[Checkout, Checkout], data: DataSet, work: Path, findings: Findings, *, thorough: bool
) -> None:
    """Compare commands, then everything that an API is asked."""
    folders = tuple(data.copied(work / f"{number}") for number in range(2))
    assert len(folders) == 2
    compare_commands(sides, folders, data.name, findings)
    with ExitStack() as stack:
        probes = [
            stack.enter_context(side.probe(folder / "data", folder / "sites", data.moment))
            for side, folder in zip(sides, folders, strict=True)
        ]

        def both(api: str) -> Both:
            return Both(f"{data.name} {api}", (probes[0].urls[api], probes[1].urls[api]), findings)

        apis = [both(api) for api in APIS]
        scripts = sorted(set(_scripts(apis[0].urls)))
        places = list(apis[0].places(data.moment, thorough=thorough))
        for api in apis:
            ask_everything(api, places, scripts, rolled=api is apis[0])
        for place in places:
            bring_keys(both("keyed"), place, apis[0].routes())
            write_notes(apis[0], place)
        compare_figures(sides, apis[0].urls, folders, findings)
        for place in places:
            bring_readings(apis, probes, place, apis[0].routes())
    for place in places:
        compare_ingest(sides, folders, place.site, findings)


def _scripts(urls: tuple[str, str]) -> Iterator[str]:
    for url in urls:
        for page in ("", "use", "size", "sensors", "kiosk", "sign-in"):
            yield from (found.decode() for found in _SCRIPT.findall(answered(url, Question(f"/{page}")).raw))


if __name__ == "__main__":
    main()
