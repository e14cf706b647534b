"""`ledig secrets`: random, for owner and group alone, whole or not at all, and never overwritten."""

import base64
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ledig.main import run
from ledig.secrets import GROUP_OF_ROOT, password_line
from tests.programs import required

NAMES = ("ledig", "api", "health", "betahaus")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    required("openssl")
    folder = tmp_path / "deep/secrets"
    assert run(["secrets", str(folder)]) == 0
    return folder


def test_they_are_for_their_owner_and_group_alone(made: Path) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in made.iterdir()}
    assert modes.pop("ca.key") == 0o600
    assert set(modes.values()) == {0o640}
    assert made.stat().st_mode & 0o777 == 0o750
    assert {path.stat().st_gid for path in (made, *made.iterdir())} == {os.getgid() or GROUP_OF_ROOT}
    assert [path.name for path in made.parent.iterdir()] == ["secrets"], "nothing half made is left"


def test_no_two_are_alike(made: Path, tmp_path: Path) -> None:
    assert run(["secrets", str(tmp_path / "other")]) == 0
    contents = [path.read_text() for folder in (made, tmp_path / "other") for path in folder.iterdir()]
    assert len(contents) == len(set(contents))
    for path in made.glob("*-*"):
        assert re.fullmatch(r"[\w-]{32,}", path.read_text()), path.name


def test_the_passwords_are_those_of_the_list_as_mosquitto_reads_it(made: Path) -> None:
    lines = dict(line.split(":", 1) for line in (made / "passwords").read_text().splitlines())
    assert tuple(lines) == NAMES
    for user, hashed in lines.items():
        kind, rounds, salt, _ = hashed.split("$")[1:]
        assert (kind, rounds) == ("7", "101")
        password = (made / f"broker-{user}").read_text()
        assert password not in hashed
        assert password_line(user, password, base64.b64decode(salt)) == f"{user}:{hashed}\n"


def test_a_line_is_what_mosquitto_itself_would_write(tmp_path: Path) -> None:
    """mosquitto_passwd picks the salt; with the same one we come to the same line."""
    file = tmp_path / "theirs"
    subprocess.run([required("mosquitto_passwd"), "-b", "-c", str(file), "anna", "secret word"], check=True)
    theirs = file.read_text()
    salt = base64.b64decode(theirs.split("$")[3])
    assert password_line("anna", "secret word", salt) == theirs


def test_nothing_is_overwritten(made: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in made.iterdir()}
    assert run(["secrets", str(made)]) == 2
    assert "nothing is overwritten" in capfd.readouterr().err
    assert {path: path.read_bytes() for path in made.iterdir()} == before


def test_one_more_house_is_added_to_what_there_is(made: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = (made / "passwords").read_text()
    file = (made / "passwords").stat().st_ino
    assert run(["secrets", str(made), "--add", "annex"]) == 0
    assert (made / "passwords").read_text().startswith(f"{before}annex:$7$")
    assert (made / "passwords").stat().st_ino == file, "a container goes on seeing it"
    assert (made / "broker-annex").stat().st_mode & 0o777 == 0o640
    assert (made / "broker-annex").stat().st_gid == made.stat().st_gid
    assert run(["secrets", str(made), "--add", "annex"]) == 2
    assert "knows a user annex already" in capfd.readouterr().err


def test_what_it_made_is_said_and_no_secret_is(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    required("openssl")
    made = tmp_path / "secrets"
    assert run(["secrets", str(made)]) == 0
    said = capfd.readouterr().out
    for path in made.iterdir():
        assert str(path) in said
        if path.name not in {"ca.crt", "server.crt"}:
            assert path.read_text() not in said


def test_nobody_can_guess_the_name_of_the_session_of_ingest(made: Path) -> None:
    """Mosquitto lets whoever has a password at all take over a session by its name, and what is queued is gone."""
    assert re.fullmatch(
        rf"DEPLOY_GROUP={os.getgid() or GROUP_OF_ROOT}\nDEPLOY_CLIENT_ID=ledig-ingest-[0-9a-f]{{16}}\n",
        (made / "env").read_text(),
    )


def test_the_certificate_is_for_the_names_that_were_asked_for(tmp_path: Path) -> None:
    openssl = required("openssl")
    folder = tmp_path / "secrets"
    assert run(["secrets", str(folder), "--host", "broker.example", "192.0.2.7", "2001:db8::7"]) == 0
    certificate, authority = folder / "server.crt", folder / "ca.crt"
    shown = subprocess.run(
        [openssl, "x509", "-in", str(certificate), "-noout", "-ext", "subjectAltName"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for name in ("DNS:mosquitto", "DNS:broker.example", "IP Address:192.0.2.7", "IP Address:2001:DB8:0:0:0:0:0:7"):
        assert name in shown
    subprocess.run([openssl, "verify", "-x509_strict", "-CAfile", str(authority), str(certificate)], check=True)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--houses", "two words"], "'two words' cannot be a user"),
        (["--houses", "a:b"], "'a:b' cannot be a user"),
        (["--houses", "ledig"], "'ledig' cannot be a user"),
        (["--houses", "../up"], "'../up' cannot be a user"),
        (["--host", "a,DNS:evil"], "'a,DNS:evil' is neither the name of a machine nor its address"),
        (["--host", "two\nlines"], "is neither the name of a machine"),
        (["--add", "annex"], "make all secrets first"),
    ],
)
def test_what_is_no_name_makes_nothing(
    tmp_path: Path, flags: list[str], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["secrets", str(tmp_path / "secrets"), *flags]) == 2
    assert message in capfd.readouterr().err
    assert not list(tmp_path.iterdir())


def test_without_openssl_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert run(["secrets", str(tmp_path / "secrets")]) == 2
    assert "apt-get install openssl" in capfd.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert run(["secrets", str(tmp_path / "file/secrets")]) == 2
    assert "ledig secrets:" in capfd.readouterr().err
