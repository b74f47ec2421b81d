"""What we write to those who work at the desk: the link that signs them in."""

from roundtables import tokens
from roundtables.convener.model import Account, Convener
from roundtables.mail.stationery import Stationery
from roundtables.mail.writing import Draft
from roundtables.web.templating import environment

SUBJECT = "Your link to sign in"


def sign_in_link(office: Stationery, convener: Convener, account: Account, token: str) -> Draft:
    """One letter for each link; it works once, for fifteen minutes."""
    assert convener.id is not None
    context = {
        "site": {"name": convener.name, "accent": convener.accent},
        "subject": SUBJECT,
        "greeting": account.name,
        "address": account.email,
        "link": f"{office.public_url}/sign-in/{token}",
    }
    return Draft(
        convener_id=convener.id,
        kind="sign-in",
        about=f"sign-in:{tokens.hashed_exactly(token)}",
        to_name=account.name,
        to_address=account.email,
        from_name=convener.name,
        from_address=convener.mail_from,
        subject=SUBJECT,
        text=environment().get_template("convener/sign_in_letter.txt").render(context),
        html=environment().get_template("convener/sign_in_letter.html").render(context),
    )
