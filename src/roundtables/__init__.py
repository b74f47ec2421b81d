"""
Roundtables: discussions by invitation, their answers by e-mail, and what came of them.

    convener <- person <- report <- roundtable <- invitation <- attendance <- post
    calendar, mail, web                     know no noun
    rules -> model -> queries, letters -> actions -> doors (pages, api, replies, chores)
    cli.py  app.py  worker.py               put it together
"""
