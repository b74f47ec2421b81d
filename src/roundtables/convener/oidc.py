"""
Signing in with the account of one's organisation: OpenID Connect, the authorisation code with PKCE (RFC 7636).

What belongs to one round trip (state, nonce, verifier) derives from a cookie, so that only the browser that set out
can come back, and nothing is kept on our side.
"""

import hashlib
import hmac
import logging
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from roundtables.errors import Refusal
from roundtables.texts import _

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
SECONDS = 8
LEEWAY = 60
WRONG = _("Your organisation’s sign-in did not work out. Begin again, or have a link sent to you by e-mail.")
AWAY = _("Your organisation’s sign-in does not answer at the moment. Try again shortly, or have a link sent to you.")
PLACES = ("authorization_endpoint", "token_endpoint", "jwks_uri")

log = logging.getLogger("roundtables.web")


class Away(Refusal):
    """The provider does not answer, or not as it should; the log says what."""

    def __init__(self, what: str) -> None:
        log.warning("identity provider: %s", what)
        super().__init__(AWAY)


@dataclass(frozen=True, slots=True)
class Client:
    """What we are to the identity provider."""

    issuer: str
    id: str
    secret: str
    return_to: str


@dataclass(frozen=True, slots=True)
class Trip:
    """One round trip; `key` is the cookie's."""

    key: str
    secret: str

    @property
    def state(self) -> str:
        return self._part("state")

    @property
    def nonce(self) -> str:
        return self._part("nonce")

    @property
    def verifier(self) -> str:
        return self._part("verifier")

    @property
    def challenge(self) -> str:
        return _base64url(hashlib.sha256(self.verifier.encode()).digest())

    def _part(self, name: str) -> str:
        return _base64url(hmac.new(self.secret.encode(), f"oidc/{name}/{self.key}".encode(), hashlib.sha256).digest())


@dataclass(frozen=True, slots=True)
class Told:
    """Whom the provider means: its own name for them, and their address if it vouches for it, else ""."""

    subject: str
    email: str


def way_there(client: Client, trip: Trip) -> str:
    """The address to send the browser to. Raises Away."""
    with _http() as http:
        place = _discovered(http, client)
    asked = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": client.return_to,
        "scope": "openid email",
        "state": trip.state,
        "nonce": trip.nonce,
        "code_challenge": trip.challenge,
        "code_challenge_method": "S256",
    }
    where = str(place["authorization_endpoint"])
    return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"


def told(client: Client, trip: Trip, *, code: str, state: str, issuer: str, now: datetime) -> Told:
    """Who came back with this code. Raises Refusal, of which Away is one."""
    if not hmac.compare_digest(state.encode(), trip.state.encode()) or not code:
        raise Refusal(WRONG)
    if issuer and issuer != client.issuer:  # RFC 9207 §2.4
        raise Refusal(WRONG)
    with _http() as http:
        place = _discovered(http, client)
        given = _exchanged(http, place, client, trip, code)
        claims = _claims(given.get("id_token"), _fetched(http, place["jwks_uri"]), client, trip, now)
        if "email" not in claims and "userinfo_endpoint" in place:
            claims |= _more(http, place["userinfo_endpoint"], str(given.get("access_token", "")), claims["sub"])
    email = str(claims.get("email", "")) if claims.get("email_verified") is True else ""
    return Told(f"{client.issuer} {claims['sub']}", email)


def _claims(token: Any, keys: dict[str, Any], client: Client, trip: Trip, now: datetime) -> dict[str, Any]:
    """What the ID token says, once everything of OpenID Connect Core §3.1.3.7 holds. Raises Refusal."""
    rules = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": client.issuer},
        sub={"essential": True},
        aud={"essential": True, "value": client.id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": trip.nonce},
    )
    try:
        read = jwt.decode(str(token or ""), KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]  # JSON
        rules.validate(read.claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Refusal(WRONG) from error
    claims = dict(read.claims)
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != client.id:
        raise Refusal(WRONG)
    return claims


def _exchanged(http: httpx2.Client, place: dict[str, Any], client: Client, trip: Trip, code: str) -> dict[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.return_to,
        "code_verifier": trip.verifier,
    }
    ways = place.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if "client_secret_basic" in ways:
        answer = http.post(place["token_endpoint"], data=form, auth=(client.id, client.secret))
    else:
        form |= {"client_id": client.id, "client_secret": client.secret}
        answer = http.post(place["token_endpoint"], data=form)
    if answer.status_code >= 500:
        raise Away(f"the token endpoint answers {answer.status_code}")
    if answer.status_code != 200:
        raise Refusal(WRONG)
    return _object(answer)


def _more(http: httpx2.Client, address: str, token: str, subject: str) -> dict[str, Any]:
    """Where the ID token names no address, the provider is asked; only of the same person (Core §5.3.2)."""
    found = _object(http.get(address, headers={"authorization": f"Bearer {token}"}))
    if found.get("sub") != subject:
        raise Refusal(WRONG)
    return {name: found[name] for name in ("email", "email_verified") if name in found}


def _discovered(http: httpx2.Client, client: Client) -> dict[str, Any]:
    place = _fetched(http, client.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if place.get("issuer") != client.issuer:
        raise Away("it calls itself something else than OIDC_ISSUER")
    if missing := [name for name in PLACES if not isinstance(place.get(name), str)]:
        raise Away(f"its discovery document lacks {', '.join(missing)}")
    return place


def _fetched(http: httpx2.Client, address: str) -> dict[str, Any]:
    return _object(http.get(address))


def _object(answer: httpx2.Response) -> dict[str, Any]:
    found = answer.raise_for_status().json()
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found


@contextmanager
def _http() -> Iterator[httpx2.Client]:
    """For one exchange with the provider. Raises Away for whatever goes wrong on the way."""
    with httpx2.Client(timeout=SECONDS, follow_redirects=False) as http:
        try:
            yield http
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise Away(type(error).__name__) from error


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
