"""Families of wordings: each with several ways of saying the same, and with the mails that only look like it."""

from datetime import date

import pytest

from roundtables.mail import words
from roundtables.mail.words import Reading, Says

ACCEPTED, DECLINED, TENTATIVE = Says.ACCEPTED, Says.DECLINED, Says.TENTATIVE


def read(text: str) -> Reading:
    """As it arrives from Jo Bloggs a month before the meeting on Thursday 12 November."""
    return words.read(
        text,
        subject="Re: Invitation: Trust in numbers, 12 November",
        day=date(2026, 11, 12),
        sent=date(2026, 10, 14),
        invitee="Jo Bloggs",
        sender="Jo Bloggs",
    )


FAMILIES = {
    "a sign is the whole answer": (ACCEPTED, ["👍", "+1", "+1!", "👍👍", "👌"]),
    "were it otherwise, so it is not": (DECLINED, [
        "Were it any other week I should be with you like a shot.",
        "Had it been a Tuesday I'd have been there.",
        "Any other day and I'd have come.",
        "In another life I'd be there.",
    ]),
    "it would be foolish not to": (ACCEPTED, [
        "It would be daft to say no.", "I'd be a fool to miss this.", "Would be mad to refuse.",
    ]),
    "my chair is for another": (DECLINED, [
        "Please give my place to someone else.", "Somebody else will have to do the talking this time.",
        "Let somebody else have the fun.", "Better offer my chair to another.",
    ]),
    "it is not possible for me": (DECLINED, [
        "Because of the budget debate it is not possible for me to come.",
        "With the exams on it would not be feasible for me to attend.",
        "I'm unable to be in Edinburgh at that time.",
    ]),
    "the writer takes back an earlier no": (ACCEPTED, [
        "Scratch my note of last week. I'm able to come after all.",
        "Change of plan: I can come.",
        "Disregard my last mail, I will be there.",
    ]),
    "needs and ways there come from one who comes": (ACCEPTED, [
        "I will be there. He uses a wheelchair and will need the lift to be working.",
        "I'll come down and stay with my sister.",
        "I'm in. What time do you want us?",
        "Happy to come, where to is it?",
        "Count me in. My mother is minding the bairns.",
    ]),
    "they leave to the minute": (ACCEPTED, [
        "Accepted with thanks - but I must leave at 11 sharp for a hospital appointment.",
        "Very glad to take part. I shall have to slip out at four sharp, so forgive me if I don't stay for the end.",
    ]),
    "they ask for money and come anyway": (ACCEPTED, [
        "I'll be there. Could you reimburse the train? No worries if not.",
        "Happy to come. Could you cover the bus? Not a problem if not.",
    ]),
    "an aside is not a refusal": (ACCEPTED, [
        "Yes I will come. Unfortunately I can't use the links on this computer so am writing.",
        "I'll be there. Sadly our old printer died last Wednesday, so no letterhead.",
    ]),
    "a joke about something else": (ACCEPTED, [
        "I'll be there, where is it again? Only joking, I found it at the bottom of your message.",
    ]),
    "it follows from where they are": (ACCEPTED, [
        "I'll be on sabbatical in St Andrews this spring so I'd be thrilled to attend.",
    ]),
    "enthusiasm for the idea, and a plain no": (DECLINED, [
        "Yes! What a brilliant topic. We have our AGM on the 12th, so I won't be able to be with you.",
        "I can't come. Yes please to the write-up.",
        "I'd love to but I can't. Can I come to the next?",
        "No thanks. 8am?!",
        "I would if I could but I can't.",
    ]),
    "they wait for somebody's word": (TENTATIVE, [
        "Provisional at this end, I'll write when I know.",
        "I can't give you an answer until after Christmas.",
        "Waiting on a locum. I'll tell you by Friday.",
        "I cannot say yes or no before I've seen the rota. Will confirm by Friday.",
        "Swithering. Will let you know by Friday.",
    ]),
    "two signs of not knowing yet": (TENTATIVE, [
        "It depends on my shifts, which come out on the 20th.",
        "I need to see if I can get cover, will be in touch.",
        "I want to come but must check with the boss first. Will holla by Friday.",
        "I'm not certain I can make it.",
        "I'll try my best to be there.",
    ]),
    "a wish that a reason takes back": (DECLINED, [
        "I'd be there in two shakes but I'm getting married on the 12th!",
        "Away on hols that week I'm afraid.",
        "That date doesn't work for me.",
        "I cannot come because on Thursday I have work and if I don't come they give my hours away.",
        "I'd rather not, thanks.",
    ]),
    "spelt as it is said": (ACCEPTED, ["Ah'll be there.", "Aye, I'm comin along.", "Ah wouldnae miss it."]),
    "how they work is not about coming": (ACCEPTED, [
        "Delighted to attend.\n\nI work Monday to Wednesday",
        "Count me in. (I work Tues to Thurs)",
    ]),
}  # fmt: skip
TRAPS = {
    "a sign with more, or against itself": ["👍👎", "+1 (my wife)", "+1 for me and Ann"],
    "they offer another day": [
        "If it were any other day I could come, is there any chance of moving it?",
        "Any other day that week would be fine.",
        "I can't do the 12th but any other day I could.",
        "Were it any other week I'd come for the whole day; as it is I can do the morning.",
    ],
    "somebody else comes instead": [
        "Give my place to my deputy Sam, who'll be there.",
        "Somebody else from my team will have to do it: Ann Lee.",
        "I'd be thrilled to attend so I've asked my deputy to cover.",
        "I must leave it this time to my colleague Ann.",
        "My husband can mind the stall, so he'll be there instead.",
        "I've swapped my place with a colleague.",
    ],
    "guests": ["My sister will come with me.", "The baby is coming too!", "I'm coming with the baby."],
    "impossible for me to refuse": ["It is not possible for me to decline.", "I doubt I'll miss it."],
    "what was taken back last counts": [
        "On second thoughts, no. I'll be there.",
        "Ignore my last mail. I'll be there. Or is it the 13th?",
    ],
    "some of it": [
        "Yes please to the lunch. I can't stay for the meeting.",
        "Count me in for the evening. I can't come in the morning.",
        "I'll come, but I must leave at 10.",
        "I'll be there for the first hour and must go at 11 sharp, is that OK?",
        "I can only stay until 11 sharp.",
    ],
    "money is a condition": [
        "Happy to come. Will you pay my fee?",
        "Happy to come if you reimburse my train.",
        "I would if you paid.",
    ],
    "the joke is the answer": ["I'll be there. Only joking!", "I'll be there! Joking."],
    "a wish and a reason": [
        "I'd love to come. Unfortunately it's half term.",
        "I'd love to come. Sadly the 12th is our AGM."],
    "yes as long as": [
        "Yes, so long as the trains run. Waiting to hear about a lift. Otherwise no.",
        "Provisional on a yes from my boss, I'll come.",
        "I'll take the train that morning unless it snows.",
    ],
    "a guess may be wrong": ["Doubt I'll make it.", "I might have to pull out.", "I can't see how I could say no."],
    "the same words about something else": [
        "I'm on board with the idea.",
        "Count on it being a disaster.",
        "There is no backing out of my other commitment, I fear.",
        "No chance of a later date?",
        "My readiness to participate depends on the fee.",
        "Ann has asked me to say she'd be delighted to attend.",
        "Jo has asked me to pass this on.",
        "Sure, sign me up for more hot air, why don't you.",
        "Yes I know. I'm thinking about it.",
        "I can be in Belfast on the 13th.",
        "On behalf of my team, thank you. She will be there.",
    ],
    "other words of the same sound": [
        "I can't come, in person or online. Could Ann?",
        "My dad was taken into hospital, so I may have to pull out.",
        "I'd like to say yes.",
        "I'm on leave then but would come in for it.",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "says"), [(text, says) for says, texts in FAMILIES.values() for text in texts], ids=lambda each: str(each)
)
def test_a_family_of_wordings_is_applied(text, says):
    reading = read(text)
    assert (reading.says, reading.certain) == (says, True), reading.why


@pytest.mark.parametrize("text", [text for texts in TRAPS.values() for text in texts])
def test_a_mail_that_only_looks_like_it_is_shown_to_a_person(text):
    assert not read(text).certain
