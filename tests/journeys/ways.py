"""How people find their way: by the words of links, buttons and labels, and by the shapes of a drawing."""

import re

from playwright.sync_api import Locator, Page

from tests.service import wait_until

INVITATION = re.compile("^Will you join us")


def field(page: Page, label: str) -> Locator:
    """A field by the first words of its label; a hint may follow them."""
    return page.get_by_label(re.compile(rf"^\s*{label}(\s|$)")).first


def heading(page: Page, words: str) -> Locator:
    return page.get_by_role("heading", level=1, name=words)


def to_table(desk: Page, title: str) -> None:
    desk.get_by_role("navigation", name="Desk").get_by_role("link", name="Tables").click()
    desk.get_by_role("main").get_by_role("link", name=title).click()


def open_letter(guest: Page, name: str) -> None:
    """The invitation in somebody's mailbox, once it is there."""

    def there() -> bool:
        guest.goto("/mailroom")
        return box.count() > 0

    box = (
        guest.get_by_role("listitem")
        .filter(has=guest.get_by_role("heading", name=name))
        .get_by_role("link", name=INVITATION)
    )
    wait_until(there, why=f"the letter to {name}")
    box.first.click()


def says(desk: Page, name: str) -> str:
    """What the guest list says of somebody's answer, and how it is known."""
    row = desk.get_by_role("row").filter(has_text=name)
    return row.get_by_role("cell").nth(3).inner_text()


def shapes(desk: Page) -> dict[str, int]:
    """How many seats of each shape the large drawing has: y coming, m maybe, a asked, e nobody yet, n declined."""
    art = desk.locator("figure svg.table")
    counted = {shape: art.locator(f"circle.{shape}").count() for shape in "ymaen"}
    return {shape: count for shape, count in counted.items() if count}
