"""Every table of the service, in one import, for migrations."""

from sqlmodel import SQLModel

from roundtables.attendance import model as attendance
from roundtables.convener import model as convener
from roundtables.invitation import model as invitation
from roundtables.keeping import model as keeping
from roundtables.mail import inbox, outbox
from roundtables.person import model as person
from roundtables.post import model as post
from roundtables.report import model as report
from roundtables.roundtable import model as roundtable
from roundtables.web import once

NOUNS = (convener, person, report, roundtable, invitation, attendance, post, keeping, inbox, outbox, once)
metadata = SQLModel.metadata
