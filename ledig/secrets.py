"""`ledig secrets`: what the servers of docker-compose.yml know each other by, made once and never overwritten.

Passwords are random and differ on every installation; certificates come from the program openssl. Files are for their
owner and group (0640), since containers read them as users of their own that are given this group; the key that
signs certificates is for its owner alone (0600), and no container sees it.
"""

import base64
import hashlib
import ipaddress
import os
import re
import secrets as randomness
import shutil
import subprocess
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path

from ledig.problem import CommandError
from ledig.stopping import say
from spaces.fields import is_id

SERVERS = ("ledig", "api", "health")
"""Users of the broker that are no sensors: ingest, the API, the health check."""
INSIDE = ("mosquitto", "localhost", "127.0.0.1")
"""Names by which the broker is reached inside; its certificate holds for them."""
DAYS = 3650
ROUNDS = 101
"""Mosquitto's own number. The passwords are 192 random bits: more rounds would only make each connection slower."""
_OWNER, _GROUP = 0o600, 0o640
GROUP_OF_ROOT = 10001
"""Root's own group is nothing to give to a container; where root makes the files, they are for this one."""
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


def add_secrets(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig secrets`."""
    command.add_argument("folder", type=Path, help="folder to make; nothing is overwritten")
    command.add_argument(
        "--houses", nargs="+", default=["betahaus"], metavar="SITE",
        help="ids of the sites whose sensors get a user at the broker (default: the demo's house)",
    )  # fmt: skip
    command.add_argument(
        "--host", nargs="+", default=[], metavar="NAME", help="names and addresses by which sensors reach the broker"
    )
    command.add_argument("--add", metavar="SITE", help="add the user of one more site to a folder that was made before")


def make_secrets(arguments: Namespace) -> int:
    """Make all secrets in a folder, or with `--add` those of one more house; return the exit status.

    Raises:
        CommandError: some are there already, a name is none, or openssl is missing.
    """
    folder: Path = arguments.folder
    try:
        made = _add(folder, arguments.add) if arguments.add else _make(folder, arguments.houses, arguments.host)
    except OSError as error:
        raise CommandError(f"{error.filename or folder}: {error.strerror}") from error
    for name, meaning in made.items():
        say(f"{folder / name}  {meaning}")
    return 0


def password_line(user: str, password: str, salt: bytes) -> str:
    """Return a line of Mosquitto's password file: PBKDF2 with SHA-512, which it calls `$7$`."""
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ROUNDS)
    salted, hashed = (base64.b64encode(part).decode() for part in (salt, digest))
    return f"{user}:$7${ROUNDS}${salted}${hashed}\n"


def _make(folder: Path, houses: Sequence[str], hosts: Sequence[str]) -> dict[str, str]:
    for house in houses:
        _check_house(house)
    for host in hosts:
        _check_host(host)
    if folder.exists() and any(folder.iterdir()):
        raise CommandError(f"{folder} holds files already, and nothing is overwritten; name another folder")
    openssl = _openssl()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-", ignore_cleanup_errors=True) as half:
        made = _fill(openssl, Path(half), houses, hosts)
        Path(half).chmod(0o750)
        for path in (Path(half), *Path(half).iterdir()):
            os.chown(path, -1, _group())
        Path(half).rename(folder)  # all or nothing
    return made


def _fill(openssl: str, folder: Path, houses: Sequence[str], hosts: Sequence[str]) -> dict[str, str]:
    made = _certificates(openssl, folder, hosts)
    passwords = {user: randomness.token_urlsafe(24) for user in (*SERVERS, *houses)}
    made |= {f"broker-{user}": _write_password(folder, user, password) for user, password in passwords.items()}
    lines = [password_line(user, password, randomness.token_bytes(12)) for user, password in passwords.items()]
    _write(folder / "passwords", "".join(lines))
    made["passwords"] = "the broker's list of all of these, salted and hashed"
    for name, meaning in _LONE.items():
        _write(folder / name, randomness.token_urlsafe(32))
        made[name] = meaning
    # Who connects under the name of ingest's session takes it over, whatever the password was for; so nobody may
    # guess it (measured on Mosquitto 2.0: a sensor's user that did lost ingest all that was queued).
    _write(folder / "env", f"DEPLOY_GROUP={_group()}\nDEPLOY_CLIENT_ID=ledig-ingest-{randomness.token_hex(8)}\n")
    made["env"] = "the group of these files, and the name of ingest's session at the broker: copy it to .env"
    return made


_LONE: Mapping[str, str] = {
    "influxdb-password": "InfluxDB: password of its first user, `ledig`",
    "influxdb-token": "InfluxDB: token of that user, by which ingest and the API work",
    "api-key": "the API: viewer key, for Grafana and for whoever looks at the page",
    "grafana-password": "Grafana: password of its user `admin`",
}


def _add(folder: Path, house: str) -> dict[str, str]:
    _check_house(house)
    passwords = folder / "passwords"
    if not passwords.is_file():
        raise CommandError(f"there is no {passwords}; make all secrets first, without --add")
    if (folder / f"broker-{house}").exists() or f"\n{house}:" in f"\n{passwords.read_text(encoding='utf-8')}":
        raise CommandError(f"the broker knows a user {house} already, and nothing is overwritten")
    password = randomness.token_urlsafe(24)
    made = {f"broker-{house}": _write_password(folder, house, password)}
    os.chown(folder / f"broker-{house}", -1, passwords.stat().st_gid)
    # Appended in place: a container that has this file mounted goes on seeing the same one.
    with passwords.open("a", encoding="utf-8") as file:
        file.write(password_line(house, password, randomness.token_bytes(12)))
    made["passwords"] = "the same there; now: docker compose kill --signal HUP mosquitto"
    return made


def _group() -> int:
    return os.getgid() or GROUP_OF_ROOT


def _check_house(house: str) -> None:
    if not is_id(house) or ":" in house or house in SERVERS:
        raise CommandError(
            f"{house!r} cannot be a user of the broker: it is no id, has a colon, or is one of {', '.join(SERVERS)}"
        )


def _check_host(host: str) -> None:
    if not _HOST.fullmatch(host) and not _is_address(host):
        raise CommandError(f"--host: {host!r} is neither the name of a machine nor its address")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _write_password(folder: Path, user: str, password: str) -> str:
    _write(folder / f"broker-{user}", password)
    return f"the broker: password of {user}" + ("" if user in SERVERS else f", as whom the sensors of {user} speak")


def _write(path: Path, text: str, mode: int = _GROUP) -> None:
    """Write a new file that nobody else may read, not even for a moment."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)


def _openssl() -> str:
    found = shutil.which("openssl")
    if found is None:
        raise CommandError("the program openssl is missing, which makes certificates (Debian: apt-get install openssl)")
    return found


def _certificates(openssl: str, folder: Path, hosts: Sequence[str]) -> dict[str, str]:
    """Make an authority of our own and the broker's certificate by it."""
    names = ",".join(f"{'IP' if _is_address(name) else 'DNS'}:{name}" for name in (*INSIDE, *hosts))
    _write(folder / "ca.key", "", _OWNER)
    _write(folder / "server.key", "")
    with tempfile.TemporaryDirectory() as scratch:
        settings, request = Path(scratch, "settings"), Path(scratch, "request")
        settings.write_text(_SETTINGS.format(names=names), encoding="utf-8")
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", settings)
        _run(openssl, "req", "-x509", *key, "-extensions", "authority", "-subj", "/CN=ledig broker authority",
             "-days", DAYS, "-keyout", folder / "ca.key", "-out", folder / "ca.crt")  # fmt: skip
        _run(openssl, "req", "-new", *key, "-subj", "/CN=mosquitto", "-keyout", folder / "server.key", "-out", request)
        _run(openssl, "x509", "-req", "-in", request, "-CA", folder / "ca.crt", "-CAkey", folder / "ca.key",
             "-set_serial", randomness.randbits(120), "-days", DAYS, "-extfile", settings, "-extensions", "server",
             "-out", folder / "server.crt")  # fmt: skip
    for name, mode in (("ca.key", _OWNER), ("server.key", _GROUP), ("ca.crt", _GROUP), ("server.crt", _GROUP)):
        (folder / name).chmod(mode)
    years = f"for {DAYS // 365} years"
    return {
        "ca.key": "signs the broker's certificate; no container needs it, so keep it elsewhere",
        "ca.crt": f"what sensors and servers trust the broker by, {years}; no secret: hand it out",
        "server.key": "the broker's key",
        "server.crt": f"the broker's certificate for {', '.join((*INSIDE, *hosts))}, {years}",
    }


_SETTINGS = """
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = {names}
"""


def _run(*command: object) -> None:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)  # noqa: S603 - openssl, by its path
    if done.returncode:
        raise CommandError(f"openssl fails: {done.stderr.strip().splitlines()[-1] if done.stderr else done.returncode}")
