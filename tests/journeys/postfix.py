"""
A Postfix of our own: its configuration, queue, mailboxes and ports in a temporary folder, loopback only.

guest@example.org has a mailbox; whoever else is written to at example.org bounces after it was taken; mail to
localhost goes to a given LMTP port; any other address is refused at once.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.journeys.mails import absent
from tests.service import wait_until

PROGRAM = shutil.which("postfix") or "/usr/sbin/postfix"
DAEMONS = "/usr/lib/postfix/sbin"
MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mx.example.com
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = example.org
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{guest@example.org=guest/}}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_reject_unlisted_recipient = no
smtpd_relay_restrictions = permit_auth_destination, reject
relay_domains = localhost
transport_maps = inline:{{localhost=lmtp:inet:127.0.0.1:{lmtp_port}}}
recipient_delimiter = +
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s
smtpd_banner = $myhostname ESMTP
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
smtp      unix - - n - - smtp
relay     unix - - n - - smtp
showq     unix n - n - - showq
error     unix - - n - - error
retry     unix - - n - - error
virtual   unix - n n - - virtual
lmtp      unix - - n - - lmtp
anvil     unix - - n - 1 anvil
postlog   unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, slots=True)
class Postfix:
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def letters(self) -> list[bytes]:
        """What lies in the guest's mailbox, oldest first, with the line ends it was sent with."""
        found = sorted((self.folder / "mail" / "guest" / "new").glob("*"), key=lambda path: path.stat().st_mtime_ns)
        return [path.read_bytes().replace(b"\n", b"\r\n") for path in found]

    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text() if path.exists() else "no log"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def postfix(lmtp_port: int) -> Iterator[Postfix]:
    """A running server; skips where there is none or we may not start one (with CI=true that is a failure)."""
    if not Path(PROGRAM).exists():
        absent("Postfix is not installed")
    if os.geteuid() != 0:
        absent("only root can start Postfix")
    folder = Path(tempfile.mkdtemp(prefix="roundtables-postfix-"))
    folder.chmod(0o755)  # its daemons are several users
    one = Postfix(folder, free_port())
    try:
        _write(one, lmtp_port)
        with _started(one):
            yield one
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(one: Postfix, lmtp_port: int) -> None:
    folder = one.folder
    for name in ("etc", "queue", "data", "mail"):
        (folder / name).mkdir(mode=0o755)
    shutil.chown(folder / "data", "postfix")
    shutil.chown(folder / "mail", "nobody", "nogroup")
    owner = (folder / "mail").stat()
    values = {"folder": folder, "daemons": DAEMONS, "lmtp_port": lmtp_port, "uid": owner.st_uid, "gid": owner.st_gid}
    (folder / "etc" / "main.cf").write_text(MAIN.format(**values))
    (folder / "etc" / "master.cf").write_text(MASTER.format(port=one.port))


@contextmanager
def _started(one: Postfix) -> Iterator[None]:
    said = one.folder / "said"
    with said.open("wb") as out:
        command = [PROGRAM, "-c", str(one.folder / "etc"), "start-fg"]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    try:
        wait_until(lambda: process.poll() is not None or _answers(one.port), seconds=40, why="Postfix")
        assert process.poll() is None, said.read_text() + one.log()
        yield
    finally:
        subprocess.run([PROGRAM, "-c", str(one.folder / "etc"), "stop"], capture_output=True, timeout=30)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            return connection.recv(3) == b"220"
    except OSError:
        time.sleep(0.05)
        return False
