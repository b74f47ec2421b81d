"""
`make demo`: the whole service with the sample story and a mail room. A composition root.

Nothing here is a second way: letters leave by SMTP to a catcher on this machine, answers come back by LMTP.
"""

import socket

from roundtables import db as databases
from roundtables import seeds
from roundtables.app import database
from roundtables.db import now
from roundtables.mailroom import pages
from roundtables.mailroom.catcher import Catcher
from roundtables.mailroom.mailbox import MailRoom
from roundtables.serving import Serving
from roundtables.serving import run as serve
from roundtables.settings import Settings


def run(settings: Settings, host: str, port: int) -> None:
    """Serves the demo until it is stopped; its data live below the data folder, in `demo`."""
    folder = settings.data_dir / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    catcher = Catcher(folder / "mailroom")
    lmtp = _free_port()
    settings = settings.model_copy(
        update={
            "data_dir": folder,
            "database_url": "",
            "public_url": f"http://{host}:{port}",
            "smtp_url": f"smtp://127.0.0.1:{catcher.start()}",
            "lmtp_listen": f"127.0.0.1:{lmtp}",
        }
    )
    databases.migrate(settings.database)
    db = database(settings)
    sown = seeds.sow(db, now=now())
    db.close()
    link = f"{settings.public_url}/sign-in/{sown.sign_in}"
    _welcome(settings, link)
    room = MailRoom(folder / "mailroom", ("127.0.0.1", lmtp), sign_in=link)
    try:
        serve(Serving(settings, web=(host, port), more=pages.handlers(room)))
    finally:
        catcher.stop()


def _welcome(settings: Settings, link: str) -> None:
    print(
        f"\n  The sample story is ready. Everything stays on this machine.\n\n"
        f"    readers      {settings.public_url}/\n"
        f"    mail room    {settings.public_url}/mailroom     (letters that went out; answer them there)\n"
        f"    organiser    {link}\n                 (signs in once, within seven days)\n\n  Ctrl-C stops it.\n",
        flush=True,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
