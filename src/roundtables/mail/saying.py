"""
A clause meets its predicate: what that says of coming, and what it merely shows. Pure.

listening.py goes along the words and gathers the chain that is read here.
"""

from .phrasebook import Phrasebook
from .propositions import CLASSES, Chain, Class, Heard, Proposition, Speaker, Strength, reading
from .sentences import Sentence


class Saying:
    """What has been heard of a sentence, and the chain that waits for its predicate."""

    def __init__(self, book: Phrasebook, speaker: Speaker, sentence: Sentence) -> None:
        self.heard = Heard()
        self._book, self._speaker, self._sentence = book, speaker, sentence
        self._chain, self._number, self._asked = Chain(), 0, False
        self._at, self._next = 0, ""

    def predicate(self, kind: str) -> None:
        chain, (section, name) = self._chain, kind.split(".")
        if name in ("lament", "sorry", "no"):
            self.heard.flag(name, self._at)
        elif name == "hint":
            self.say(CLASSES[section], Strength.HINT)
        elif name in ("phrase", "asked", "theirs"):
            self._phrase(section, name)
        elif name == "wish":
            self.say(Class.ACCEPTED, Strength.HINT if self._chain.conditional or self._chain.nots else Strength.WISH)
        elif name == "lost":  # "were it any other week"
            self.say(Class.DECLINED, Strength.STRONG)
            self.heard.flag("otherwise", self._at)
            self._chain.conditional = True
        elif name in ("absent", "then"):
            self._absent(then=name == "then")
        elif name in ("reason", "parting", "wishes"):
            self._remark(name)
        elif name != "yes":
            self._verb(kind)
        if name not in ("lament", "sorry", "yes", "no"):
            self._chain = Chain(who=chain.who, clean=chain.clean, conditional=chain.conditional, last=self._chain.last)
        if section == "unsure":  # "not sure | I can make it"
            self._chain.forces.add("doubt")

    def _remark(self, name: str) -> None:
        """A reason or a farewell: no answer, but two of them are (reasons.py)."""
        who = self._chain.who
        if self._chain.conditional or self._chain.nots or (name == "reason" and who == "other"):
            return
        self.heard.flag(name, self._at)
        if name == "parting":
            self.say(Class.DECLINED, Strength.HINT)

    def _absent(self, *, then: bool) -> None:
        """
        Being elsewhere is a no when regret is spoken first, else it may be anything: a notice, the way there.

        `then`: they will be, on that day; with other signs it is a no too (reasons.py).
        """
        regret = not {"lament", "sorry", "past"}.isdisjoint(self.heard.flags) and not self._chain.conditional
        if self._chain.who != "nobody" and self._ours() and not self._chain.nots:
            self.say(Class.DECLINED, Strength.STRONG if regret else Strength.HINT)
            if not self._chain.conditional:
                self.heard.flag("then" if then else "absent", self._at)

    def _phrase(self, section: str, name: str) -> None:
        """`asked`: a yes even as a question, "why wouldn't I?"; `theirs`: the invitee's, "confirm his attendance"."""
        chain, says = self._chain, CLASSES[section]
        if chain.who == "other" and (chain.waits or name == "theirs"):
            self.heard.flag("somebody", self._at)
        if name == "asked" and self._asked:
            self._asked = False
            self.heard.flag("asked", self._at)
        sure = not (chain.conditional or chain.nots or "past" in chain.forces)
        if name == "theirs" and chain.who == "them" and not self._speaker.for_another:
            sure = False
        if says is not Class.TENTATIVE:
            sure = sure and "doubt" not in chain.forces and not self._asked
        self.say(says, Strength.STRONG if sure else Strength.HINT)
        self.heard.for_invitee = self.heard.for_invitee or (sure and name == "theirs")

    def _verb(self, kind: str) -> None:
        chain = self._chain
        if chain.who == "nobody":
            return
        if kind.endswith(".third") and chain.who not in ("them", "named"):  # "participera": whoever, not the writer
            self.heard.flag("somebody", self._at)
            return
        read = reading(chain, kind, self._book)
        if read is None:
            read = chain.last if chain.last and chain.gap <= 1 else None
        if read is None:
            return
        says, strength = read
        if not self._ours():
            if strength > Strength.HINT:
                self.heard.flag("somebody", self._at)
            return
        if chain.conditional or chain.denied or self._asked or not self._book.may_follow(self._next):
            strength = Strength.HINT
        if chain.gap and self._book.spoken and says is Class.ACCEPTED:
            strength = Strength.HINT  # "I will help Sam come"
        if "unreal" in chain.forces:
            self.heard.flag("unreal", self._at)
        self.say(says, strength, direct=_direct(chain, kind))
        self._chain.last = says, strength

    def _ours(self) -> bool:
        """Is the subject the writer, or the invitee whom somebody else writes for?"""
        who, chain = self._chain.who, self._chain
        if who == "other":
            return False
        if who == "them":
            return self._speaker.for_another
        return who in ("writer", "named") or chain.clean or not self._book.spoken

    def say(self, says: Class, strength: Strength, *, direct: bool = False) -> None:
        if strength > Strength.HINT and self._chain.who in ("them", "named"):
            self.heard.for_invitee = True
        self.heard.said.append(Proposition(says, strength, self._at, self._number, direct=direct))


def _direct(chain: Chain, kind: str) -> bool:
    """Does the writer speak of their own coming: "I shall not be able to", and not "we go early"?"""
    told = bool(chain.forces or chain.nots) or kind != "come.verb"
    return chain.who == "writer" and told and "unreal" not in chain.forces
