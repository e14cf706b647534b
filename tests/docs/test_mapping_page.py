"""The page on formats of one's own does what it says, step by step."""

import re
from pathlib import Path

from ingest.directory import Directory
from ingest.formats import Address, Device, Observation
from ingest.settings import IngestSettings
from ingest.sources import format_of, own_models, subscriptions
from ledig.settings import load_settings
from spaces.sitefile import load_site
from spaces.times import rfc3339
from tests.ledig.test_discover import SITE

PAGE = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"```\w+ (\S+)\n(.*?)```", PAGE, re.DOTALL))


def test_the_page_is_followed(tmp_path: Path) -> None:
    office = tmp_path / "office"
    office.mkdir()
    (office / "site.toml").write_text(SITE)
    (tmp_path / "ledig.toml").write_text(BLOCKS["ledig.toml"])
    for name in ("models.toml", "sensors.csv"):
        (office / name).write_text(BLOCKS[name])
    (ingest,) = load_settings(tmp_path / "ledig.toml", {}).ingests()
    sites = {"house": load_site(office)}
    directory = Directory(sites, ingest.source)
    form = format_of(ingest, own_models(sites))
    assert subscriptions(IngestSettings(), form.filters) == ("house/+/+/beam",)
    payload = BLOCKS["payload"].encode()
    said, _ = form.hear("house/2/room-1/beam", payload, retained=False, state=form.initial(), known=directory.model)
    assert isinstance(said, list)
    seen = {}
    for one in said:
        assert isinstance(one, Observation)
        assert isinstance(one.address, Device)
        address = directory.resolve(one.address)
        assert isinstance(address, Address)
        space = sites["house"].sensors_by_id[address.sensor][0].space
        seen[space] = (one.occupied, round(one.battery or 0, 6), rfc3339(one.time or 0))
    at = "2026-11-30T09:00:00Z"
    assert seen == {"desk-1": (True, 90, at), "desk-2": (False, 90, at)}
