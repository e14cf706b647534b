"""The dashboards fit the types that Grafana publishes: the sheet, its panels' options and their fields' options.

Runs where Node is and LEDIG_TEST_NODE_MODULES names a folder in which tests/grafana/schema was installed
(`npm ci`, somewhere outside of the checkout).
"""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboards.grafana.build import DASHBOARDS, SOURCES
from tests.docs.papers import ROOT
from tests.programs import required

PINNED = json.loads((ROOT / "tests/grafana/schema/package.json").read_text())["dependencies"]
SHEETS = {
    f"{source.name or 'ledig'} {dashboard.slug}": dashboard.json(source, "Europe/Berlin")
    for source in SOURCES
    for dashboard in DASHBOARDS
}
TYPES = {
    "stat": "Stat",
    "table": "Table",
    "timeseries": "TimeSeries",
    "barchart": "BarChart",
    "trend": "Trend",
}
_SETTINGS = {
    "compilerOptions": {
        "strict": True,
        "noEmit": True,
        "skipLibCheck": True,
        "target": "es2022",
        "module": "esnext",
        "moduleResolution": "bundler",
        "types": [],
    },
    "files": ["check.ts"],
}
# JSON has no enumerations: their values are the words and numbers that they stand for.
_HEAD = """
import type { Dashboard, FieldConfig, Panel, RowPanel, VariableModel } from '@grafana/schema';
type Plain<T> = T extends string ? `${T}` : T extends number ? T
  : T extends (infer U)[] ? Plain<U>[] : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;
type Sheet = Plain<Omit<Dashboard, 'panels'>>;
"""


@pytest.fixture(scope="module")
def modules() -> Path:
    """Return a folder of Node's modules that has what is pinned."""
    required("node")
    folder = os.environ.get("LEDIG_TEST_NODE_MODULES")
    if folder is None:
        pytest.skip("LEDIG_TEST_NODE_MODULES names no folder in which tests/grafana/schema was installed")
    for name, version in PINNED.items():
        found = json.loads((Path(folder) / name / "package.json").read_text())["version"]
        assert found == version, f"{folder} has {name} {found}"
    return Path(folder)


def compiled(folder: Path, modules: Path, text: str) -> str:
    """Return what TypeScript's compiler has to say of a text, nothing where all is well."""
    (folder / "node_modules").symlink_to(modules, target_is_directory=True)
    (folder / "check.ts").write_text(text, encoding="utf-8")
    (folder / "tsconfig.json").write_text(json.dumps(_SETTINGS))
    compiler = modules / "typescript/bin/tsc"
    done = subprocess.run(
        [required("node"), str(compiler), "-p", str(folder)], capture_output=True, text=True, check=False, timeout=110
    )
    assert bool(done.stdout) == bool(done.returncode), done.stderr
    return done.stdout


def checks(sheets: dict[str, dict[str, Any]]) -> str:
    """Return a program that is well typed if the sheets are."""
    panels = [panel for sheet in sheets.values() for panel in sheet["panels"]]
    kinds = sorted({panel["type"] for panel in panels} - {"row"})
    imports = [line for kind in kinds for line in _imports(kind, TYPES[kind])]
    rows: list[str] = []
    for number, sheet in enumerate(sheets.values()):
        rest = {key: value for key, value in sheet.items() if key != "panels"}
        rows.append(f"const sheet{number}: Sheet = {json.dumps(rest)};")
    rows += [line for number, panel in enumerate(panels) for line in _panel(number, panel)]
    return "\n".join([_HEAD, *imports, *rows])


def _imports(kind: str, name: str) -> Iterator[str]:
    """Yield what brings the types of a panel: a stat's fields have no options of their own."""
    fields = "" if kind == "stat" else f", FieldConfig as {name}Fields"
    path = f"@grafana/schema/dist/esm/raw/composable/{kind}/panelcfg/x/{name}PanelCfg_types.gen"
    yield f"import type {{ Options as {name}Options{fields} }} from '{path}';"
    if kind == "stat":
        yield f"type {name}Fields = Record<string, never>;"


def _panel(number: int, panel: dict[str, Any]) -> Iterator[str]:
    if panel["type"] == "row":
        yield f"const panel{number}: Plain<RowPanel> = {json.dumps(panel)};"
        return
    name = TYPES[panel["type"]]
    yield f"const panel{number}: Plain<Panel> = {json.dumps(panel)};"
    yield f"const options{number}: Plain<{name}Options> = {json.dumps(panel['options'])};"
    custom = json.dumps(panel["fieldConfig"]["defaults"]["custom"])
    yield f"const custom{number}: Plain<Partial<{name}Fields>> = {custom};"
    for place, override in enumerate(panel["fieldConfig"]["overrides"]):
        own = {
            item["id"].removeprefix("custom."): item["value"]
            for item in override["properties"]
            if item["id"].startswith("custom.")
        }
        general = {item["id"]: item["value"] for item in override["properties"] if not item["id"].startswith("custom.")}
        yield f"const own{number}_{place}: Plain<Partial<{name}Fields>> = {json.dumps(own)};"
        yield f"const general{number}_{place}: Plain<Partial<FieldConfig>> = {json.dumps(general)};"


def test_the_dashboards_are_of_grafanas_types(tmp_path: Path, modules: Path) -> None:
    assert compiled(tmp_path, modules, checks(SHEETS)) == ""


def test_a_sheet_that_is_not_would_be_found(tmp_path: Path, modules: Path) -> None:
    """The check is no formality: each of these slips is one that it names."""
    sheet = json.loads(json.dumps(SHEETS["ledig now"]))
    sheet["templating"]["list"][0]["type"] = "querry"
    stat = next(panel for panel in sheet["panels"] if panel["type"] == "stat")
    stat["options"]["textMode"] = "huge"
    lines = next(panel for panel in sheet["panels"] if panel["type"] == "timeseries")
    lines["fieldConfig"]["defaults"]["custom"]["lineWidht"] = 2
    lines["fieldConfig"]["overrides"][0]["properties"].append({"id": "units", "value": "s"})
    said = compiled(tmp_path, modules, checks({"broken": sheet}))
    for slip in ("querry", "huge", "lineWidht", "units"):
        assert slip in said
