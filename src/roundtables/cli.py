"""
The command line. Every command takes its settings from the environment (docs/operating.md).

Exit codes: 0 done, 1 refused, 2 wrong use, 65 unreadable input, 75 try again later (nothing kept).
"""

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from roundtables import acting, commands
from roundtables.errors import Refusal, TryLater, Unreadable
from roundtables.keeping import commands as keeping
from roundtables.settings import Settings, load

REFUSED, WRONG_USE, UNREADABLE, TRY_LATER = 1, 2, 65, 75


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and exits with its code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; answers its exit code, the reason for a failure on standard error."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s", stream=sys.stderr)
    for talkative in ("alembic", "mail.log"):  # the second would write addresses down
        logging.getLogger(talkative).setLevel(logging.WARNING)
    try:
        settings = load()
    except Refusal as error:
        return _fail(error.message, WRONG_USE)
    acting.begin("command")
    try:
        return _do(chosen, settings)
    except Refusal as error:
        return _fail(error.message, REFUSED)
    except Unreadable as error:
        return _fail(str(error), UNREADABLE)
    except TryLater as error:
        return _fail(str(error), TRY_LATER)
    except SQLAlchemyError as error:
        return _fail(f"The database does not answer as it should: {type(error).__name__}.", TRY_LATER)


def _do(chosen: argparse.Namespace, settings: Settings) -> int:
    result: object = chosen.command(settings, chosen)
    if isinstance(result, commands.Told):
        print(json.dumps(result.data) if chosen.json or result.data_only else result.words)
        return result.code
    return 0


def _fail(words: str, code: int) -> int:
    print(f"roundtables: {words}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("roundtables", description="Roundtable discussions by invitation.")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="print JSON")
    those = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: object, words: str) -> argparse.ArgumentParser:
        one = those.add_parser(name, help=words, description=words, parents=[shared])
        one.set_defaults(command=command)
        return one

    serve = add("serve", commands.serve, "web, sender, mail intake and chores in one go")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000, help="0 picks a free one")
    serve.add_argument("--workers", type=int, default=1, help="web processes (needs PostgreSQL)")
    serve.add_argument("--no-background", action="store_true", help="the web alone")
    add("work", commands.work, "sender, intake and chores without the web")
    demo = add("demo", commands.demo, "the whole service with a sample story and a mail room")
    demo.add_argument("--host", default="127.0.0.1")
    demo.add_argument("--port", type=int, default=8000)
    setup = add("setup", commands.setup, "creates a convener and an organiser, and prints a sign-in link")
    setup.add_argument("--convener", required=True, metavar="NAME")
    setup.add_argument("--organiser", required=True, metavar="EMAIL")
    token = add("token", commands.token, "prints an API token, once")
    token.add_argument("email", metavar="EMAIL")
    token.add_argument("--convener", required=True, metavar="SLUG")
    deliver = add("deliver", commands.deliver, "takes one raw message, from standard input or a file")
    deliver.add_argument("file", nargs="?", type=Path, metavar="FILE")
    people = add("import", commands.import_people, "people from a CSV, XLSX or vCard file")
    people.add_argument("file", type=Path, metavar="FILE")
    people.add_argument("--convener", required=True, metavar="SLUG")
    add("migrate", commands.migrate, "brings the database to the newest version")
    add("seed", commands.seed, "adds the sample story")
    add("doctor", commands.doctor, "checks settings, database, mail and clock")
    outbox = add("outbox", commands.outbox, "lists the letters that have not left yet")
    outbox.add_argument("--limit", type=int, default=100)
    keeping.offer(add)
    return parser
