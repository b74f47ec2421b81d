"""Word lists of the Rule checker. Pure."""

_SPEECH = """said says say told tell tells argued argues asked asks added adds warned warns explained explains
suggested suggests noted notes insisted insists replied replies claimed claims thought thinks felt feels believed
believes called calls put puts according admitted agreed disagreed objected recalled remarked stressed conceded
questioned words quote quoted view opinion"""
SPEECH = frozenset(_SPEECH.split())
"""Beside these words a name says who said what."""

_COMMON_WORDS = """august autumn baker bank banks bell best bishop black bond brook brown bush butcher butler
carpenter carter case castle chance chapel child church clay close cook cooper cross dean drew driver east english
fair farmer fellow field fields fisher ford foster fountain freeman french friend frost gold good grant gray green
grey hall hand hardy hare head heath hill hood hope house hunt hunter joy judge june just keen kind king knight lake
lamb lane lamp land law leader light little long lord love major marsh marshall mason masters mead mill mills moon
moss north nurse page park parks part peace pool poor pope porter post power powers price pride priest rich rose
ruby sage self sharp shepherd short silver small smart snow south spring steel stone street strong summer summers
sweet teller temple thorn towers town trust turner wall walls ward waters ways weeks well wells welsh west white
wild winter winters wise wood woods work worth young"""
COMMON_WORDS = frozenset(_COMMON_WORDS.split())
"""Surnames that are words as well: alone they count only inside a sentence and with a capital."""

_LETTERS_BEHIND = """obe cbe mbe kbe dbe gbe kcb cb phd dphil md ma msc ba bsc mp msp ms mla qc kc jp dl frcp frs
fba esq jr sr ii iii"""
LETTERS_BEHIND = frozenset(_LETTERS_BEHIND.split())
"""What stands behind a name without being part of it."""

_LEGAL_FORMS = "ltd limited plc llp cic inc incorporated gmbh llc"
LEGAL_FORMS = frozenset(_LEGAL_FORMS.split())

_GENERAL = """a academy action advice agency alliance and assembly association authority bank board borough care
centre chamber charity church city clinic coalition college combined commission committee community company
consultancy council county department district east education england europe federation for forum foundation fund
government great group health home homes hospice hospital hospitals house housing institute international ireland
kingdom kitchens local london metropolitan ministry national network nhs north northern of office open on
organisation partners partnership people police policy public regional research royal rural school scotland scottish
service services social society south southern support team the trust uk union united university urban voluntary
wales wellbeing welsh west work working youth"""
GENERAL = frozenset(_GENERAL.split())
"""Words that organisations share: what is left of a name may point at one."""
