"""The viewer key comes from a file, and a file that holds none is told of before anything is served."""

from pathlib import Path

import pytest

from ledig.main import run
from ledig.settings import SettingsError, load_settings


def settings_of(folder: Path, key: str) -> Path:
    """Write a settings file that names a file with a key."""
    (folder / "key").write_text(key)
    (folder / "ledig.toml").write_text(f'api_key_file = "{folder / "key"}"\ndata = "{folder / "data"}"\n')
    return folder / "ledig.toml"


def test_a_key_is_taken_without_the_line_that_ends_it(tmp_path: Path) -> None:
    settings = load_settings(settings_of(tmp_path, "0123456789abcdef\n"), environment={})
    assert settings.api().key == "0123456789abcdef"
    assert "0123456789" not in repr(settings.api())


def test_without_a_file_nothing_is_asked_for() -> None:
    assert load_settings(None, environment={}).api().key == ""


@pytest.mark.parametrize(
    "key", ["", "too-short", "0123456789abcde\u00e9", "0123456789 abcdefgh", "two\nlines-of-a-key"]
)
def test_what_is_no_key_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(SettingsError, match="at least 16"):
        load_settings(settings_of(tmp_path, key), environment={}).api()


def test_check_tells_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--settings", str(settings_of(tmp_path, "short"))]) == 2
    assert "at least 16" in capsys.readouterr().err
    run(["check", "--settings", str(settings_of(tmp_path, "0123456789abcdef"))])
    assert "asks for its viewer key" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    file = settings_of(tmp_path, "0123456789abcdef")
    (tmp_path / "key").unlink()
    with pytest.raises(SettingsError, match="api_key_file cannot be read"):
        load_settings(file, environment={}).api()
