"""Rows are added to a house's list of sensors as it is written; what stands there stays, and a site never breaks."""

from pathlib import Path

import pytest

from spaces.sensorlist import SensorListError, add_sensors
from spaces.sitefile import load_site
from tests.ledig.test_learning import SITE

ROW = {"id": "desk-12", "space": "desk", "address": "24e1", "source": "chirpstack", "format": "milesight-vs34x"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "site.toml").write_text(SITE)
    return tmp_path


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "id,space,address,source,format\ndesk-12,desk,24e1,chirpstack,milesight-vs34x\n"),
        ("", "id,space,address,source,format\ndesk-12,desk,24e1,chirpstack,milesight-vs34x\n"),
        (
            "space,id,silence\ndesk,a,3h",
            "space,id,silence,address,source,format\ndesk,a,3h,,,\ndesk,desk-12,,24e1,chirpstack,milesight-vs34x\n",
        ),
        (
            "sep=;\nid;space;address;source;format\n a ; desk;x;;\n\n",
            "sep=;\nid;space;address;source;format\n a ; desk;x;;\n\ndesk-12;desk;24e1;chirpstack;milesight-vs34x\n",
        ),
        (
            '\ufeffid,space,address,source,format\n"a",desk,"x,y",,\n',
            '\ufeffid,space,address,source,format\n"a",desk,"x,y",,\ndesk-12,desk,24e1,chirpstack,milesight-vs34x\n',
        ),
    ],
)
def test_a_list_keeps_what_it_has(folder: Path, before: str | None, after: str) -> None:
    file = folder / "sensors.csv"
    if before is not None:
        file.write_text(before, encoding="utf-8")
    assert add_sensors(folder, [ROW]) == file
    assert file.read_text(encoding="utf-8") == after
    assert load_site(folder).sensors_by_id["desk-12"][0].address == "24e1"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"space": "nowhere"}, "there is no space 'nowhere'"),
        ({"id": "learns"}, "two entries hold at once"),
        ({"address": "hall", "source": ""}, "has the address 'hall' too"),
        ({"format": "milesight-vs35x"}, "did you mean milesight-vs34x"),
        ({"id": "no id"}, "is no id"),
    ],
)
def test_a_row_that_breaks_the_site_changes_nothing(folder: Path, change: dict[str, str], why: str) -> None:
    (folder / "sensors.csv").write_text("id,space\nx,desk\n")
    with pytest.raises(SensorListError, match=why):
        add_sensors(folder, [ROW | change])
    assert (folder / "sensors.csv").read_text() == "id,space\nx,desk\n"
    assert sorted(file.name for file in folder.iterdir()) == ["sensors.csv", "site.toml"]


def test_a_folder_that_cannot_be_written_is_said_to_be_so(folder: Path) -> None:
    (folder / "sensors.csv").mkdir()
    with pytest.raises(SensorListError, match=r"sensors\.csv cannot be read"):
        add_sensors(folder, [ROW])
