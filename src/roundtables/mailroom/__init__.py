"""
The demo's mail room: a mail server and everybody's mailbox on one machine. Nothing here is a second way.

catcher.py   takes letters by SMTP and keeps each as a file     mailbox.py   lists and reads them
replying.py  writes an invitee's answer as raw mail             pages.py     shows all that in the browser
"""
