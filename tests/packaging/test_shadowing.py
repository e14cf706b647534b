"""Names of ours that lead elsewhere end a command before anything of them is imported; all else holds nothing up."""

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from ledig.shadowing import NAMES
from tests.brokers import free_port
from tests.docs.papers import ROOT
from tests.docs.test_tables import pyproject
from tests.ledig.running import Running, plain_environment
from tests.ledig.test_commands import house
from tests.packaging.wheels import build_wheel, tracked

MODULE = (sys.executable, "-m", "ledig")
SCRIPT = Path(sysconfig.get_path("scripts")) / "ledig"
APART = "install ledig in an environment of its own: `pipx install` and `uv tool install` make one"
LOUD = 'raise SystemExit("it was run")\n'


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tracked(), tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """A folder into which ledig was installed."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    return tmp_path / "installed"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The folder in which commands are run."""
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


def start(
    *command: str, folder: Path, path: Path | None = None, arguments: tuple[str, ...] = ("--help",)
) -> subprocess.CompletedProcess[str]:
    environment = plain_environment() | ({} if path is None else {"PYTHONPATH": str(path)})
    return subprocess.run(
        [*command, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def is_well(done: subprocess.CompletedProcess[str]) -> bool:
    return done.returncode == 0 and done.stdout.startswith("usage: ledig") and not done.stderr


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one sentence that a refused command says."""
    assert done.returncode == 2, done.stderr
    assert not done.stdout
    (sentence,) = done.stderr.splitlines()
    return sentence


def install_shop(folder: Path, *files: str) -> None:
    """Put files of another distribution into a folder, as pip does, over whatever is there."""
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(LOUD)
    about = folder / "shop-1.2.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: shop\nVersion: 1.2\n")
    (about / "RECORD").write_text("".join(f"{file},,\n" for file in files))


def test_the_names_are_those_that_the_wheel_takes() -> None:
    setup = pyproject()["tool"]
    assert list(NAMES) == setup["importlinter"]["root_packages"]
    assert [f"{name}*" for name in NAMES] == setup["setuptools"]["packages"]["find"]["include"]


@pytest.mark.parametrize("command", [MODULE, (str(SCRIPT),)], ids=["module", "script"])
@pytest.mark.parametrize("file", ["store/__init__.py", "store.py"])
def test_a_distribution_that_comes_first_is_named(
    tmp_path: Path, here: Path, command: tuple[str, ...], file: str
) -> None:
    install_shop(tmp_path / "other", file)
    place = tmp_path / "other" / file.removesuffix("/__init__.py")
    assert refusal(start(*command, folder=here, path=tmp_path / "other")) == (
        f"ledig: the name 'store' leads to {place}, which belongs to shop 1.2, and not to {ROOT / 'store'}; "
        f"take {tmp_path / 'other'} off PYTHONPATH"
    )


def test_every_name_is_told_of_whatever_is_asked_for(tmp_path: Path, here: Path) -> None:
    others = [name for name in NAMES if name != "ledig"]
    install_shop(tmp_path / "other", *(f"{name}/__init__.py" for name in others))
    done = start(*MODULE, folder=here, path=tmp_path / "other", arguments=("check", "--data", "x"))
    assert done.returncode == 2
    assert [line.split("'")[1] for line in done.stderr.splitlines()] == others


def test_what_is_on_the_path_for_good_calls_for_an_environment_of_its_own(tmp_path: Path, here: Path) -> None:
    install_shop(tmp_path / "other", "spaces/__init__.py")
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'other')!r}); from ledig.main import main; main()"
    said = refusal(start(sys.executable, "-c", code, folder=here))
    assert f"leads to {tmp_path / 'other/spaces'}, which belongs to shop 1.2, and not to" in said
    assert said.endswith(APART)


@pytest.mark.parametrize("file", ["store/__init__.py", "store.py", "store/notes.txt"])
def test_a_file_in_the_working_folder_stops_what_imports_from_there_alone(here: Path, file: str) -> None:
    """Where the install is editable, a plain folder of that name is enough: Python looks at the path first."""
    (here / file).parent.mkdir(exist_ok=True)
    (here / file).write_text(LOUD)
    place = here / ("store.py" if file == "store.py" else "store")
    assert refusal(start(*MODULE, folder=here)) == (
        f"ledig: the name 'store' leads to {place} and not to {ROOT / 'store'}; start `ledig` in another folder"
    )
    assert is_well(start(str(SCRIPT), folder=here))


def test_workers_of_ingest_import_what_their_parent_does(here: Path) -> None:
    (here / "store.py").write_text(LOUD)
    nobody = f"127.0.0.1:{free_port()}"
    (here / "ledig.toml").write_text(f'influxdb_url = "http://{nobody}"\ninfluxdb_token_file = "token"\n')
    (here / "token").write_text("none")
    options = ("--workers", 2, "--sites", house(here), "--store", "influxdb", "--broker", f"mqtt://{nobody}")
    with Running("ingest", *options, folder=here, program=SCRIPT) as team:
        team.until("cannot be reached")
        team.interrupt()
        assert team.ended() == 0
    assert "leads to" not in team.said


def test_a_folder_that_is_no_package_does_not_shadow_what_pip_installed(installed: Path, here: Path) -> None:
    (here / "store").mkdir()
    assert is_well(start(*MODULE, folder=here, path=installed))


def test_links_to_the_installed_files_are_the_installed_files(installed: Path, here: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(installed)
    assert is_well(start(*MODULE, folder=here, path=tmp_path / "link"))
    for file in installed.rglob("*.*"):
        link = tmp_path / "links" / file.relative_to(installed)
        link.parent.mkdir(parents=True, exist_ok=True)
        if file.is_file():
            link.symlink_to(file)
    assert is_well(start(*MODULE, folder=here, path=tmp_path / "links"))


def test_names_in_an_archive_are_its_own(wheel: Path, here: Path) -> None:
    code = "from ledig import shadowing; print(shadowing.__file__, shadowing.find_shadows())"
    done = start(sys.executable, "-c", code, folder=here, path=wheel)
    assert done.stdout == f"{wheel}/ledig/shadowing.py []\n"


@pytest.mark.parametrize("file", ["store/till.py", "store/__init__.py", "ledig/till.py"])
def test_another_distribution_in_the_same_folder_is_named(installed: Path, here: Path, file: str) -> None:
    install_shop(installed, file)
    # `-S`: the checkout, which this Python has installed as well, is not there to stand in for what is broken
    said = refusal(start(sys.executable, "-S", "-m", "ledig", folder=here, path=installed))
    folder = (installed / file).parent
    assert said.startswith(f"ledig: {folder} holds files of shop 1.2 as well, some of which may have replaced ours;")
    assert said.endswith(APART)


def test_files_that_no_distribution_has_brought_hold_nothing_up(installed: Path, here: Path) -> None:
    (installed / "store" / ".protocol.py.swp").touch()
    with (installed / "store" / "__init__.py").open("a") as ours:
        ours.write("# mended by hand\n")
    assert is_well(start(*MODULE, folder=here, path=installed))


def test_what_another_distribution_took_along_when_it_went_is_told(installed: Path, here: Path) -> None:
    (installed / "store" / "__init__.py").unlink()
    (installed / "spaces").rename(installed / "gone")
    done = start(sys.executable, "-S", "-m", "ledig", folder=here, path=installed)
    assert done.returncode == 2
    assert [line.split(" is not whole")[0] for line in done.stderr.splitlines()] == [
        f"ledig: {installed / 'spaces'}", f"ledig: {installed / 'store'}"
    ]  # fmt: skip
    assert "install ledig again" in done.stderr
