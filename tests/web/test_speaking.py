"""Texts in more than one language: in templates, from Python, and in the catalogues of src/roundtables/locale."""

import importlib.util
import pickle
import re
from collections import Counter
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.pofile import read_po
from jinja2 import DictLoader

from roundtables.errors import NotFound, Refusal, Refusals
from roundtables.texts import LANGUAGES, SOURCE, _, known, listed, many, pgettext, spoken
from roundtables.web import filters, languages, speaking
from roundtables.web.forms import Form
from roundtables.web.templating import environment

ROOT = Path(__file__).parents[2]
found = importlib.util.spec_from_file_location("collecting", ROOT / "tools" / "texts.py")
assert found is not None
assert found.loader is not None
collecting = importlib.util.module_from_spec(found)
found.loader.exec_module(collecting)

SAMPLE = """
msgid ""
msgstr ""
"Plural-Forms: nplurals=6; plural=(n==0) ? 0 : (n==1) ? 1 : (n==2) ? 2 : (n==3) ? 3 : (n==6) ? 4 : 5;\\n"

msgid "Sign in"
msgstr "Mewngofnodi <b>"

msgid "100%% of <b>%(name)s</b>"
msgstr "100%% o <b>%(name)s</b>"

msgid "%(n)s person"
msgid_plural "%(n)s people"
msgstr[0] "%(n)s person"
msgstr[1] "%(n)s person"
msgstr[2] "%(n)s berson"
msgstr[3] "%(n)s pherson"
msgstr[4] "%(n)s pherson"
msgstr[5] "%(n)s person"

msgctxt "job"
msgid "Post"
msgstr "Swydd"

msgid "Thursday"
msgstr "dydd Iau"

msgid "There are only {n}."
msgstr "Dim ond {n} sydd."
"""
TEMPLATES = {
    "sign-in": '{{ _("Sign in") }}|{{ [_("Sign in")]|length }}',
    "name": "{% trans %}100% of <b>{{ name }}</b>{% endtrans %}",
    "people": "{% trans n=n %}{{ n }} person{% pluralize %}{{ n }} people{% endtrans %}",
    "job": '{{ pgettext("job", "Post") }}{% trans "job" %}Post{% endtrans %}',
    "python": '{{ words }}|{{ _("There are only {n}.", n=words) }}|{{ words|capitalize }}',
}


@pytest.fixture(params=["en-GB", "cy"])
def both(request, monkeypatch):
    """An environment for each language; the Welsh one speaks from SAMPLE."""
    sample = languages.compiled(SAMPLE.encode(), "cy")
    own = languages.catalogue
    monkeypatch.setattr(speaking, "catalogue", lambda language: sample if language == "cy" else own(language))
    return speaking.Speaking(request.param, loader=DictLoader(TEMPLATES), autoescape=True)


def rendered(both, template, **context):
    return both.language, both.get_template(template).render(context)


def test_text_is_escaped_and_said_in_the_language(both):
    assert rendered(both, "sign-in") in [(SOURCE, "Sign in|1"), ("cy", "Mewngofnodi &lt;b&gt;|1")]


def test_a_translated_block_is_html_and_what_is_put_into_it_is_escaped(both):
    expected = [(SOURCE, "100% of <b>&lt;i&gt;</b>"), ("cy", "100% o <b>&lt;i&gt;</b>")]
    assert rendered(both, "name", name="<i>") in expected


@pytest.mark.parametrize(
    ("n", "english", "welsh"),
    [
        (0, "0 people", "0 person"),
        (1, "1 person", "1 person"),
        (2, "2 people", "2 berson"),
        (3, "3 people", "3 pherson"),
        (6, "6 people", "6 pherson"),
        (102, "102 people", "102 person"),
        (1006, "1006 people", "1006 person"),
    ],
)
def test_numbers_choose_the_form(both, n, english, welsh):
    assert rendered(both, "people", n=n) in [(SOURCE, english), ("cy", welsh)]


def test_a_word_with_two_meanings_is_told_apart(both):
    assert rendered(both, "job") in [(SOURCE, "PostPost"), ("cy", "SwyddSwydd")]


def test_what_python_says_is_said_when_it_is_shown(both):
    text = rendered(both, "python", words=_("Thursday"))
    english = "Thursday|There are only Thursday.|Thursday"
    assert text in [(SOURCE, english), ("cy", "dydd Iau|Dim ond dydd Iau sydd.|Dydd iau")]


def test_english_is_compiled_as_if_there_were_no_other_language():
    code = environment().compile('<p>{{ _("Search") }}</p>{% trans %}<b>a</b>{% endtrans %}', raw=True)
    assert ("'<p>Search</p>'" in code, "'<b>a</b>'" in code) == (True, True)
    assert "gettext" not in code


def test_a_wording_is_english_wherever_it_is_text():
    words = _("There are only {n}.", n=3)
    assert (words, f"{words}", isinstance(words, str)) == ("There are only 3.", "There are only 3.", True)
    assert pickle.loads(pickle.dumps(words)) == "There are only 3."
    assert type(words + "") is str


def test_wordings_are_joined_changed_and_counted_in_every_language():
    welsh = environment("cy").catalogue
    told = listed([filters.day(date(2026, 11, 19)), many("{count} seat", "{count} seats", 2, count="2")], ", ")
    assert (told, spoken(told, welsh)) == ("Thursday 19 November 2026, 2 seats", "dydd Iau 19 Tachwedd 2026, 2 sedd")
    assert spoken(_("Yesterday").lower(), welsh) == "ddoe"
    assert spoken(pgettext("job", "Post"), welsh) == "Swydd"
    assert spoken("as it is", welsh) == "as it is"


def test_refusals_can_be_said_in_another_language_with_what_they_name():
    welsh = environment("cy").catalogue
    refused = Refusal("At most {most} letters, please.", field="note", most=5)
    assert (str(refused), refused.message) == ("At most 5 letters, please.",) * 2
    assert spoken(refused.message, welsh) == "Dim mwy na 5 o lythrennau, os gwelwch yn dda."
    assert spoken(NotFound().message, welsh) == "Nid oes tudalen o’r fath yma."
    assert spoken(Refusals({"a": "A table needs a title."}).errors["a"], welsh) == "Mae angen teitl ar fwrdd."
    assert Refusal("100% {odd}").message == "100% {odd}"


def test_a_form_says_what_is_missing_in_the_language_of_the_page():
    form = Form({})
    form.text("title", needed="A table needs a title.")
    assert spoken(form.errors["title"], environment("cy").catalogue) == "Mae angen teitl ar fwrdd."


START, END = datetime(2026, 11, 19, 10, tzinfo=UTC), datetime(2026, 11, 19, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "english", "welsh"),
    [
        (filters.day(START, "Europe/London"), "Thursday 19 November 2026", "dydd Iau 19 Tachwedd 2026"),
        (filters.on_weekday(START, "Europe/London"), "on Thursday 19 November", "ddydd Iau 19 Tachwedd"),
        (filters.until_weekday(START, "Europe/London"), "until Thursday 19 November", "tan ddydd Iau 19 Tachwedd"),
        (
            filters.when(START, END, "Europe/London"),
            "Thursday 19 November 2026, 10.00 to 12.30",
            "dydd Iau 19 Tachwedd 2026, 10.00 tan 12.30",
        ),
        (filters.zone_words(START, "Europe/Paris"), "Paris time (UTC+1)", "amser Paris (UTC+1)"),
        (filters.zone_words(START, "Europe/London"), "UK time", "amser y DU"),
        (filters.reading_minutes("word " * 300), "two minutes", "2 funud"),
        (filters.count_words(7), "seven", "7"),
    ],
)
def test_dates_and_numbers_in_both_languages(told, english, welsh):
    assert (told, spoken(told, environment("cy").catalogue)) == (english, welsh)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("cy", "cy"),
        ("cy-GB,cy;q=0.9,en;q=0.5", "cy"),
        ("fr, cy;q=0.4, de;q=0.9", "cy"),
        ("en-GB, cy;q=0.8", "en-GB"),
        ("cy;q=0, en", "en-GB"),
        ("cy;q=nonsense", "cy"),
        ("", "en-GB"),
        ("fr", "en-GB"),
        (";;;,q=1,*", "en-GB"),
    ],
)
def test_the_language_a_browser_asks_for(accepted, language):
    assert languages.best(accepted) == language


def test_a_language_we_do_not_have_is_english():
    assert (known("fr"), known("cy"), environment("fr")) == (SOURCE, "cy", environment())
    with pytest.raises(KeyError):
        languages.catalogue("fr")


# The catalogues


def catalogue_of(language):
    return read_po(BytesIO((collecting.LOCALE / f"{language}.po").read_bytes()), locale=language, abort_invalid=True)


OTHERS = [language for language in LANGUAGES if language != SOURCE]
TAG = re.compile(r"</?(?!address>|mail>|cyfeiriad>|e-bost>)\w+[^<>]*>")  # those four are text, and are escaped
HOLDS = re.compile(r"%\(\w+\)s|\{\w+\}")


def test_every_text_stands_in_the_catalogues():
    ours = {(message.id, message.context) for message in collecting.catalogue() if message.id}
    for path in (collecting.ALL_WORDS, *(collecting.LOCALE / f"{language}.po" for language in OTHERS)):
        written = {(message.id, message.context) for message in read_po(BytesIO(path.read_bytes())) if message.id}
        assert ours ^ written == set(), f"{path.name} is behind: run make texts"


@pytest.mark.parametrize("path", collecting.templates(), ids=lambda path: str(path.relative_to(collecting.TEMPLATES)))
def test_no_word_of_a_template_escapes_translation(path):
    assert collecting.unmarked(path.read_text("utf-8")) == []


def test_a_word_that_nobody_could_translate_is_found():
    source = '<p title="One">Two {{ x }}</p>{{ y("Three") }}{{ _("Not this") }}{% trans %}Nor this{% endtrans %}'
    assert collecting.unmarked(source) == ["One", "Two", "Three"]


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_keeps_what_is_put_into_it_and_brings_no_html(language):
    for message in catalogue_of(language):
        for source, said in pairs(message):
            assert Counter(TAG.findall(said)) == Counter(TAG.findall(source)), said
            assert set(HOLDS.findall(said)) == set(HOLDS.findall(source)), said
            assert said[-1:].isspace() == source[-1:].isspace(), said


def pairs(message):
    """Each translation with the English it stands for; a form for one number may leave the number out."""
    if not message.id:
        return []
    if isinstance(message.id, str):
        return [(message.id, message.string)] if message.string else []
    said = [words for words in message.string if words]
    return [(min(message.id, key=lambda one: set(HOLDS.findall(one)) != set(HOLDS.findall(w))), w) for w in said]


DESK = re.compile(
    r"desk|templates/(attendance|keeping|person|post|roundtable)/"
    r"|roundtables/(attendance|keeping|person|report|roundtable)/"
)


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_is_whole_where_the_public_and_invitees_read(language):
    seen = [m for m in catalogue_of(language) if m.id and not all(DESK.search(file) for file, _line in m.locations)]
    assert len(seen) > 300
    assert [m.id for m in seen if not collecting.is_said(m.string)] == []
    assert [m.id for m in seen if m.fuzzy] == []


@pytest.mark.parametrize("language", OTHERS)
def test_plural_forms_are_those_of_the_cldr(language):
    ours, theirs = languages.catalogue(language).plural, Locale(language).plural_form
    by_form = {(ours(n), theirs(n)) for n in range(300)}
    assert len(by_form) == len({form for form, _name in by_form}) == len({name for _form, name in by_form})
