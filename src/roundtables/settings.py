"""Settings: read once from the environment (prefix ROUNDTABLES_) and `.env`; docs/operating.md lists them."""

import contextlib
import os
import secrets
import zoneinfo
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from roundtables.errors import Refusal
from roundtables.mail import mailbox_address
from roundtables.mail.signature import Signer

SMTP_SCHEMES = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


class Settings(BaseSettings):
    """What an operator may set; every field's meaning and default stand in docs/operating.md."""

    model_config = SettingsConfigDict(env_prefix="ROUNDTABLES_", env_file=".env", extra="ignore", frozen=True)

    database_url: str = ""
    data_dir: Path = Path("./var")
    public_url: str = "http://127.0.0.1:8000"
    secret_key: str = ""
    smtp_url: str = ""
    mail_from: str = "roundtables@localhost"
    reply_address: str = "rsvp@localhost"
    reply_mode: Literal["token", "table", "static"] = "token"
    archive_address: str = ""
    lmtp_listen: str = ""
    imap_url: str = ""
    dkim_selector: str = ""
    dkim_key_file: Path | None = None
    trusted_authserv_id: str = ""
    retry_base_seconds: Annotated[int, Field(gt=0, le=86400)] = 300
    time_zone: str = "Europe/London"
    keep_mail_days: Annotated[int, Field(ge=0, le=36500)] | None = None
    keep_letters_days: Annotated[int, Field(ge=0, le=36500)] | None = None
    keep_stray_mail_days: Annotated[int, Field(ge=0, le=36500)] | None = None
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""

    @field_validator("database_url")
    @classmethod
    def known_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("must start with postgresql:// or sqlite:///")
        if value and not _database_name(value):
            raise ValueError("must be complete, such as postgresql://user@host:5432/roundtables")
        return value

    @field_validator("public_url")
    @classmethod
    def an_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        well = parts.scheme in ("http", "https") and parts.hostname and _port_is_well(value)
        if not well or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("must be an origin such as https://tables.example.org, without a path")
        return value.rstrip("/")

    @field_validator("oidc_issuer")
    @classmethod
    def a_provider(cls, value: str) -> str:
        parts = urlsplit(value)
        here = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if value and not (parts.hostname and _port_is_well(value) and (parts.scheme == "https" or here)):
            raise ValueError("must look like https://login.example.org/realms/harbour")
        return value

    @field_validator("smtp_url")
    @classmethod
    def a_mail_server(cls, value: str) -> str:
        well = urlsplit(value).scheme in SMTP_SCHEMES and urlsplit(value).hostname and _port_is_well(value)
        if value and not well:
            raise ValueError("must look like smtp://host:25, smtps://user:pass@host:465 or smtp+starttls://…")
        return value

    @field_validator("imap_url")
    @classmethod
    def a_mailbox(cls, value: str) -> str:
        if value and not _port_is_well(value):
            raise ValueError(mailbox_address.LOOKS)
        if value:
            mailbox_address.parse(value)
        return value

    @field_validator("lmtp_listen")
    @classmethod
    def host_and_port(cls, value: str) -> str:
        if value:
            split_address(value)
        return value

    @field_validator("mail_from", "reply_address", "archive_address")
    @classmethod
    def one_address(cls, value: str, info: ValidationInfo) -> str:
        if info.field_name == "archive_address" and not value:
            return value
        local, at, domain = value.partition("@")
        if not (local and at and domain) or any(c in value for c in " <>,\r\n"):
            raise ValueError("must be one plain address such as rsvp@example.org")
        return value

    @field_validator("time_zone")
    @classmethod
    def known_zone(cls, value: str) -> str:
        if value not in zoneinfo.available_timezones():
            raise ValueError("must name a time zone such as Europe/London")
        return value

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'roundtables.sqlite3'}"

    @property
    def chosen_periods(self) -> dict[str, int | None]:
        """How many days what is kept, where the operator has chosen (keeping/rules.py)."""
        return {
            "raw_mail": self.keep_mail_days,
            "letters": self.keep_letters_days,
            "stray_mail": self.keep_stray_mail_days,
        }

    @property
    def secure(self) -> bool:
        return self.public_url.startswith("https://")


def split_address(value: str) -> tuple[str, int]:
    """`127.0.0.1:2424` → ("127.0.0.1", 2424). Raises ValueError."""
    host, _, port = value.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise ValueError("must look like 127.0.0.1:2424")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _port_is_well(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _database_name(url: str) -> str | None:
    try:
        return make_url(url).database
    except (ArgumentError, ValueError):
        return None


def mail_server(url: str) -> tuple[str, str, int, str, str]:
    """(scheme, host, port, user, password) of an SMTP_URL."""
    parts = urlsplit(url)
    port = parts.port or SMTP_SCHEMES[parts.scheme]
    return parts.scheme, parts.hostname or "", port, unquote(parts.username or ""), unquote(parts.password or "")


def load() -> Settings:
    """The settings of this process, the data folder made and the secret at hand. Raises Refusal: one line."""
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "ROUNDTABLES_" + str(first["loc"][0]).upper()
        raise Refusal(f"{name}: {first['msg'].removeprefix('Value error, ')}") from error
    _check_signing(settings)
    _check_provider(settings)
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        return settings if settings.secret_key else settings.model_copy(update={"secret_key": _own_secret(settings)})
    except OSError as error:
        raise Refusal(f"ROUNDTABLES_DATA_DIR: {settings.data_dir}: {error.strerror}") from error


def _check_signing(settings: Settings) -> None:
    selector, path = settings.dkim_selector, settings.dkim_key_file
    if path and not path.is_file():
        raise Refusal(f"ROUNDTABLES_DKIM_KEY_FILE: there is no file {path}")
    if bool(selector) != bool(path):
        missing = "KEY_FILE" if selector else "SELECTOR"
        raise Refusal(f"ROUNDTABLES_DKIM_{missing}: a selector and a key file are set together, or neither")
    if path:
        try:
            Signer(settings.mail_from.partition("@")[2], selector, path.read_bytes())
        except (ValueError, OSError) as error:
            raise Refusal(f"ROUNDTABLES_DKIM_KEY_FILE: {path}: {error}") from error


def _check_provider(settings: Settings) -> None:
    parts = {"ISSUER": settings.oidc_issuer, "CLIENT_ID": settings.oidc_client_id}
    parts["CLIENT_SECRET"] = settings.oidc_client_secret
    missing = [name for name, value in parts.items() if not value]
    if missing and len(missing) < len(parts):
        raise Refusal(f"ROUNDTABLES_OIDC_{missing[0]}: the three OIDC settings are set together, or none of them")


def _own_secret(settings: Settings) -> str:
    """Made once, kept with mode 0600; two processes that start together agree on one."""
    path = settings.data_dir / "secret_key"
    fresh = settings.data_dir / f".secret_key.{os.getpid()}"
    if not path.exists():
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text().strip()
