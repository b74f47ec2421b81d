"""
E-mail, in and out. Knows no noun.

    what arrives     message.py    bytes -> ReceivedMail, under hard limits
                       headers.py parts.py addresses.py charsets.py plain.py automatic.py   its pieces
                     cutting.py    the answer without quotes and signature
                     words.py      what a worded answer says; sentences.py and phrasebook.py read, phrases/ is data
    what leaves      compose.py    Letter -> MIME bytes
                     signature.py  DKIM
                     backoff.py    when to try again
    with the world   inbox.py  outbox.py  postman.py  lmtp.py

Everything in the first two groups is pure: bytes or values in, values out.
"""
