"""Who may do what at the desk. Pure."""

from dataclasses import dataclass

MAY_ORGANISE = frozenset({"owner", "organiser"})
MAY_WRITE_POSTS = frozenset({"owner", "organiser", "editor"})


@dataclass(frozen=True, slots=True)
class Organiser:
    """Someone signed in, for one convener: what every query is scoped by and every change is signed with."""

    account_id: int
    convener_id: int
    convener_name: str
    name: str
    role: str
    session_key: str = ""  # what form tokens are bound to; "" for API tokens

    @property
    def may_organise(self) -> bool:
        return self.role in MAY_ORGANISE

    @property
    def may_write_posts(self) -> bool:
        return self.role in MAY_WRITE_POSTS
