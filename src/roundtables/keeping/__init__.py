"""
Safe keeping: the log of all that changed, copies of the whole, people's rights to theirs, and what ends on a date.

rules.py      how long what is kept, and why            chain.py     how entries of the log hang together
triggers.py   what the database writes down by itself   sealing.py   the chain made, and proved
register.py   whose data was erased, without saying so  erasing.py   everything of one person goes
holding.py    a restored instance sends nothing         exporting.py everything of one person, to be read
archive.py    backup and restore                        retaining.py what is over goes
"""
