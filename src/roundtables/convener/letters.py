"""What we write to those who work at the desk: the link that signs them in, and a place offered to a colleague."""

from roundtables import tokens
from roundtables.convener.model import Account, Convener
from roundtables.mail.stationery import Stationery
from roundtables.mail.writing import Draft
from roundtables.texts import Wording, _
from roundtables.web.templating import environment

SUBJECT = _("Your link to sign in")


def sign_in_link(office: Stationery, convener: Convener, account: Account, token: str) -> Draft:
    """One letter for each link; it works once, for fifteen minutes."""
    return _letter(office, convener, account, token, "convener/sign_in_letter", SUBJECT)


def place_at_the_desk(office: Stationery, convener: Convener, account: Account, token: str, *, by: str) -> Draft:
    """To a new colleague; `by` is who asks them. The link works once, for seven days."""
    subject = _("A place at the desk of {convener}", convener=convener.name)
    return _letter(office, convener, account, token, "convener/place_letter", subject, by=by)


def _letter(
    office: Stationery, convener: Convener, account: Account, token: str, template: str, words: Wording, **more: str
) -> Draft:
    assert convener.id is not None
    speaks = environment(account.language or convener.language)
    subject: str = speaks.said(words)
    context = {
        "site": {"name": convener.name, "accent": convener.accent},
        "subject": subject,
        "greeting": account.name,
        "address": account.email,
        "link": f"{office.public_url}/sign-in/{token}",
        **more,
    }
    return Draft(
        convener_id=convener.id,
        kind="sign-in",
        about=f"sign-in:{tokens.hashed_exactly(token)}",
        to_name=account.name,
        to_address=account.email,
        from_name=convener.name,
        from_address=convener.mail_from,
        subject=subject,
        text=speaks.get_template(f"{template}.txt").render(context),
        html=speaks.get_template(f"{template}.html").render(context),
    )
