"""
Invitations: who is asked to a roundtable, and what they answered.

rules.py    decides what an answer changes      replies.py  reads answers from e-mail
seats.py    decides who has a seat              letters.py  what we write to invitees
actions.py  does it                             queries.py  finds
"""
