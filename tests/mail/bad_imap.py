"""
An IMAP server on a real socket that keeps its mail well and can be told to misbehave.

A `Trick` waits for its stage and then takes the place of the usual answer, as often as it says. Stages: greeting, then
the commands' names in capitals; FETCH is SIZE, BODY or HEADER, "BODY 7" that of one mail; DONE is the end of IDLE.
"""

import base64
import re
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

GO_ON, HANG_UP, FALL_SILENT = "go on", "hang up", "fall silent"
FOR_EVER = 10**9
ALL = "IMAP4rev1 AUTH=PLAIN IDLE MOVE UIDPLUS"


@dataclass
class Folder:
    """`mails`: UID -> bytes."""

    validity: int = 1
    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)

    def put(self, raw: bytes, uid: int = 0) -> int:
        uid = uid or max(self.mails, default=0) + 1
        self.mails[uid] = raw
        return uid

    def expunge(self, uid: int) -> None:
        for kept in (self.seen, self.deleted):
            kept.discard(uid)
        self.mails.pop(uid, None)

    def number_anew(self, validity: int) -> None:
        """The same mail under numbers from 1 on."""
        self.validity, self.mails = validity, dict(enumerate(self.mails.values(), 1))
        self.seen.clear()


@dataclass
class Trick:
    """
    `words` instead of the usual answer (TAG stands for the command's), or the usual one after `beside`; `first` is
    done before either. `slowly`: a byte at a time.
    """

    stage: str
    words: bytes | None = None
    then: str = GO_ON
    times: int = 1
    beside: bytes = b""
    first: Callable[[Folder], None] | None = None
    slowly: bool = False


class BadImap(socketserver.ThreadingTCPServer):
    """`asked` holds every stage a client came to; `secrets` what it logged in with."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, *tricks: Trick, can: str = ALL, password: str = "p/w") -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.tricks, self.can, self.password = list(tricks), can, password
        self.folders = {"INBOX": Folder(), "Taken": Folder()}
        self.asked, self.secrets = list[str](), list[bytes]()
        self.idling, self.lock, self.ending = set[_Talk](), threading.RLock(), threading.Event()
        self.announces = True

    @property
    def inbox(self) -> Folder:
        return self.folders["INBOX"]

    def url(self, more: str = "") -> str:
        return f"imap://farah%40larkmoor.example:{self.password.replace('/', '%2F')}@127.0.0.1:{self.port}/INBOX{more}"

    @property
    def port(self) -> int:
        port: int = self.server_address[1]
        return port

    def deliver(self, raw: bytes, uid: int = 0) -> None:
        """Puts a mail into the inbox and tells those who listen."""
        with self.lock:
            self.inbox.put(raw, uid)
            for talk in self.idling if self.announces else ():
                talk.say(f"* {len(self.inbox.mails)} EXISTS\r\n".encode())

    def trick(self, stage: str, about: str) -> Trick | None:
        for trick in self.tricks:
            if trick.stage in (stage, f"{stage} {about}") and trick.times > 0:
                trick.times -= 1
                return trick
        return None


class _Talk(socketserver.StreamRequestHandler):
    server: BadImap
    folder: Folder
    tag = b"*"

    def handle(self) -> None:
        try:
            if not self.answer("greeting", lambda: f"* OK [CAPABILITY {self.server.can}] ready\r\n"):
                return
            while (line := self.rfile.readline()) and self.follow(line.decode().strip()):
                pass
        except OSError:
            pass
        finally:
            self.server.idling.discard(self)

    def follow(self, line: str) -> bool:
        if line == "DONE":
            self.server.idling.discard(self)
            return self.answer("DONE", lambda: "TAG OK done\r\n")
        tag, _, rest = line.partition(" ")
        self.tag = tag.encode()
        verb, _, rest = rest.removeprefix("UID ").partition(" ")
        verb = verb.upper()
        if verb == "FETCH":
            verb = "SIZE" if "SIZE" in rest else "HEADER" if "HEADER" in rest else "BODY"
        does = getattr(self, f"do_{verb.lower()}", None)
        usual = (lambda: does(rest)) if does else lambda: "TAG BAD what?\r\n"
        return self.answer(verb, usual, about=rest.partition(" ")[0])

    def answer(self, stage: str, usual: Callable[[], str | bytes], *, about: str = "") -> bool:
        """Whether the connection goes on."""
        with self.server.lock:
            self.server.asked.append(stage)
            trick = self.server.trick(stage, about) or Trick(stage)
            if trick.first:
                trick.first(self.server.inbox)
            told = usual() if trick.words is None else trick.words
            told = trick.beside + (told.encode() if isinstance(told, str) else told)
            told = told.replace(b"TAG", self.tag)
        self.say(told, slowly=trick.slowly)
        if trick.then == FALL_SILENT:
            self.server.ending.wait(20)
        return trick.then == GO_ON and stage != "LOGOUT"

    def say(self, words: bytes, *, slowly: bool = False) -> None:
        if not slowly:
            self.wfile.write(words)
            return
        for byte in words:
            self.wfile.write(bytes([byte]))
            time.sleep(0.03)

    def do_capability(self, rest: str) -> str:
        return f"* CAPABILITY {self.server.can}\r\nTAG OK done\r\n"

    def do_login(self, rest: str) -> str:
        self.server.secrets.append(rest.encode())
        return "TAG OK in\r\n" if self.server.password in rest else "TAG NO farah@larkmoor.example is unknown\r\n"

    def do_authenticate(self, rest: str) -> str:
        self.say(b"+ \r\n")
        said = base64.b64decode(self.rfile.readline())
        self.server.secrets.append(said)
        if self.server.password.encode() in said:
            return "TAG OK in\r\n"
        if rest == "XOAUTH2":
            self.say(b"+ " + base64.b64encode(b'{"status":"400"}') + b"\r\n")
            assert self.rfile.readline() == b"\r\n"
        return "TAG NO farah@larkmoor.example is unknown\r\n"

    def do_select(self, rest: str) -> str:
        self.folder = self.server.folders[rest.strip('"')]
        numbered = f"* OK [UIDVALIDITY {self.folder.validity}] so\r\n"
        return f"* {len(self.folder.mails)} EXISTS\r\n{numbered}TAG OK [READ-WRITE] open\r\n"

    def do_examine(self, rest: str) -> str:
        return self.do_select(rest).replace("READ-WRITE", "READ-ONLY")

    def do_status(self, rest: str) -> str:
        name = rest.split('"')[1]
        return f'* STATUS "{name}" (UIDNEXT 9)\r\nTAG OK done\r\n' if name in self.server.folders else "TAG NO none\r\n"

    def do_search(self, rest: str) -> str:
        low, _, high = rest.removeprefix("UID ").partition(":")
        uids = sorted(self.folder.mails)
        found = [uid for uid in uids if uid >= int(low)] if high else [uid for uid in uids if uid == int(low)]
        found = found or (uids[-1:] if high else [])  # n:* names the last, whatever n is
        return f"* SEARCH {' '.join(map(str, found))}\r\nTAG OK done\r\n"

    def do_size(self, rest: str) -> str:
        return self.fetched(rest, lambda uid, raw: f"RFC822.SIZE {len(raw)}".encode())

    def do_body(self, rest: str) -> bytes:
        return self.fetched(rest, lambda uid, raw: b"BODY[] {%d}\r\n%b" % (len(raw), raw))

    def do_header(self, rest: str) -> bytes:
        def head(uid: int, raw: bytes) -> bytes:
            short = raw.partition(b"\r\n\r\n")[0][: 64 * 1024]
            return b"BODY[HEADER]<0> {%d}\r\n%b" % (len(short), short)

        return self.fetched(rest, head)

    def fetched(self, rest: str, item: Callable[[int, bytes], bytes]) -> bytes:
        there = [int(uid) for uid in rest.split()[0].split(",") if int(uid) in self.folder.mails]
        order = {uid: n for n, uid in enumerate(sorted(self.folder.mails), 1)}
        told = [b"* %d FETCH (UID %d %b)\r\n" % (order[u], u, item(u, self.folder.mails[u])) for u in there]
        return b"".join(told) + b"TAG OK done\r\n"

    def do_store(self, rest: str) -> str:
        uid = int(rest.split()[0])
        if uid in self.folder.mails:
            (self.folder.seen if "Seen" in rest else self.folder.deleted).add(uid)
        return "TAG OK done\r\n"

    def do_copy(self, rest: str) -> str:
        uid, target = int(rest.split()[0]), rest.split('"')[1]
        if target not in self.server.folders:
            return "TAG NO [TRYCREATE] there is none\r\n"
        if uid in self.folder.mails:
            self.server.folders[target].put(self.folder.mails[uid])
        return "TAG OK done\r\n"

    def do_move(self, rest: str) -> str:
        said = self.do_copy(rest)
        if "TAG OK" in said:
            self.folder.expunge(int(rest.split()[0]))
        return said

    def do_expunge(self, rest: str) -> str:
        if re.fullmatch(r"\d+", rest) and int(rest) in self.folder.deleted:
            self.folder.expunge(int(rest))
        return "TAG OK done\r\n"

    def do_idle(self, rest: str) -> str:
        self.server.idling.add(self)
        return "+ idling\r\n"

    def do_logout(self, rest: str) -> str:
        return "* BYE\r\nTAG OK done\r\n"

    def do_starttls(self, rest: str) -> str:
        return "TAG NO not here\r\n"


@contextmanager
def bad_imap(*tricks: Trick, can: str = ALL, password: str = "p/w") -> Iterator[BadImap]:
    with BadImap(*tricks, can=can, password=password) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.ending.set()
            server.shutdown()
            thread.join()
