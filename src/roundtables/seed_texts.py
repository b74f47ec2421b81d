"""The words of the sample story. Every guest is invented."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from roundtables.invitation.rules import Answer, Via
from roundtables.report.actions import Details
from roundtables.roundtable.rules import Visibility

ORGANISER = ("Farah Lindqvist", "farah@example.org")


@dataclass(frozen=True, slots=True)
class Asked:
    """A guest of the story and what they say, if anything."""

    name: str
    title: str
    organisation: str
    kind: str
    answer: Answer | None = None
    via: Via = Via.PAGE
    said: str = ""
    wave: int = 1
    role: str = "guest"
    note: str = ""

    @property
    def email(self) -> str:
        words = self.name.lower().replace("dr ", "").replace("prof. ", "").replace("’", "").split()
        return f"{words[0]}.{words[-1]}@example.org"


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    question: str
    summary: str
    seats: int
    kinds: Sequence[tuple[str, str, int]]
    guests: Sequence[Asked]
    place: str = ""
    town: str = ""
    visibility: Visibility = Visibility.AFTER
    came: int | None = None


@dataclass(frozen=True, slots=True)
class PostText:
    day: int  # of July 2019
    title: str
    standfirst: str
    body: str
    author: Mapping[str, str]
    topics: Sequence[str] = field(default_factory=list)
    elsewhere: str = ""


YES, NO, MAYBE = Answer.ACCEPTED, Answer.DECLINED, Answer.TENTATIVE

REPORTS = (
    Details(
        title="Kindness, emotions and human relationships: The blind spot in public policy",
        authors=["Julia Unwin"],
        publisher="Carnegie UK Trust",
        published_on=date(2018, 11, 1),
        url="https://www.carnegieuktrust.org.uk/",
    ),
    Details(
        title="The Practice of Kindness",
        authors=["Carnegie UK Trust", "North Ayrshire Council"],
        publisher="Carnegie UK Trust",
        published_on=date(2019, 9, 1),
        url="https://www.carnegieuktrust.org.uk/",
    ),
)

KINDS = (
    ("H", "Hosts and chair", 2),
    ("L", "Local government", 5),
    ("C", "Health and care", 3),
    ("V", "Voluntary and community", 3),
    ("G", "Government", 3),
)

KINDNESS_2019 = Table(
    title="Kindness in public policy",
    question="If everybody is in favour of kindness, what keeps it out of public services?",
    summary=(
        "Public sector leaders from across the United Kingdom came to one table over Julia Unwin’s report. They talked "
        "about rules that exist only in memory, about the minutes that attention costs, and about what those who lead "
        "can permit. Nobody argued for unkindness; most of the morning was spent on what gets in the way."
    ),
    seats=16,
    kinds=KINDS,
    came=15,
    guests=(
        Asked("Moira Kettleby", "Chair", "The hosts", "H", YES, Via.CALENDAR, role="chair"),
        Asked("Farah Lindqvist", "Convener", "The hosts", "H", YES, role="host"),
        Asked("Patrick Dunmore", "Chief Executive", "Northshire Council", "L", YES, Via.MAIL, "Count me in."),
        Asked("Fiona Maclaine", "Chief Executive", "Stranmore Council", "L", YES),
        Asked("Sunita Rao", "Director of Neighbourhoods", "Welmouth City Council", "L", YES, Via.CALENDAR),
        Asked("Rhiannon Pugh", "Chief Executive", "Aberwen Council", "L", YES, Via.MAIL, "Yes please."),
        Asked("Dr Nkechi Amadi", "Chief Executive", "Harrowdale Council", "L", YES, Via.PHONE),
        Asked("Grace Achterberg", "Chief Nurse", "Penhallow Hospitals", "C", YES, Via.PHONE),
        Asked("Dr Imran Siddall", "Medical Director", "Orrin Valley Health Board", "C", YES, Via.CALENDAR),
        Asked("Ngaire Holloway", "Chief Nurse", "Stranmore Health Board", "C", YES),
        Asked("Leila Farouk", "Chief Executive", "Open Door Kitchens", "V", YES),
        Asked("Callum Brae", "Director", "Befriend Orrin", "V", YES, Via.CALENDAR),
        Asked("Marguerite Stowe", "Director", "Harbour Advice", "V", YES, Via.MAIL, "I’ll be there."),
        Asked("Harriet Sole", "Deputy Director", "Office for Public Design", "G", YES),
        Asked("Owain Trefor", "Head of Wellbeing Policy", "Wellbeing Office for Wales", "G", YES),
        Asked("Joan Whitcombe", "Director of Adult Care", "Tarn County Council", "G", NO, Via.MAIL, "Sadly I can’t."),
    ),
)

FILLING = Table(
    title="Who rings the person who rings everyone?",
    question="Unpaid carers are asked how the patient is. What would change if somebody asked the other question?",
    summary="A morning on the people services lean on and seldom see, with one short paper to read beforehand.",
    seats=12,
    kinds=(
        ("H", "Hosts and chair", 2),
        ("C", "Health and care", 4),
        ("V", "Voluntary and community", 3),
        ("L", "Local government", 3),
    ),
    place="The Weigh House, 3 Canal Wharf, Leeds",
    town="Leeds",
    visibility=Visibility.LISTED,
    guests=(
        Asked("Moira Kettleby", "Chair", "The hosts", "H", YES, Via.CALENDAR, role="chair"),
        Asked("Hugh Tennant", "Policy Lead", "Chief Officers’ Forum", "H", YES),
        Asked("Grace Achterberg", "Chief Nurse", "Penhallow Hospitals", "C", YES, Via.MAIL, "Count me in."),
        Asked(
            *("Dr Imran Siddall", "Medical Director", "Orrin Valley Health Board", "C"),
            *(MAYBE, Via.MAIL, "Probably, but our board may move."),
        ),
        Asked(
            "Samina Wright",
            "Ward Sister",
            "Larch Lane Hospital",
            "C",
            note="You told us once that the day room "
            "telephone is the most important machine on your ward. We have not stopped quoting you.",
        ),
        Asked("Callum Brae", "Director", "Befriend Orrin", "V", YES, Via.CALENDAR),
        Asked("Tess Okoro", "Chief Executive", "Carers’ Table", "V"),
        Asked("Anthony Quill", "Chief Executive", "Welmouth Volunteers", "V", NO, Via.PAGE),
        Asked(
            "Rhiannon Pugh",
            "Chief Executive",
            "Aberwen Council",
            "L",
            note="We would like you there because "
            "Aberwen is the one council we know that lets its front desk stop the clock.",
        ),
        Asked("Patrick Dunmore", "Chief Executive", "Northshire Council", "L", YES, Via.MAIL, "Happy to join."),
        Asked("Edith Quarmby", "Director of Adult Care", "Tarn County Council", "L"),
        Asked("Marguerite Stowe", "Director", "Harbour Advice", "V", wave=2),
        Asked("Ngaire Holloway", "Chief Nurse", "Stranmore Health Board", "C", wave=2),
    ),
)

DEPUTY_OFFERED = (
    "tess.okoro@example.org",
    "Dear Farah,\n\nThank you for thinking of us. I am giving evidence to a committee that morning. My deputy, Sam "
    "Okafor, would gladly come in my place if that suits you. He is at sam.okafor@example.org.\n\nBest wishes,\nTess",
)

LIBRARY = Table(
    title="What should a library be for in 2030?",
    question="If a library lends fewer books every year, what is it that people would miss?",
    summary="In preparation: librarians, planners and two people who have closed one.",
    seats=14,
    kinds=(
        ("H", "Hosts and chair", 2),
        ("L", "Local government", 5),
        ("V", "Voluntary and community", 4),
        ("R", "Research", 3),
    ),
    town="Cardiff",
    visibility=Visibility.PRIVATE,
    guests=(
        Asked("Prof. Beatrix Lund", "Professor of Public Ethics", "Marchmont University", "R"),
        Asked("Gareth Innes", "Head of Libraries", "Carrow Council", "L"),
    ),
)

POSTS = (
    PostText(
        day=22,
        title="Permission is the job of whoever is not at the counter",
        standfirst="Fifteen people spent a morning on why kindness, which nobody opposes, so rarely survives a form.",
        author={"name": "Farah Lindqvist", "title": "Convener", "organisation": "Carnegie UK Trust"},
        topics=("Kindness", "Public services"),
        body="""\
We began with forms. Everybody at the table could name one that they would be ashamed to fill in themselves, and it
took a good half hour before anybody asked the better question: who decided that it should look like that, and what
would have happened to them if they had decided otherwise?

The report that brought us together, Julia Unwin’s *Kindness, emotions and human relationships*, calls the matter a
blind spot. It does not say that public bodies are unkind. It says that they have two languages, one for rules,
fairness and money and another for what people remember afterwards, and that only the first is spoken in meetings.

## Rules that nobody wrote

Some at the table defended process, and did it well. A rule means that the patient applicant and the furious one get the
same answer. It protects whoever is behind the counter on a bad day. But again and again a rule that “does not let us”
turned out, when looked for, not to exist. There was a habit, and behind the habit an old story about somebody who
had stretched a point and been left to explain it alone.

> Find the last person in your organisation who bent a rule to help somebody. Then ask what happened to them.

That was offered as a test for anyone who runs anything, and it has been repeated since.

## What a minute costs

The sharpest disagreement was about time. A kind word takes no longer than a cold one; kind attention does, and
attention is what has been cut. Others would not have that: if kindness needs slack, we have made it a luxury. We did
not settle it. Perhaps both are true at different heights. Those at the counter can be kind in eight minutes. Those
who set the eight minutes have to answer for them.

## Whose job, then?

Leadership was the word we ended on, and not the heroic sort. You cannot instruct people to be warm. You can decide who
is promoted, which mistakes are forgiven and what the board asks about first. Staff read such signals closely and are
rarely wrong about them.

It looks small beside the size of the question. Nobody thought that kindness could be rolled out. Several thought
that it could be allowed.
""",
    ),
    PostText(
        day=17,
        title="Kindness in public policy: the importance of leadership",
        standfirst="The Trust’s Joint Interim Chief Executive wrote about the discussion for Solace, the network of "
        "public sector leaders.",
        author={"name": "Jennifer Wallace", "title": "Joint Interim CEO", "organisation": "Carnegie UK Trust"},
        topics=("Kindness", "Leadership"),
        elsewhere="https://www.solace.org.uk/",
        body="""\
The post that followed the discussion was written for the Solace blog and published there on 17 July 2019. We do
not repeat it here: follow the link to read it where it stands. What it grew from is told on the discussion’s own page.
""",
    ),
)
