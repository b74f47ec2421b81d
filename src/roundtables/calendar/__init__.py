"""
Calendars: our values to iCalendar bytes, and the bytes people send us back to values. Knows no noun, holds no state.

itip.py       request and cancel write one person's copy; read says what an incoming object answers
answers.py    from an incoming object to CalendarAnswer     attendees.py  one ATTENDEE line
lines.py      bytes to content lines, under hard limits     addresses.py  when two addresses are the same
ics.py        the public feed of discussions                timezone.py   VTIMEZONE, and the zones others name
writing.py    content lines, escaped and folded           text.py       what may stand in a calendar text
"""
