import pytest

from roundtables.web.colour import accent_css, clean_hex, contrast, mail_tints

PAPER, RAISE = ("#fdfdfc", "#13181d"), ("#f2f4f2", "#1c2329")
STEPS = [0, 0x24, 0x49, 0x6D, 0x92, 0xB6, 0xDB, 0xFF]
ACCENTS = [f"#{r:02x}{g:02x}{b:02x}" for r in STEPS for g in STEPS for b in STEPS]


@pytest.mark.parametrize(
    ("accent", "tints"),
    [
        ("#7b2150", ("#7b2150", "#df9eb9")),
        ("7B2150", ("#7b2150", "#df9eb9")),
        ("#000000", ("#000000", "#b4b4b4")),
        ("#ffffff", ("#525252", "#ffffff")),
    ],
)
def test_tints_are_clamped(accent, tints):
    assert mail_tints(accent) == tints


def test_every_accent_can_be_read_as_a_link_and_under_a_button():
    for accent in ACCENTS:
        light, dark = mail_tints(accent)
        for ground in (PAPER, RAISE):
            assert contrast(light, ground[0]) >= 4.5, accent
            assert contrast(dark, ground[1]) >= 4.5, accent
        assert contrast("#ffffff", light) >= 4.5, accent


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#777777", "#777777", 1.0)]
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.005)


def test_the_accents_stylesheet_sets_one_property_and_a_tint_for_old_browsers():
    first, second = accent_css("FFCF00").splitlines()
    assert first == ":root{--accent:#ffcf00}"
    assert second.startswith("@supports not (")
    assert second.endswith("{:root{--tint:#744a00}}")


@pytest.mark.parametrize(
    "wrong", ["", "red", "#fff", "#7b21500", "7b2150;}", "７b2150", "#7b215g", "7b2150\n", "../etc"]
)
def test_anything_but_six_hex_digits_is_refused(wrong):
    for read in (clean_hex, accent_css, mail_tints):
        with pytest.raises(ValueError, match="six hex digits"):
            read(wrong)
