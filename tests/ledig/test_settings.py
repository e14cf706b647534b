"""Settings: where they come from, and everything that is wrong with them at once."""

from pathlib import Path

import pytest

from ledig.settings import TABLE, SettingsError, load_settings


def mistakes(file: Path | None = None, environment: dict[str, str] | None = None, **flags: object) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(file, environment or {}, flags)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_the_command_line_goes_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "ledig.toml"
    file.write_text('data = "from file"\nhost = "::1"\nport = 1001\n')
    environment = {"LEDIG_HOST": "localhost", "LEDIG_PORT": "1002", "HOME": "/root"}
    settings = load_settings(file, environment, {"port": "1003", "data": None})
    assert (settings.data, settings.host, settings.port) == (Path("from file"), "localhost", 1003)
    assert settings.given == {"data", "host", "port"}


def test_every_default_is_valid_and_asks_for_no_file() -> None:
    settings = load_settings(None, {}, {})
    assert settings.given == frozenset()
    assert settings.ingest().address == "mqtt://127.0.0.1:1883"
    assert settings.api().most_days == 400
    assert settings.host == "127.0.0.1"


def test_every_mistake_is_reported_at_once_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "ledig.toml"
    file.write_text('# ours\nprot = 80\nport = "eighty"\nsites = 3\nbroker = "http://x"\nmqtt_protocol = 5\n')
    found = mistakes(file, {"LEDIG_BROKR": "x", "LEDIG_RECEIVE_MAXIMUM": "0", "LEDIG_REQUIRE": "mosquitto"}, port="0")
    assert len(found) == 8
    text = "\n".join(found)
    assert f"{file}:2: unknown setting 'prot'; did you mean port?" in text
    assert f"{file}:3: port: 'eighty' is not a whole number from 1 to 65535" in text
    assert f"{file}:4: sites: must be a list" in text
    assert f"{file}:5: broker: 'http://x' is no address of a broker" in text
    assert f"{file}:6: mqtt_protocol: 5 is not one of 5, 3.1.1; write it in quotes" in text
    assert "LEDIG_BROKR:1: unknown setting 'brokr'; did you mean broker?" in text
    assert "LEDIG_RECEIVE_MAXIMUM:1: receive_maximum: '0' is not" in text
    assert "--port:1: port: '0' is not" in text


@pytest.mark.parametrize("text", ["port = ", "\x00", "a = 1\na = 2"])
def test_a_file_that_is_no_toml_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ledig.toml"
    file.write_text(text)
    assert "cannot be read" in mistakes(file)[0]


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    assert "there is no such settings file" in mistakes(tmp_path / "none.toml")[0]


def test_passwords_come_from_a_file_and_never_from_an_address(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("secret\n")
    settings = load_settings(None, {"LEDIG_BROKER_PASSWORD_FILE": str(file), "LEDIG_BROKER_USERNAME": "u"}, {})
    assert (settings.ingest().username, settings.ingest().password) == ("u", "secret")
    assert "passwords into the file" in mistakes(broker="mqtt://u:secret@host")[0]
    gone = load_settings(None, {"LEDIG_BROKER_PASSWORD_FILE": str(tmp_path / "gone")}, {})
    with pytest.raises(SettingsError, match="cannot be read"):
        gone.ingest()


def test_several_sites_may_be_named_in_the_environment() -> None:
    assert load_settings(None, {"LEDIG_SITES": "a, b"}, {}).sites == (Path("a"), Path("b"))


def test_mqtts_is_tls_on_its_own_port() -> None:
    ingest = load_settings(None, {}, {"broker": "mqtts://broker.example"}).ingest()
    assert (ingest.tls, ingest.port, ingest.address) == (True, 8883, "mqtts://broker.example:8883")


def test_every_setting_has_a_meaning() -> None:
    assert all(setting.meaning.endswith(".") for setting in TABLE.values())
