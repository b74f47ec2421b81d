"""Settings: what is wrong stops the start with one line that names it; the secret is made once and kept private."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from roundtables import cli
from roundtables.errors import Refusal
from roundtables.settings import load, mail_server, split_address
from tests.service import run


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder of our own and no setting but what a test sets."""
    for name in os.environ:
        if name.startswith("ROUNDTABLES_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def set_up(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"ROUNDTABLES_{name}", value)


WRONG = [
    ("REPLY_MODE", "event"),
    ("DATABASE_URL", "mysql://localhost/x"),
    ("DATABASE_URL", "sqlite:///"),
    ("DATABASE_URL", "postgresql://localhost:port/x"),
    ("DATABASE_URL", "postgresql://localhost"),
    ("PUBLIC_URL", "tables.example.org"),
    ("PUBLIC_URL", "ftp://tables.example.org"),
    ("PUBLIC_URL", "https://tables.example.org/below"),
    ("PUBLIC_URL", "https://tables.example.org/?q=1"),
    ("PUBLIC_URL", "https://tables.example.org:99999"),
    ("SMTP_URL", "mail.example.org"),
    ("SMTP_URL", "http://mail.example.org"),
    ("SMTP_URL", "smtp://"),
    ("SMTP_URL", "smtp://mail.example.org:70000"),
    ("SMTP_URL", "smtp://mail.example.org:post"),
    ("SMTP_URL", "smtp://[mail"),
    ("LMTP_LISTEN", "2424"),
    ("LMTP_LISTEN", "127.0.0.1:"),
    ("LMTP_LISTEN", "127.0.0.1:70000"),
    ("LMTP_LISTEN", "127.0.0.1:²"),
    ("MAIL_FROM", "nobody"),
    ("MAIL_FROM", "Roundtables <notes@example.org>"),
    ("REPLY_ADDRESS", "rsvp@example.org\nBcc: eve@example.org"),
    ("REPLY_ADDRESS", "@example.org"),
    ("REPLY_ADDRESS", ""),
    ("ARCHIVE_ADDRESS", "archive"),
    ("ARCHIVE_ADDRESS", "archive@example.org, eve@example.org"),
    ("RETRY_BASE_SECONDS", "0"),
    ("RETRY_BASE_SECONDS", "soon"),
    ("TIME_ZONE", "Mars/Olympus"),
    ("DKIM_KEY_FILE", "/nowhere/key.pem"),
    ("DATA_DIR", "/dev/null/var"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_setting_stops_the_start_with_one_line_that_names_it(name, value, monkeypatch, capsys):
    set_up(monkeypatch, **{name: value})
    assert cli.run(["doctor"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith(f"roundtables: ROUNDTABLES_{name}: ")


def test_as_a_program_too_it_ends_with_2_and_one_line(tmp_path):
    done = run(tmp_path, "serve", "--port", "0", smtp_url="gopher://mail.example.org")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"roundtables: ROUNDTABLES_SMTP_URL: ")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(("given", "named"), [("DKIM_SELECTOR", "DKIM_KEY_FILE"), ("DKIM_KEY_FILE", "DKIM_SELECTOR")])
def test_half_a_dkim_setting_is_none(given, named, monkeypatch, tmp_path):
    (tmp_path / "key").write_bytes(b"-")
    set_up(monkeypatch, **{given: str(tmp_path / "key")})
    with pytest.raises(Refusal, match=f"^ROUNDTABLES_{named}: "):
        load()


@pytest.mark.parametrize(("bits", "well"), [(1024, False), (2048, True)])
def test_a_dkim_key_is_read_at_the_start(bits, well, monkeypatch, tmp_path):
    key = generate_private_key(65537, bits)
    path = tmp_path / "dkim.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    set_up(monkeypatch, DKIM_SELECTOR="s1", DKIM_KEY_FILE=str(path), MAIL_FROM="notes@larkmoor.example")
    if well:
        assert load().dkim_key_file == path
    else:
        with pytest.raises(Refusal, match=r"^ROUNDTABLES_DKIM_KEY_FILE: .*2048"):
            load()


def test_with_nothing_set_it_runs_embedded(tmp_path):
    settings = load()
    assert settings.database == "sqlite:///var/roundtables.sqlite3"
    assert (tmp_path / "var").is_dir()
    assert (settings.public_url, settings.smtp_url, settings.lmtp_listen) == ("http://127.0.0.1:8000", "", "")
    addresses = (settings.mail_from, settings.reply_address, settings.archive_address)
    assert addresses == ("roundtables@localhost", "rsvp@localhost", "")
    assert settings.retry_base_seconds == 300


def test_the_secret_is_made_once_for_our_eyes_only(tmp_path):
    first, second = load().secret_key, load().secret_key
    path = tmp_path / "var" / "secret_key"
    assert first == second == path.read_text()
    assert len(first) >= 40
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["secret_key"]


def test_processes_that_start_together_agree_on_the_secret(tmp_path):
    find = "from roundtables.settings import load; print(load().secret_key)"
    started = [
        subprocess.Popen([sys.executable, "-c", find], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert len({process.communicate(timeout=60)[0] for process in started}) == 1
    assert [p.name for p in (tmp_path / "var").iterdir()] == ["secret_key"]


def test_a_secret_that_is_set_is_taken_and_none_is_made(monkeypatch, tmp_path):
    set_up(monkeypatch, SECRET_KEY="a secret of the operator, long enough")
    assert load().secret_key == "a secret of the operator, long enough"
    assert not (tmp_path / "var" / "secret_key").exists()


def test_settings_are_read_from_env_and_the_environment_goes_before(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text(
        "ROUNDTABLES_MAIL_FROM=notes@example.org\nROUNDTABLES_RETRY_BASE_SECONDS=7\nOTHER=x\n"
    )
    set_up(monkeypatch, RETRY_BASE_SECONDS="9")
    settings = load()
    assert (settings.mail_from, settings.retry_base_seconds) == ("notes@example.org", 9)


def test_an_origin_is_kept_without_its_last_slash(monkeypatch):
    set_up(monkeypatch, PUBLIC_URL="https://tables.example.org/")
    assert load().public_url == "https://tables.example.org"
    assert load().secure


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("smtp://mail.example.org", ("smtp", "mail.example.org", 25, "", "")),
        ("smtps://mail.example.org", ("smtps", "mail.example.org", 465, "", "")),
        ("smtp+starttls://a%40b:p%2Fw@mail.example.org", ("smtp+starttls", "mail.example.org", 587, "a@b", "p/w")),
        ("smtp://[::1]:2525", ("smtp", "::1", 2525, "", "")),
    ],
)
def test_the_parts_of_a_mail_server(url, parts):
    assert mail_server(url) == parts


@pytest.mark.parametrize(
    ("address", "parts"), [("127.0.0.1:2424", ("127.0.0.1", 2424)), ("[::1]:0", ("::1", 0)), ("mx:25", ("mx", 25))]
)
def test_where_to_listen(address, parts):
    assert split_address(address) == parts
