"""The environment, the layouts and what static/ holds."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from jinja2 import UndefinedError

from roundtables.web import templating

HOSTILE = '"><script>alert(1)</script>'
SITE = SimpleNamespace(name="Larkmoor Trust", tagline="", accent="#7b2150")
CONTEXT = {
    "site": SITE,
    "current": "posts",
    "me": "Farah Lindqvist",
    "csrf": "a-token",
    "counts": SimpleNamespace(needs_you=3, to_send=0),
}
PAGES = ["_layout/public.html", "_layout/desk.html", "_layout/slip.html"]


class Outline(HTMLParser):
    """Every start tag with its attributes, and that each is closed in turn."""

    VOID = frozenset({"meta", "link", "input", "br", "hr", "circle", "path"})

    def __init__(self, text):
        super().__init__()
        self.tags, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def page(name, **more):
    return templating.environment().get_template(name).render(**CONTEXT | more)


def part(source, **context):
    return templating.environment().from_string('{% import "_layout/macros.html" as part %}' + source).render(**context)


@pytest.mark.parametrize("name", PAGES)
def test_every_layout_is_well_formed_and_needs_no_inline_style_or_script(name):
    outline = Outline(page(name))
    assert outline.open == []
    assert not outline.all("style")
    assert not [attrs for _, attrs in outline.tags if "style" in attrs]
    assert all(attrs.get("src") for attrs in outline.all("script"))
    assert {"rel": "stylesheet", "href": "/accent/7b2150.css"} in outline.all("link")


@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_name_stays_a_name(name):
    assert "<script>alert" not in page(
        name, site=SimpleNamespace(name=HOSTILE, tagline=HOSTILE, accent=HOSTILE), me=HOSTILE
    )


@pytest.mark.parametrize(("name", "scripts"), [(PAGES[0], 0), (PAGES[1], 1), (PAGES[2], 0)])
def test_only_the_desk_has_a_script_and_it_is_checked(name, scripts):
    found = Outline(page(name)).all("script")
    assert len(found) == scripts
    assert all(attrs["integrity"].startswith("sha384-") for attrs in found)


def test_invitees_pages_are_not_indexed_and_tell_no_other_site():
    metas = Outline(page("_layout/slip.html")).all("meta")
    assert {"name": "robots", "content": "noindex"} in metas
    assert {"name": "referrer", "content": "no-referrer"} in metas


def test_the_navigation_says_where_one_is_and_what_waits():
    text = page("_layout/desk.html", current="inbox")
    assert '<a href="/desk/inbox" aria-current="page">Inbox <span class="count">3</span></a>' in text
    assert '<a href="/desk/outbox">Outbox</a>' in text
    assert '<a href="/posts/" aria-current="page">Posts</a>' in page("_layout/public.html")


def test_what_just_happened_stands_above_the_work():
    assert '<p class="flash" role="status">Sent.</p>' in page("_layout/desk.html", flash="Sent.")
    assert 'class="flash' not in page("_layout/desk.html")


def test_the_stylesheet_stays_small_and_its_address_changes_with_it():
    style = (templating.static_folder() / "style.css").read_bytes()
    assert len(style) <= 24_000
    assert templating.asset("style.css") == f"/static/style.css?v={hashlib.sha256(style).hexdigest()[:10]}"


def test_the_stylesheet_asks_no_other_site_and_finds_its_fonts():
    style = (templating.static_folder() / "style.css").read_text("utf-8")
    for address in re.findall(r"url\(([^)]+)\)", style):
        assert (templating.static_folder() / address).is_file()
    assert (templating.static_folder() / "fonts" / "OFL.txt").is_file()


def test_vendored_scripts_are_the_ones_that_were_checked_in():
    vendor = templating.static_folder() / "vendor"
    manifest = json.loads((vendor / "manifest.json").read_text("utf-8"))
    for name, entry in manifest.items():
        digest = hashlib.sha384((vendor / entry["path"]).read_bytes()).digest()
        assert entry["integrity"] == "sha384-" + base64.b64encode(digest).decode()
        assert (vendor / entry["licence"]).is_file()
        assert templating.vendored(name) == (f"/static/vendor/{entry['path']}", entry["integrity"])
    scripts = {str(one.relative_to(vendor)) for one in vendor.rglob("*.js")}
    assert scripts == {entry["path"] for entry in manifest.values()}


def test_a_static_file_that_is_not_there_is_a_fault():
    with pytest.raises(FileNotFoundError):
        templating.asset("nowhere.css")


def test_packed_folders_come_before_those_of_the_repository(tmp_path, monkeypatch):
    module = tmp_path / "site" / "roundtables" / "web" / "templating.py"
    packed, loose = tmp_path / "site" / "roundtables" / "_static", tmp_path / "static"
    monkeypatch.setattr(templating, "__file__", str(module))
    with pytest.raises(FileNotFoundError, match="_static"):
        templating.static_folder()
    loose.mkdir()
    assert templating.static_folder() == loose
    packed.mkdir(parents=True)
    assert templating.static_folder() == packed


def test_a_forgotten_value_is_a_fault_and_every_value_is_escaped():
    with pytest.raises(UndefinedError):
        templating.environment().from_string("{{ forgotten }}").render()
    assert templating.environment().from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"
    assert templating.environment() is templating.environment()


def test_a_field_shows_what_was_typed_and_its_error_beside_it():
    text = part(
        '{{ part.field("email", "E-mail", value, "No such address.", "At work.", type="email", autocomplete="off") }}',
        value=HOSTILE,
    )
    outline = Outline(text)
    assert outline.all("input") == [
        {
            "id": "f-email",
            "name": "email",
            "type": "email",
            "value": HOSTILE,
            "aria-describedby": "f-email-hint f-email-error",
            "aria-invalid": "true",
            "autocomplete": "off",
        }
    ]
    assert {"class": "error", "id": "f-email-error"} in outline.all("span")


def test_a_text_area_keeps_its_first_line_and_a_list_its_choice():
    assert '<textarea id="f-body" name="body" rows="4">\n\nDear' in part(
        '{{ part.field("body", "", "\\nDear", type="textarea") }}'
    )
    options = Outline(part('{{ part.choice("n", "", [(1, "one"), (2, "two")], "2") }}')).all("option")
    assert options == [{"value": "1"}, {"value": "2", "selected": None}]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('{{ part.csrf_field("t") }}', '<input type="hidden" name="_csrf" value="t">'),
        ('{{ part.kind("L", "Local") }}', '<span class="kind k-L"><b>L</b>Local</span>'),
        ('{{ part.flash("") }}', ""),
        ('{{ part.flash("Kept.") }}', '<p class="flash" role="status">Kept.</p>'),
        ('{{ part.flash("No.", bad=true) }}', '<p class="flash c-stop" role="alert">No.</p>'),
        ('{{ part.pager("", "") }}', ""),
    ],
)
def test_small_parts(source, text):
    assert part(source).strip() == text


STEPS = [
    {"kind": "report", "small": "Report", "title": "The Warm State", "href": "/r", "after": "Ines", "current": False},
    {"kind": "discussion", "small": "Discussion", "title": "Whose?", "href": "/d", "current": True, "states": ["yes"]},
    {"kind": "post", "small": "Post", "title": "The form", "href": "/p", "current": False},
]


def test_a_thread_leads_from_report_to_post_and_says_where_one_is():
    outline = Outline(part("{{ part.thread(steps) }}", steps=STEPS))
    assert [attrs["href"] for attrs in outline.all("a")] == ["/r", "/p"]
    assert outline.all("li") == [{}, {"aria-current": "page"}, {}]
    assert outline.open == []


def test_larger_parts_close_what_they_open():
    text = part(
        '{{ part.states_key() }}{{ part.kinds_key(fold_kinds([("L", "Local", 4)])) }}{{ part.pager("/a", "/b") }}'
        '{% call part.glyph_item(glyph(["yes"]), "Whose?", "/d") %}<p>x</p>{% endcall %}'
        '{% call part.gauge(["yes"], "1 of 1") %}x{% endcall %}{{ part.check("x", "Ask", true) }}'
    )
    outline = Outline(text)
    assert outline.open == []
    assert not [attrs for _, attrs in outline.tags if "style" in attrs]


LETTER = """{% import "_layout/letter.html" as letter %}{% set tints = mail_tints(site.accent) %}
{% call letter.frame(site, title, "Thursday", tints) %}
{{ letter.seat_line(4, 1, tints) }}{{ letter.heading("Whose?") }}{{ letter.soft("Soft") }}
{{ letter.strong(["a", "b"]) }}{{ letter.para(words) }}{{ letter.buttons(answers, tints) }}
{{ letter.facts([("Where", words)]) }}
{% call letter.foot() %}{{ letter.link("Us", "https://example.org/", tints) }}{% endcall %}{% endcall %}"""


@pytest.mark.parametrize("answers", [1, 2, 3, 4])
def test_a_letter_has_all_it_needs_inline_and_fetches_nothing(answers):
    text = (
        templating.environment()
        .from_string(LETTER)
        .render(
            site=SITE,
            title=HOSTILE,
            words=HOSTILE,
            answers=[("Yes", f"https://example.org/{i}", "Yes") for i in range(answers)],
        )
    )
    outline = Outline(text)
    assert outline.open == []
    assert not {"img", "script", "form", "link"} & {tag for tag, _ in outline.tags}
    assert [one["href"] for one in outline.all("a")][:-1] == [f"https://example.org/{i}" for i in range(answers)]
    assert [one["class"] for one in outline.all("td") if one.get("class") in ("b1", "b2")] == [
        "b1",
        *["b2"] * (answers - 1),
    ]
    assert (text.count("&#9679;"), text.count("&#9675;")) == (3, 1)
    assert "#7b2150" in text
    assert "#df9eb9!important" in text
