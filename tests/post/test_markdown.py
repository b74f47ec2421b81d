"""Markdown becomes safe HTML."""

import pytest

from roundtables.post.markdown import ended, marked, to_html, to_plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Top\n\n## Next", "<h2>Top</h2>\n<h2>Next</h2>\n"),
        ('It\'s "so".', "<p>It’s “so”.</p>\n"),
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("[x](/posts/y)", '<p><a href="/posts/y">x</a></p>\n'),
        ('![a "b"](https://e.example/x.png)', '<p><a href="https://e.example/x.png">a "b"</a></p>\n'),
        (
            "> Never.\n>\n> — Someone from *local* government",
            "<figure>\n<blockquote>\n<p>Never.</p>\n</blockquote>\n"
            "<figcaption>Someone from <em>local</em> government</figcaption>\n</figure>\n",
        ),
        ("> Never.", "<figure>\n<blockquote>\n<p>Never.</p>\n</blockquote>\n</figure>\n"),
        ("> — only a dash", "<figure>\n<blockquote></blockquote>\n<figcaption>only a dash</figcaption>\n</figure>\n"),
        ("", ""),
    ],
)
def test_what_markdown_becomes(text, expected):
    assert to_html(text) == expected


def test_tables_and_footnotes_are_read():
    html = to_html("a[^1]\n\n|a|b|\n|-|-|\n|1|2|\n\n[^1]: note")
    assert "<td>2</td>" in html
    assert '<a href="#fn1" id="fnref1">[1]</a>' in html


def test_the_plain_words():
    assert to_plain(to_html("## A & b\n\n- one\n- *two*")) == "A & b\none\ntwo"


def test_the_end_has_its_small_table():
    assert ended("<p>It is <em>so</em> allowed.</p>\n") == '<p>It is <em>so</em> <span class="fin">allowed.</span></p>'
    assert ended("<ul></ul>") == "<ul></ul>"


def test_marks_stand_round_the_words_and_keep_the_structure():
    assert marked("> Jo said", [(0, 4, 1, "must")]) == (
        '<figure>\n<blockquote>\n<p><mark id="f1" class="must">Jo<sup>1</sup></mark> said</p>\n'
        "</blockquote>\n</figure>\n"
    )
