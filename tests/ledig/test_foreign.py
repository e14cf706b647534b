"""An operator's own bucket becomes readings, as people do it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledig.main import run
from spaces.reading import Reading
from store.influx.connection import Connection
from store.influx.mapping import load_mapping
from store.influx.settings import InfluxSettings
from store.opening import open_store
from tests.docs.papers import blocks, read
from tests.influx import new_bucket, some_influx
from tests.store.contract import whole

NOON = 1_777_874_400_000
LINES = [
    *(f"desk,device=0x12 presence={at % 2 == 0},charge={at}.5 {NOON + at}000000".lower() for at in range(50)),
    *(f"desk,device=d2 presence=true {NOON + at}000000" for at in range(50)),
    f"desk,device=a\\ b presence=true {NOON}000000",
    f"desk,device=d3 charge=5.5 {NOON}000000",
]


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Path]:
    """A settings file for a server with a bucket of an operator's; its mapping, that of the paper, lies beside."""
    (text,) = [block.text for block in blocks(read("docs/moving.md"), "toml")]
    with some_influx(tmp_path) as server:
        bucket = new_bucket(server.url, server.org, server.token)
        connection = Connection(InfluxSettings(url=server.url, org=server.org, bucket=bucket, token=server.token))
        connection.write("\n".join(LINES).encode())
        connection.close()
        (tmp_path / "desks.toml").write_text(text.replace('"sensors"', f'"{bucket}"'))
        (tmp_path / "token").write_text(server.token)
        file = tmp_path / "ledig.toml"
        file.write_text(
            f'data = "{tmp_path / "data"}"\ninfluxdb_url = "{server.url}"\ninfluxdb_org = "{server.org}"\n'
            f'influxdb_bucket = "{bucket}"\ninfluxdb_token_file = "{tmp_path / "token"}"\n'
        )
        yield file


def test_a_bucket_becomes_readings_which_are_looked_for_in_the_store(
    tmp_path: Path, settings: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    command = ["import", "--influx", str(tmp_path / "desks.toml"), "--settings", str(settings)]
    assert run(command) == 0
    said = capfd.readouterr()
    assert "readings of my-office stored: 100, there already: 0" in said.out
    assert "missing: 0" in said.out
    assert "points that make no reading: 1: 'a b' is no id of a sensor" in said.err
    assert "points that make no reading: 1: no state" in said.err
    store = open_store(tmp_path / "data")
    found = whole(store, "my-office", 0, 2**50)
    store.close()
    assert found[:2] == [Reading("my-office", "d2", NOON + at, NOON + at, occupied=True) for at in range(2)]
    assert found[50:52] == [
        Reading("my-office", "desk-1", NOON, NOON, occupied=True, battery=0.5),
        Reading("my-office", "desk-1", NOON + 1, NOON + 1, occupied=False, battery=1.5),
    ]
    assert run(command) == 0
    assert "stored: 0, there already: 100" in capfd.readouterr().out
    assert run([*command, "--store", "influxdb"]) == 2
    assert "is that of the store" in capfd.readouterr().err
    assert run([*command, "--site", "my-office"]) == 2
    assert "--site, --from and --to go into" in capfd.readouterr().err


def test_a_wrong_mapping_is_said_with_its_place(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "desks.toml"
    file.write_text('[source]\nsite = "hut"\n')
    assert run(["import", "--influx", str(file), "--data", str(tmp_path / "data")]) == 2
    assert f"{file}:" in capfd.readouterr().err


def test_the_mapping_of_the_paper_is_one(tmp_path: Path) -> None:
    (text,) = [block.text for block in blocks(read("docs/moving.md"), "toml")]
    (tmp_path / "desks.toml").write_text(text)
    assert load_mapping(tmp_path / "desks.toml").sensors == {"0x12": "desk-1"}
