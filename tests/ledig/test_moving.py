"""Moving, backing up and restoring as people do it: with processes, and beside a house that goes on."""

import time
from pathlib import Path

import httpx
import pytest

from ledig.main import run
from ledig.moving import JOURNAL
from spaces.reading import Reading
from spaces.times import DAY, MINUTE
from store.embedded.duck import FILE
from store.moving.manifest import MANIFEST, read_manifest
from store.opening import open_store
from tests.brokers import Mosquitto, free_port
from tests.influx import new_bucket, some_influx
from tests.ingest.publishing import Sender
from tests.ledig.running import Running, metric, rows, wait_for
from tests.ledig.test_commands import house
from tests.store.contract import whole
from tests.store.test_moving_backup import large

THEN = 20_000 * DAY
STATE = "ledig/v1/hut/d1/state"


def filled(folder: Path, *, days: int = 3, sites: tuple[str, ...] = ("annex", "hut"), step: int = 10 * MINUTE) -> Path:
    """Return the data folder of a store with readings."""
    store = open_store(folder)
    for site in sites:
        times = range(THEN, THEN + days * DAY, step)
        store.append([Reading(site, "d1", at, at + 40, occupied=at % 3 == 0, battery=50.5, seq=at) for at in times])
    store.close()
    return folder


def contents(folder: Path, site: str = "hut") -> list[Reading]:
    store = open_store(folder)
    found = whole(store, site, 0, 2**50)
    store.close()
    return found


def test_readings_move_from_one_folder_to_another(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    old, new, out = filled(tmp_path / "old"), tmp_path / "new", tmp_path / "out"
    assert run(["export", "--data", str(old), "--out", str(out)]) == 0
    assert f"{out} has 864 readings of annex, hut; files written: 6, unchanged: 0" in capfd.readouterr().out
    assert run(["import", str(out), "--data", str(new)]) == 0
    said = capfd.readouterr().out
    assert "readings stored: 864, there already: 0; files imported: 6, by an earlier run: 0" in said
    assert "found as the manifest says: 6 of 6" in said
    assert "already, 2024" not in said
    for site in ("annex", "hut"):
        assert contents(new, site) == contents(old, site)
    assert run(["export", "--data", str(old), "--out", str(out)]) == 0
    assert "files written: 0, unchanged: 6" in capfd.readouterr().out
    assert run(["import", str(out), "--data", str(new)]) == 0
    said = capfd.readouterr().out
    assert "readings stored: 0, there already: 0; files imported: 0, by an earlier run: 6" in said
    assert "the store has readings of hut already, 2024-10-04T00:00:00Z to 2024-10-06T23:50:00Z" in said


def test_sites_and_days_are_chosen_on_either_side(tmp_path: Path) -> None:
    old, out = filled(tmp_path / "old"), tmp_path / "out"
    assert run(["export", "--data", str(old), "--out", str(out), "--site", "hut", "--from", "2024-10-05"]) == 0
    names = sorted(path.name for path in out.rglob("*.parquet"))
    assert names == ["2024-10-05.parquet", "2024-10-06.parquet"]
    assert run(["import", str(out), "--data", str(tmp_path / "new"), "--to", "2024-10-06"]) == 0
    assert len(contents(tmp_path / "new")) == 144


def test_a_damaged_file_ends_with_2_and_the_rest_is_there(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    old, out = filled(tmp_path / "old"), tmp_path / "out"
    run(["export", "--data", str(old), "--out", str(out)])
    path = out / "hut" / "2024-10-05.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    assert run(["import", str(out), "--data", str(tmp_path / "new")]) == 2
    found = capfd.readouterr()
    assert f"{path}: is damaged" in found.err
    assert "found as the manifest says: 5 of 6" in found.out
    assert run(["export", "--data", str(old), "--out", str(out)]) == 0
    assert run(["import", str(out), "--data", str(tmp_path / "new")]) == 0
    assert contents(tmp_path / "new") == contents(old)


MISTAKES = {
    "no store": (["export", "--data", "{tmp}/none", "--out", "{tmp}/x"], "there is no store in"),
    "no site": (["export", "--data", "{tmp}/old", "--out", "{tmp}/x", "--site", "hat"], "has no site 'hat'; it has"),
    "window": (
        ["export", "--data", "{tmp}/old", "--out", "{tmp}/x", "--from", "2024-10-05", "--to", "2024-10-05"],
        "--from must be before --to",
    ),
    "folder is a file": (["export", "--data", "{tmp}/old", "--out", "{tmp}/old/ledig.duckdb"], "ledig.duckdb"),
    "no export": (["import", "{tmp}/old", "--data", "{tmp}/new"], f"has no {MANIFEST}"),
    "nowhere": (["import", "{tmp}/none", "--data", "{tmp}/new"], f"has no {MANIFEST}"),
    "back-up of nothing": (["backup", "--data", "{tmp}/none", "--out", "{tmp}/b"], "there is no store in"),
    "back-up over a file": (["backup", "--data", "{tmp}/old", "--out", "{tmp}/old/ledig.duckdb"], "exists"),
    "restore over a store": (["restore", "{tmp}/old/ledig.duckdb", "--data", "{tmp}/old"], "fresh folder"),
    "restore of nothing": (["restore", "{tmp}/none", "--data", "{tmp}/new"], "cannot be read as a store"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_bad_input_ends_with_2_and_says_what_is_wrong(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    filled(tmp_path / "old", days=1)
    arguments, message = MISTAKES[name]
    assert run([part.format(tmp=tmp_path) for part in arguments]) == 2
    assert message in capfd.readouterr().err
    assert not (tmp_path / "new" / "ledig.duckdb").exists()


@pytest.mark.parametrize("day", ["yesterday", "2024-10-05T00:00:00Z", "2024-13-01"])
def test_what_is_no_day_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str], day: str) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["export", "--data", str(tmp_path), "--out", str(tmp_path), "--from", day])
    assert ended.value.code == 2
    assert "is no day; write 2026-05-04" in capfd.readouterr().err


def test_a_move_that_is_interrupted_or_killed_goes_on(tmp_path: Path) -> None:
    """Ctrl-C ends the export, a kill the import; then both are run again."""
    old, new, out = filled(tmp_path / "old", sites=("hut",), step=MINUTE // 4), tmp_path / "new", tmp_path / "out"
    with Running("export", "--data", old, "--out", out) as exporting:
        wait_for(lambda: (out / "hut").is_dir() or exporting.process.poll() is not None, "it does not begin")
        exporting.interrupt()
        assert exporting.ended() in {0, 1}
    assert not list(out.rglob("*.partial"))
    assert run(["export", "--data", str(old), "--out", str(out)]) == 0
    with Running("import", out, "--data", new) as importing:
        wait_for(
            lambda: (new / JOURNAL.format(store="embedded")).exists() or importing.process.poll() is not None,
            "it does not begin",
        )
        importing.process.kill()
        importing.process.wait()
    assert run(["import", str(out), "--data", str(new)]) == 0
    assert contents(new) == contents(old)


def test_a_running_house_is_exported_backed_up_and_imported_into(
    tmp_path: Path, quick_mosquitto: Mosquitto, capfd: pytest.CaptureFixture[str]
) -> None:
    data, port, out = tmp_path / "data", free_port(), tmp_path / "out"
    run(["export", "--data", str(filled(tmp_path / "old", sites=("hut",))), "--out", str(tmp_path / "history")])
    broker = f"mqtt://127.0.0.1:{quick_mosquitto.port}"
    with Running("serve", "--data", data, "--sites", house(tmp_path), "--broker", broker, "--port", port) as serving:
        serving.until("page ")
        wait_for(lambda: metric(port, "ledig_ingest_up") == 1, "ingest does not connect")
        with Sender(quick_mosquitto.port) as sender:
            now = time.time_ns() // 1_000_000
            sender.send_all(("ledig/v1/hut/d1/state", f'{{"time":{now - at},"occupied":true}}') for at in range(500))
        wait_for(lambda: metric(port, "ledig_ingest_readings_stored_total") == 500, "it is not stored")
        assert run(["import", str(tmp_path / "history"), "--data", str(data)]) == 0
        assert run(["export", "--data", str(data), "--out", str(out)]) == 0
        assert run(["backup", "--data", str(data), "--out", str(tmp_path / "copy.duckdb")]) == 0
        found = capfd.readouterr()
        assert found.out.count(f"held by process {serving.process.pid}; working through it") == 3
        assert found.out.count("has 932 readings of hut") == 1
        assert "copy.duckdb holds 932 rows of 1 sensor of hut" in found.out
        serving.interrupt()
        assert serving.ended() == 0
    assert run(["restore", str(tmp_path / "copy.duckdb"), "--data", str(tmp_path / "restored")]) == 0
    assert run(["import", str(out), "--data", str(tmp_path / "imported")]) == 0
    assert contents(tmp_path / "restored") == contents(tmp_path / "imported") == contents(data)


def test_a_restored_folder_has_every_file_that_the_folder_had(
    tmp_path: Path, quick_mosquitto: Mosquitto, capfd: pytest.CaptureFixture[str]
) -> None:
    """Notes, acknowledgements, the quarantine, what others have put there: all but roll-ups, made anew of readings."""
    data, port, back_up = tmp_path / "data", free_port(), tmp_path / "copy.duckdb"
    broker = f"mqtt://127.0.0.1:{quick_mosquitto.port}"
    words: list[object] = ["--sites", house(tmp_path), "--broker", broker, "--port", port]
    with Running("serve", "--data", data, *words) as serving:
        serving.until("page ")
        wait_for(lambda: metric(port, "ledig_ingest_up") == 1, "ingest does not connect")
        with Sender(quick_mosquitto.port) as sender:
            sender.send((STATE, f'{{"time":{time.time_ns() // 1_000_000},"occupied":true}}'), (STATE, "no JSON"))
        wait_for(lambda: metric(port, "ledig_ingest_readings_stored_total") == 1, "it is not stored")
        site = f"http://127.0.0.1:{port}/v1/sites/hut"
        httpx.post(f"{site}/notes", json={"date": "2026-11-12", "text": "Lift stands"}).raise_for_status()
        httpx.put(f"{site}/acknowledgements/d1", json={"note": "battery ordered"}).raise_for_status()
        (data / "spool-1" / "deep").mkdir(parents=True)
        (data / "spool-1" / "deep" / "records").write_bytes(bytes(range(256)) * 10_000)
        (data / "empty").write_bytes(b"")
        (data / "viewer.key").write_text("a secret")
        (data / "viewer.key").chmod(0o600)
        assert run(["backup", "--data", str(data), "--out", str(back_up)]) == 0
        serving.interrupt()
        assert serving.ended() == 0
    fresh = tmp_path / "fresh"
    assert run(["restore", str(back_up), "--data", str(fresh)]) == 0
    assert "1 row" in capfd.readouterr().out
    assert kept(fresh) == kept(data)
    assert {"notes/notes-hut.json", "quarantine/refused.jsonl", "spool-1/deep/records", "empty"} <= kept(fresh).keys()
    assert contents(fresh) == contents(data)
    with Running("serve", "--data", fresh, *words) as serving:
        serving.until("page ")
        window = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-30T00:00:00Z"}
        assert [row["text"] for row in rows(port, "v1/sites/hut/notes", **window)] == ["Lift stands"]
        assert [row["note"] for row in rows(port, "v1/sites/hut/acknowledgements")] == ["battery ordered"]
        serving.interrupt()
        assert serving.ended() == 0


def kept(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return permissions and contents of the files of a data folder, but those that hold the same in other bytes."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and path.name != FILE and "rollups" not in path.parts
    }


def test_one_of_a_thing_is_told_in_the_singular(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    store = open_store(tmp_path / "data")
    store.append([Reading("hut", "d1", THEN, THEN, occupied=True)])
    store.close()
    assert run(["export", "--data", str(tmp_path / "data"), "--out", str(tmp_path / "out")]) == 0
    assert run(["backup", "--data", str(tmp_path / "data"), "--out", str(tmp_path / "copy")]) == 0
    said = capfd.readouterr().out
    assert "has 1 reading of hut;" in said
    assert "holds 1 row of 1 sensor of hut," in said


def test_a_back_up_has_no_earlier_one_in_it_and_files_in_place_of_links(tmp_path: Path) -> None:
    data, fresh = filled(tmp_path / "data", sites=("hut",), days=1), tmp_path / "fresh"
    (tmp_path / "elsewhere").write_text("a secret")
    (data / "viewer.key").symlink_to(tmp_path / "elsewhere")
    (data / "gone").symlink_to(tmp_path / "nowhere")
    for day in ("monday", "tuesday"):
        assert run(["backup", "--data", str(data), "--out", str(data / f"{day}.duckdb")]) == 0
    assert run(["restore", str(data / "tuesday.duckdb"), "--data", str(fresh)]) == 0
    assert sorted(path.name for path in fresh.iterdir()) == [FILE, "viewer.key"]
    assert (fresh / "viewer.key").read_text() == "a secret"
    assert contents(fresh) == contents(data)


def test_a_back_up_has_files_below_folders_whatever_their_names_are(tmp_path: Path) -> None:
    data, fresh, back_up = filled(tmp_path / "data", sites=("hut",), days=1), tmp_path / "fresh", tmp_path / "copy"
    for name in ("rollups/x", FILE, "mosquitto.log", back_up.name, "room.ics"):
        (data / "calendars" / name).parent.mkdir(parents=True, exist_ok=True)
        (data / "calendars" / name).write_text(name)
    (data / back_up.name).write_text("no back-up, but its name")
    assert run(["backup", "--data", str(data), "--out", str(back_up)]) == 0
    assert run(["restore", str(back_up), "--data", str(fresh)]) == 0
    assert kept(fresh) == kept(data)
    assert (fresh / back_up.name).exists()
    for name in ("rollups/x", FILE):
        assert (fresh / "calendars" / name).read_text() == name


def test_only_its_owner_may_read_a_back_up_and_a_store_is_as_it_was(tmp_path: Path) -> None:
    """Keys may be in a back-up, and no others' eyes see them in what is restored of it either."""
    data, fresh, back_up = filled(tmp_path / "data", sites=("hut",), days=1), tmp_path / "fresh", tmp_path / "copy"
    secret = bytes(range(256)) * 1_000
    (data / "viewer.key").write_bytes(secret)
    (data / "viewer.key").chmod(0o600)
    assert run(["backup", "--data", str(data), "--out", str(back_up)]) == 0
    assert back_up.stat().st_mode & 0o777 == 0o600
    assert run(["restore", str(back_up), "--data", str(fresh)]) == 0
    assert (fresh / FILE).stat().st_mode == (data / FILE).stat().st_mode
    assert (fresh / "viewer.key").stat().st_mode & 0o777 == 0o600
    assert secret[:256] not in (fresh / FILE).read_bytes()


def test_a_folder_that_has_other_files_is_not_restored_into(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data, fresh = filled(tmp_path / "data", sites=("hut",)), tmp_path / "fresh"
    (data / "mine").write_text("one")
    fresh.mkdir()
    (fresh / "mine").write_text("another")
    assert run(["backup", "--data", str(data), "--out", str(tmp_path / "copy")]) == 0
    assert run(["restore", str(tmp_path / "copy"), "--data", str(fresh)]) == 2
    assert f"{fresh}/mine is there, and another than in the back-up" in capfd.readouterr().err
    assert [path.name for path in fresh.iterdir()] == ["mine"]
    assert (fresh / "mine").read_text() == "another"
    (fresh / "mine").write_text("one")
    assert run(["restore", str(tmp_path / "copy"), "--data", str(fresh)]) == 0, "what was broken off is begun anew"


def test_a_back_up_that_is_interrupted_leaves_nothing(tmp_path: Path) -> None:
    data, out = large(tmp_path / "data"), tmp_path / "copy"
    with Running("backup", "--data", data, "--out", out) as copying:
        wait_for(
            lambda: (tmp_path / "copy.partial").exists() or copying.process.poll() is not None, "it does not begin"
        )
        copying.interrupt()
        assert copying.ended() in {0, 1}
        assert out.exists() == (copying.process.returncode == 0) == ("nothing is left of it" not in copying.said)
    assert not (tmp_path / "copy.partial").exists()


@pytest.mark.parametrize("command", ["export", "import", "backup", "restore"])
def test_each_explains_itself(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run([command, "--help"])
    assert ended.value.code == 0
    assert len(capfd.readouterr().out) > 200


def test_readings_move_into_a_server_store_and_out_again(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    old, out, token, file = filled(tmp_path / "old"), tmp_path / "out", tmp_path / "token", tmp_path / "influx.toml"
    with some_influx(tmp_path) as server:
        bucket = new_bucket(server.url, server.org, server.token)
        token.write_text(server.token)
        file.write_text(
            f'store = "influxdb"\ninfluxdb_url = "{server.url}"\ninfluxdb_org = "{server.org}"\n'
            f'influxdb_bucket = "{bucket}"\ninfluxdb_token_file = "{token}"\ndata = "{tmp_path / "data"}"\n'
        )
        assert run(["export", "--data", str(old), "--out", str(out)]) == 0
        assert run(["import", str(out), "--settings", str(file)]) == 0
        assert "found as the manifest says: 6 of 6" in capfd.readouterr().out
        assert run(["export", "--settings", str(file), "--out", str(tmp_path / "back")]) == 0
        assert run(["export", "--settings", str(file), "--out", str(tmp_path / "none"), "--site", "hat"]) == 2
        assert run(["backup", "--settings", str(file), "--out", str(tmp_path / "copy")]) == 2
        said = capfd.readouterr().err
        assert "the store has no site 'hat'; it has annex, hut" in said
        assert "backs up the embedded store; influxdb has tools of its own" in said
    assert read_manifest(tmp_path / "back").keys() == read_manifest(out).keys()
    for key, part in read_manifest(out).items():
        assert read_manifest(tmp_path / "back")[key].tally == part.tally


def test_a_server_store_that_is_away_is_an_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "victoria.toml"
    file.write_text(f'store = "victoriametrics"\nvictoriametrics_url = "http://127.0.0.1:{free_port()}"\n')
    run(["export", "--data", str(filled(tmp_path / "old", days=1)), "--out", str(tmp_path / "out")])
    assert run(["import", str(tmp_path / "out"), "--settings", str(file), "--data", str(tmp_path / "data")]) == 2
    assert run(["export", "--settings", str(file), "--out", str(tmp_path / "x")]) == 2
    said = capfd.readouterr().err
    assert said.count("ledig import: ") == said.count("ledig export: ") == 1
