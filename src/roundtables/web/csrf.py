"""
Who may send a form: only our own pages, and at the desk only those of the very sign-in.

A browser says where a request comes from (Sec-Fetch-Site, else Origin); a form of the desk carries a token
bound to the session. No cookie is set for this (docs/decisions/0007).
"""

import hashlib
import hmac
from collections.abc import Mapping

FIELD = "_csrf"


def form_token(secret: str, session_key: str) -> str:
    return hmac.new(secret.encode(), b"form/" + session_key.encode(), hashlib.sha256).hexdigest()


def is_ours(token: str, secret: str, session_key: str) -> bool:
    return hmac.compare_digest(token.encode(), form_token(secret, session_key).encode())


def comes_from_elsewhere(headers: Mapping[str, str], public_url: str) -> bool:
    """Whether a browser says that another site sent this request."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return False
    host = headers.get("host", "")
    return origin not in (public_url, f"http://{host}", f"https://{host}")
