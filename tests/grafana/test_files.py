"""The committed dashboards and rules are what the code writes, and are what Grafana takes: uids, places, references."""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from dashboards.answers import definitions
from dashboards.grafana.build import DASHBOARDS, SOURCES, alert_file, dashboard_files
from ledig.main import run
from tests.docs.papers import ROOT

FOLDER = ROOT / "deploy/grafana"
WRITTEN = {**dashboard_files("Europe/Berlin"), **alert_file(["betahaus"])}
LOADED: dict[str, Any] = {name: json.loads(text) for name, text in WRITTEN.items()}
SHEETS = {name: sheet for name, sheet in LOADED.items() if name.startswith("dashboards/")}
RULES = [rule for group in LOADED["provisioning/alerting/ledig.json"]["groups"] for rule in group["rules"]]
every_sheet = pytest.mark.parametrize("name", SHEETS)


@pytest.mark.parametrize("name", WRITTEN)
def test_the_committed_file_is_what_the_code_writes(name: str) -> None:
    told = f"{name} is old: ledig grafana build --sites simulator/betahaus"
    assert (FOLDER / name).read_bytes() == WRITTEN[name], told


def test_no_file_is_left_over() -> None:
    found = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.json")}
    assert found == WRITTEN.keys()


def test_the_command_writes_them(tmp_path: Path) -> None:
    assert run(["grafana", "build", "--sites", str(ROOT / "simulator/betahaus"), "--out", str(tmp_path)]) == 0
    assert {name: (tmp_path / name).read_bytes() for name in WRITTEN} == WRITTEN


def test_there_are_four_dashboards_on_each_of_two_sources() -> None:
    assert len(DASHBOARDS) == 4
    assert len(SHEETS) == 8
    assert len({sheet["uid"] for sheet in SHEETS.values()}) == 8


@every_sheet
def test_grafana_gives_numbers_and_versions_itself(name: str) -> None:
    assert not {"id", "version", "__inputs", "__requires"} & SHEETS[name].keys()


@every_sheet
def test_panels_have_their_own_number_and_place(name: str) -> None:
    panels = SHEETS[name]["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [panel["gridPos"] for panel in panels]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above, (one, other)


@every_sheet
def test_pickers_are_the_four_and_all_leaves_nothing_out(name: str) -> None:
    pickers = SHEETS[name]["templating"]["list"]
    assert [picker["name"] for picker in pickers] == ["site", "floor", "zone", "kind"]
    assert [picker["includeAll"] for picker in pickers] == [False, True, True, True]


@every_sheet
def test_the_dashboard_is_in_the_zone_of_the_house_and_links_to_the_others(name: str) -> None:
    sheet = SHEETS[name]
    assert sheet["timezone"] == "Europe/Berlin"
    (link,) = sheet["links"]
    assert link["includeVars"]
    assert link["tags"] == sheet["tags"]
    assert sum(other["tags"] == sheet["tags"] for other in SHEETS.values()) == 4


@every_sheet
def test_only_variables_that_there_are_are_used(name: str) -> None:
    used = set(re.findall(r"\$\{(\w+)", json.dumps(SHEETS[name]["panels"])))
    assert used <= {"site", "floor", "zone", "kind", "__timeFrom", "__timeTo", "__field"}
    assert "__from" not in used


@every_sheet
def test_every_panel_says_what_it_means_and_asks_one_data_source(name: str) -> None:
    uids = {source.reference["uid"] for source in SOURCES}
    for panel in SHEETS[name]["panels"]:
        if panel["type"] == "row":
            continue
        assert len(panel["description"]) > 20, panel["title"]
        assert panel["targets"]
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {panel["datasource"]["uid"]}
        assert panel["datasource"]["uid"] in uids


def test_every_figure_carries_its_coverage() -> None:
    tables = {"utilisation": "UTILISATION", "peaks": "PEAK", "heatmap": "HEAT"}
    for dashboard in DASHBOARDS:
        for panel in dashboard.panels:
            for ask in panel.asks:
                if ask.route in tables and dashboard.slug == "use":
                    assert "coverage" in getattr(definitions, f"{tables[ask.route]}_COLUMNS")
                    assert "coverage" in {column.name for column in ask.columns}, panel.title


def test_columns_stand_in_our_order_though_the_plugin_sorts_them() -> None:
    for sheet in SHEETS.values():
        for panel in sheet["panels"]:
            if panel["type"] in {"table", "stat", "barchart", "trend"}:
                organised = panel["transformations"][0]
                assert organised["id"] == "organize"
                asked = [column["selector"] for column in panel["targets"][0].get("columns", [])]
                assert asked in ([], list(organised["options"]["indexByName"]))


def test_lines_over_time_are_of_a_shape_that_the_plugin_keeps() -> None:
    for dashboard in DASHBOARDS:
        for panel in dashboard.panels:
            for ask in panel.asks:
                if ask.series:
                    kinds = [column.type for column in ask.columns]
                    assert kinds[0] == "timestamp"
                    assert kinds.count("string") <= 1
                    assert "string" not in kinds or kinds.count("number") == 1
                    assert not ask.only


def test_a_rule_has_a_uid_that_grafana_takes_whatever_the_house_is_called() -> None:
    for house in ("betahaus", "a:house", "x" * 60, "o" * 20):
        groups = json.loads(alert_file([house])["provisioning/alerting/ledig.json"])["groups"]
        uids = [rule["uid"] for group in groups for rule in group["rules"]]
        assert len(set(uids)) == len(uids)
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,40}", uid) for uid in uids)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["uid"])
def test_a_rule_refers_to_what_it_has(rule: dict[str, Any]) -> None:
    refs = [step["refId"] for step in rule["data"]]
    assert len(set(refs)) == len(refs)
    assert rule["condition"] == refs[-1]
    assert rule["data"][-1]["model"]["expression"] in refs
    # Not by Grafana's own annotation for it, which wants the number of a panel too.
    assert rule["annotations"]["dashboard"] in {f"/d/{sheet['uid']}" for sheet in SHEETS.values()}
    for step in rule["data"]:
        columns = step["model"].get("columns", [])
        assert sorted(column["type"] for column in columns) in ([], ["number", "string"])
        assert "$" not in json.dumps(step["model"].get("url_options", {})), "a rule has no pickers"


def test_there_is_a_rule_for_what_goes_wrong() -> None:
    slugs = {rule["uid"].removeprefix("ledig-").removeprefix("betahaus-") for rule in RULES}
    wanted = {"house-full", "zone-sold-out", "sensors-silent", "coverage-low", "nothing-heard", "lag", "spool-growing"}
    assert wanted <= slugs


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["build"], "no site is named"),
        (["push", "--timezone", "Europe/Berlin"], "grafana_token_file: is missing"),
    ],
)
def test_what_is_missing_is_told(flags: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["grafana", *flags]) == 2
    assert said in capsys.readouterr().err


def test_houses_of_several_zones_need_a_choice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sites = []
    for name, zone in (("one", "Europe/Berlin"), ("two", "Asia/Tokyo")):
        (tmp_path / name).mkdir()
        text = f'[site]\nid = "{name}"\nname = "{name}"\ntimezone = "{zone}"\n'
        (tmp_path / name / "site.toml").write_text(text)
        sites.append(str(tmp_path / name))
    assert run(["grafana", "build", "--sites", *sites, "--out", str(tmp_path)]) == 2
    assert "Asia/Tokyo, Europe/Berlin" in capsys.readouterr().err
    assert run(["grafana", "build", "--sites", *sites, "--timezone", "browser", "--out", str(tmp_path)]) == 0


def test_a_zone_that_is_none_is_refused() -> None:
    with pytest.raises(SystemExit):
        run(["grafana", "build", "--timezone", "Mars/Olympus"])
