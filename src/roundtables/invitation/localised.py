"""The word for an answer at the head of a title, as calendars of several languages write it. Pure."""

from roundtables.invitation.rules import Answer

_WORDS = {
    Answer.ACCEPTED: """accepted zugesagt zusage angenommen akzeptiert accepté acceptée aceptado aceptada accettato
        accettata geaccepteerd derbyniwyd przyjęto zaakceptowano aceite accepterad godkendt hyväksytty přijato""",
    Answer.DECLINED: """declined abgelehnt absage abgesagt refusé refusée décliné rechazado rechazada rifiutato
        rifiutata geweigerd afgewezen gwrthodwyd odrzucono recusado recusada avvisad afvist hylätty odmítnuto""",
    Answer.TENTATIVE: """tentative vorbehalt provisoire provisional provvisorio voorlopig niepewne provisório
        preliminär foreløbig alustava nezávazně amodol""",
}
_HEADS = {word: answer for answer, words in _WORDS.items() for word in words.split()}


def answer_in(title: str) -> Answer | None:
    """What "Accepted: Housing and health" or "Mit Vorbehalt: …" says; a suggestion, no more."""
    head, colon, _ = title.partition(":")
    words = head.casefold().split()
    return _HEADS.get(words[-1]) if colon and 0 < len(words) < 3 else None
