"""
A Dovecot of our own: its configuration, mailboxes and ports in a temporary folder, loopback only.

Its one user is farah@larkmoor.example; mail is delivered as any mail server does it, by a file in her Maildir.
"""

import datetime
import grp
import imaplib
import ipaddress
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.journeys.mails import absent
from tests.journeys.postfix import free_port
from tests.service import wait_until

PROGRAM = shutil.which("dovecot") or "/usr/sbin/dovecot"
USER, PASSWORD = "farah@larkmoor.example", "p/w & more"
CONFIGURATION = """\
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
disable_plaintext_auth = no
auth_mechanisms = plain login
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
mail_location = maildir:{folder}/mail
first_valid_uid = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(slots=True)
class Dovecot:
    folder: Path
    port: int
    tls_port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def certificate(self) -> Path:
        return self.folder / "cert.pem"

    def url(self, scheme: str = "imap", more: str = "/INBOX") -> str:
        user, password = USER.replace("@", "%40"), PASSWORD.replace("/", "%2F").replace(" ", "%20")
        port = self.tls_port if scheme == "imaps" else self.port
        return f"{scheme}://{user}:{password}@localhost:{port}{more}"

    def deliver(self, raw: bytes) -> float:
        """Puts a mail into the inbox and answers when that was."""
        name = f"{time.time_ns()}.{uuid4().hex}.mx"
        fresh = self.folder / "mail" / "tmp" / name
        fresh.write_bytes(raw.replace(b"\r\n", b"\n"))
        shutil.chown(fresh, *_mail_owner())
        fresh.rename(self.folder / "mail" / "new" / name)
        return time.monotonic()

    def make_folder(self, name: str) -> None:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        client.login(USER, PASSWORD)
        client.create(name)
        client.logout()

    def clear(self) -> None:
        """Empties every folder."""
        for part in ("new", "cur"):
            for path in (self.folder / "mail").glob(f"**/{part}/*"):
                path.unlink()

    def mails(self, folder: str = "") -> list[str]:
        """The names of the files in a folder, flags and all; the inbox is ""."""
        place = self.folder / "mail" / folder
        return sorted(path.name for part in ("new", "cur") for path in (place / part).glob("*"))

    def number_anew(self) -> None:
        """Makes Dovecot forget its numbers, as a mailbox that was restored does."""
        for path in (self.folder / "mail").glob("dovecot*"):
            path.unlink()

    def start(self) -> None:
        with (self.folder / "said").open("ab") as out:
            command = [PROGRAM, "-F", "-c", str(self.folder / "dovecot.conf")]
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        wait_until(lambda: self.process.poll() is not None or _answers(self.port), seconds=40, why="Dovecot")
        assert self.process.poll() is None, self.log()

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def log(self) -> str:
        said = [path.read_text() for path in (self.folder / "said", self.folder / "log") if path.exists()]
        return "\n".join(said)[-4000:]


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """A running server; skips where there is none (with CI=true that is a failure)."""
    if not Path(PROGRAM).exists():
        absent("Dovecot is not installed")
    folder = Path(tempfile.mkdtemp(prefix="roundtables-dovecot-"))
    folder.chmod(0o755)  # its processes are several users
    one = Dovecot(folder, free_port(), free_port())
    try:
        _write(one)
        one.start()
        try:
            yield one
        finally:
            one.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(one: Dovecot) -> None:
    folder = one.folder
    for path in (folder / "mail", folder / "home", *(folder / "mail" / name for name in ("tmp", "new", "cur"))):
        path.mkdir(mode=0o700)
        shutil.chown(path, *_mail_owner())
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
    _write_certificate(folder)
    user, group = _mail_owner()
    root = os.geteuid() == 0
    values = {
        "internal": "dovecot" if root else user,
        "group": "dovecot" if root else group,
        "login": "dovenull" if root else user,
        "uid": pwd.getpwnam(user).pw_uid,
        "gid": grp.getgrnam(group).gr_gid,
    }
    text = CONFIGURATION.format(folder=folder, port=one.port, tls_port=one.tls_port, **values)
    (folder / "dovecot.conf").write_text(text)


def _mail_owner() -> tuple[str, str]:
    if os.geteuid() == 0:
        return "nobody", "nogroup"
    return pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name


def _write_certificate(folder: Path) -> None:
    """Signed by itself, for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.datetime.now(datetime.UTC)
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(pem)
    (folder / "key.pem").chmod(0o644 if os.geteuid() == 0 else 0o600)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            return connection.recv(4) == b"* OK"
    except OSError:
        time.sleep(0.05)
        return False
