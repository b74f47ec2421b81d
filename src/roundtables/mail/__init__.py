"""
E-mail, in and out. Knows no noun.

    what arrives     message.py    bytes -> ReceivedMail, under hard limits
                       headers.py parts.py addresses.py charsets.py plain.py automatic.py   its pieces
                       bounces.py returning.py tnef.py   reports, absences, Microsoft's private format
                     cutting.py    the answer without quotes and signature
                     words.py      what a worded answer says, in nine languages
                       spelling.py tongues.py sentences.py   text to words; phrasebook.py phrase_tree.py phrases/   data
                       listening.py saying.py propositions.py weighing.py   what a sentence says
                       verdict.py reasons.py objections.py   what the whole says, and whether it may be applied unseen
                       until.py days_said.py deputies_named.py extracts.py   what stands beside the answer
    what leaves      compose.py    Letter -> MIME bytes
                     signature.py  DKIM
                     backoff.py    when to try again
    with the world   inbox.py  outbox.py  claims.py  postman.py  transaction.py  lmtp.py  imap.py
                       reading_room.py has mail opened by opener.py, a process that can be ended

Everything in the first two groups is pure: bytes or values in, values out.
"""
