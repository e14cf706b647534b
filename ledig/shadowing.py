"""Whether the names that ledig imports lead to ledig.

Seven names are taken of the whole Python, `store` and `spaces` among them (docs/decisions/0015). Another distribution,
or a file where ledig is started, may have one of them too, and the first on the path wins. So this is asked at every
start, before anything of these names is imported: this module imports nothing else of ours, and looks for packages
without running them. It takes up to four milliseconds (measured); whose the other files are is looked up only where
there are some.
"""

import os
from collections.abc import Mapping
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

NAMES = ("analytics", "dashboards", "ingest", "ledig", "simulator", "spaces", "store")
"""Our top-level packages. All lie in one folder."""
_HOME = Path(__file__).parents[1]
_APART = "install ledig in an environment of its own: `pipx install` and `uv tool install` make one"


def find_shadows() -> list[str]:
    """Return a sentence for each name that does not lead to ledig alone, with what helps; none where all is well."""
    listed = _list_installed()
    sentences = [_describe_elsewhere(name) or _describe_merged(name, listed) for name in NAMES]
    return [sentence for sentence in sentences if sentence is not None]


def _describe_elsewhere(name: str) -> str | None:
    """Say what Python would import by a name where that is not ours."""
    ours, spec = _HOME / name, find_spec(name)
    if spec is not None and spec.has_location and _resolve(spec.origin) == _resolve(ours / "__init__.py"):
        return None
    place = _find_place(spec, ours)
    if place is None:
        return f"{ours} is not whole: another distribution may have taken it along; install ledig again, and {_APART}"
    owner = _find_owner(name, place)
    belonging = f", which belongs to {owner}," if owner else ""
    return f"the name {name!r} leads to {place}{belonging} and not to {ours}; {_advise(place.parent)}"


def _resolve(file: str | Path | None) -> tuple[str, str]:
    """Return the folder and the name of a module's file, whichever links and kind of file lead to it."""
    folder, name = os.path.split(os.path.realpath(file or ""))
    return folder, name.partition(".")[0]


def _find_place(spec: ModuleSpec | None, ours: Path) -> Path | None:
    """Return the folder of a package, or the file of a module; None where nothing but a rest of ours is found."""
    if spec is None:
        return None
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    if folders:
        return None if ours in folders else folders[0]
    return Path(spec.origin or "")


def _advise(folder: Path) -> str:
    """Say what helps against a name that is taken by what lies in a folder."""
    listed = [os.path.realpath(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    if os.path.realpath(folder) in listed:
        return f"take {folder} off PYTHONPATH"
    return "start `ledig` in another folder" if folder.resolve() == Path.cwd() else _APART


def _list_installed() -> Mapping[str, str] | None:
    """Return what pip wrote of the files of ledig: each entry of our packages' folders, with the size of a file.

    None where ledig runs from a checkout, which no other distribution is installed into.
    """
    record = next(_HOME.glob("ledig-*.dist-info/RECORD"), None)
    if record is None:
        return None
    lines = record.read_text(encoding="utf-8").splitlines()
    return {"/".join(line.partition(",")[0].split("/")[:2]): line.rpartition(",")[2] for line in lines}


def _describe_merged(name: str, listed: Mapping[str, str] | None) -> str | None:
    """Say who else has files in a folder of ours; what belongs to nobody is no harm."""
    folder = _HOME / name
    if listed is None or not _holds_others(folder, listed):
        return None
    owner = _find_owner(name, folder)
    if owner is None:
        return None
    return f"{folder} holds files of {owner} as well, some of which may have replaced ours; {_APART}"


def _holds_others(folder: Path, listed: Mapping[str, str]) -> bool:
    """Tell whether there is an entry that is not ours, or another's `__init__.py`: every package brings one."""
    begin = f"{folder.name}/__init__.py"
    there = {f"{folder.name}/{entry.name}" for entry in folder.iterdir() if entry.name != "__pycache__"}
    return not there <= listed.keys() or listed.get(begin) not in {"", str((_HOME / begin).stat().st_size)}


def _find_owner(name: str, place: Path) -> str | None:
    """Return which other distribution lists files of a name at a place, with its version."""
    from importlib import metadata  # noqa: PLC0415 - it costs as much as all else here, and is needed in trouble alone

    for distribution in metadata.distributions():
        files = [file for file in distribution.files or () if file.parts[0].partition(".")[0] == name]
        located = [Path(str(file.locate())) for file in files]
        if distribution.name != "ledig" and any(place in (file, *file.parents) for file in located):
            return f"{distribution.name} {distribution.version}"
    return None
