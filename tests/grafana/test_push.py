"""Dashboards are pushed once, changed only where they differ, and whatever is in the way is told of plainly."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dashboards.grafana.goods import Goods
from dashboards.grafana.push import Grafana
from ledig.main import run
from tests.brokers import free_port
from tests.grafana.stand_in import TOKEN, StandIn

UIDS = {"ledig-now", "ledig-use", "ledig-rooms", "ledig-sensors"}
CREATED = ["POST /folders", "POST /datasources", *(["POST /dashboards/db"] * 4)]


@pytest.fixture
def grafana() -> Iterator[StandIn]:
    """A Grafana that has the plugin and nothing else."""
    with StandIn() as stand:
        yield stand


@pytest.fixture
def flags(tmp_path: Path, grafana: StandIn) -> list[str]:
    """The command's flags for it."""
    (tmp_path / "token").write_text(TOKEN + "\n")
    (tmp_path / "key").write_text("a-viewer-key-long-enough\n")
    named = ["--grafana-url", grafana.url, "--grafana-token-file", str(tmp_path / "token")]
    return ["grafana", "push", "--timezone", "Europe/Berlin", *named]


def test_an_empty_grafana_gets_everything(flags: list[str], grafana: StandIn) -> None:
    assert run([*flags, "--api-url", "http://ledig.example:8080/"]) == 0
    assert grafana.log == CREATED
    assert grafana.dashboards.keys() == UIDS
    assert {kept["meta"]["folderUid"] for kept in grafana.dashboards.values()} == {"ledig"}
    source = grafana.sources["ledig"]
    assert (source["url"], source["jsonData"]["allowedHosts"]) == (
        "http://ledig.example:8080", ["http://ledig.example:8080"],
    )  # fmt: skip
    assert "secureJsonData" not in source


def test_what_is_alike_is_left_alone(flags: list[str], grafana: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(flags) == run(flags) == 0
    assert grafana.log == CREATED
    assert "nothing differs" in capsys.readouterr().out


def test_what_was_changed_by_hand_is_changed_back(flags: list[str], grafana: StandIn) -> None:
    run(flags)
    grafana.dashboards["ledig-use"]["dashboard"]["title"] = "Mine"
    grafana.sources["ledig"]["url"] = "http://elsewhere.example"
    assert run(flags) == 0
    assert grafana.log[6:] == ["PUT /datasources/uid/ledig", "POST /dashboards/db"]
    assert grafana.dashboards["ledig-use"]["dashboard"]["title"] == "Use"
    assert grafana.dashboards["ledig-use"]["dashboard"]["version"] == 2


def test_a_dry_run_shows_the_difference_and_writes_nothing(
    flags: list[str], grafana: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*flags, "--dry-run"]) == 0
    assert grafana.log == []
    assert "dashboard ledig-now: would be made" in capsys.readouterr().out
    run(flags)
    grafana.dashboards["ledig-use"]["dashboard"]["title"] = "Mine"
    capsys.readouterr()
    assert run([*flags, "--dry-run"]) == 0
    assert grafana.log == CREATED
    said = capsys.readouterr().out
    assert '  - "title": "Mine",' in said
    assert '  + "title": "Use",' in said
    assert "dashboard ledig-now: as it should be" in said


def test_a_viewer_key_reaches_grafana_and_no_terminal(
    flags: list[str], grafana: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for more in ([], ["--dry-run"]):
        assert run([*flags, "--api-key-file", str(tmp_path / "key"), *more]) == 0
    source = grafana.sources["ledig"]
    assert source["jsonData"]["auth_method"] == "bearerToken"
    assert source["secureJsonData"] == {"bearerToken": "a-viewer-key-long-enough"}
    told = "".join(capsys.readouterr())
    assert "a-viewer-key" not in told
    assert TOKEN not in told


def test_a_data_source_of_ones_own_is_used_and_none_is_made(flags: list[str], grafana: StandIn) -> None:
    assert run([*flags, "--datasource-uid", "mine"]) == 0
    assert grafana.sources == {}
    panels = grafana.dashboards["ledig-now"]["dashboard"]["panels"]
    assert {panel["datasource"]["uid"] for panel in panels if panel["type"] != "row"} == {"mine"}


def test_dashboards_on_influxdb_need_no_plugin(flags: list[str], grafana: StandIn, tmp_path: Path) -> None:
    grafana.plugins = ()
    grafana.version = "11.0.2"
    settings = tmp_path / "ledig.toml"
    settings.write_text(f'influxdb_token_file = "{tmp_path / "token"}"\ninfluxdb_bucket = "figures"\n')
    assert run([*flags, "--on", "influxdb", "--settings", str(settings)]) == 0
    assert grafana.dashboards.keys() == {uid.replace("ledig-", "ledig-influxdb-") for uid in UIDS}
    assert grafana.sources["ledig-influxdb"]["jsonData"]["defaultBucket"] == "figures"


def test_an_old_grafana_is_told_of(flags: list[str], grafana: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    for version in ("11.5.9", "10.4.2", "9.0.0-beta1"):
        grafana.version = version
        assert run(flags) == 2
        assert "need 11.6 or later" in capsys.readouterr().err
    assert grafana.log == []


def test_a_missing_plugin_is_told_of_with_how_to_install_it(
    flags: list[str], grafana: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    grafana.plugins = ("grafana-piechart-panel",)
    assert run(flags) == 2
    assert "GF_PLUGINS_PREINSTALL_SYNC=yesoreyeram-infinity-datasource@3.11.1" in capsys.readouterr().err
    assert grafana.log == []


def test_a_token_that_may_not_see_plugins_is_believed(flags: list[str], grafana: StandIn) -> None:
    grafana.may_list_plugins = False
    assert run(flags) == 0


def test_a_wrong_token_is_told_of(
    flags: list[str], grafana: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "token").write_text("wrong")
    assert run(flags) == 2
    assert "does not take this token" in capsys.readouterr().err
    assert grafana.log == []


def test_a_token_that_may_not_write_is_told_of(
    flags: list[str], grafana: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    grafana.may_write = False
    assert run(flags) == 2
    assert "role Admin" in capsys.readouterr().err


def test_nobody_at_the_address_is_told_of(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    place = flags.index("--grafana-url")
    flags[place + 1] = f"http://127.0.0.1:{free_port()}"
    assert run(flags) == 2
    assert "does not answer" in capsys.readouterr().err


class _Web(http.server.BaseHTTPRequestHandler):
    """A web server that is no Grafana."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "6")
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html>")

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def test_what_is_no_grafana_is_told_of(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Web)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        flags[flags.index("--grafana-url") + 1] = f"http://127.0.0.1:{server.server_port}"
        assert run(flags) == 2
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert "is no Grafana" in capsys.readouterr().err


def test_a_grafana_below_a_path_is_reached() -> None:
    for url in ("https://example.org/grafana/", "http://127.0.0.1:3000"):
        with closing(Grafana(url, "t")) as there:
            assert there._api.client.url == f"{url.rstrip('/')}/api"


def test_nothing_to_push_still_asks_who_is_there(grafana: StandIn) -> None:
    with closing(Grafana(grafana.url, TOKEN)) as there:
        assert [change.what for change in there.push(Goods((), None, plugin=False), dry=True)] == ["folder ledig"]
