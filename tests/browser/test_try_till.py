"""An installer tries a till by keyboard, in a real browser against a running server."""

from __future__ import annotations

import json
from itertools import product

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Desk
from tests.factories.cases import PASSWORD

pytestmark = pytest.mark.browser


def open_till(page: Page, desk: Desk) -> None:
    page.goto(f"{desk.url}/login/?next=/till/")
    page.get_by_label("User name").fill("ines")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Try a till")).to_be_visible()
    expect(page.get_by_label("Switch between light and dark")).to_be_visible()  # the page listens to keys


def answered(page: Page, words: str) -> None:
    expect(page.locator("#counts")).to_have_text(words)


def test_a_sale_by_keyboard_is_shown_as_it_is_sent_and_answered(page: Page, desk: Desk) -> None:
    open_till(page, desk)
    page.keyboard.press("1")
    answered(page, "2 accepted, 0 known before, 0 rejected")  # the ticket, and its first line
    shown = json.loads(page.locator("#sent").inner_text())
    assert [one["type"] for one in shown] == ["ticket_open", "scan"]
    assert shown[1]["data"] | {"amount": "7.95", "source": "try-till"} == shown[1]["data"]
    page.keyboard.press("a")
    answered(page, "0 accepted, 2 known before, 0 rejected")

    page.keyboard.press("/")
    page.keyboard.type("1.5")
    page.keyboard.press("Enter")
    page.keyboard.press("7")  # apples are weighed
    expect(page.locator("#total")).to_have_text("12.44 EUR")
    page.keyboard.press("k")
    page.keyboard.press("2")
    page.keyboard.press("v")
    expect(page.locator(".till__line[data-voided]")).to_have_text("3Milk 1 l1.15")
    page.keyboard.press("t")
    page.keyboard.press("c")
    expect(page.locator("#state")).to_have_text("no ticket")
    answered(page, "3 accepted, 0 known before, 0 rejected")  # paid, drawer, closed
    types = ["ticket_open", "scan", "scan", "scan", "void", "subtotal", "tender", "drawer_open", "ticket_close"]
    assert desk.act("told", "T1") == [[name, "try-till", None] for name in types]


def test_batches_go_wrong_as_asked_and_training_is_told_apart(page: Page, desk: Desk) -> None:
    open_till(page, desk)
    page.keyboard.press("n")
    answered(page, "1 accepted, 0 known before, 0 rejected")
    page.keyboard.press("l")
    expect(page.locator("#sent")).to_contain_text("-late1")
    answered(page, "1 accepted, 0 known before, 0 rejected")
    page.keyboard.press("b")
    answered(page, "1 accepted, 0 known before, 4 rejected")
    codes = page.locator("#rejected b").all_inner_texts()
    assert codes == ["unknown_type", "bad_time", "missing_field", "bad_money"]

    # A ticket of the training mode says so, and the mode changes only between tickets.
    page.get_by_label("Terminal", exact=True).select_option("T2")
    page.locator("#terminal").blur()
    page.keyboard.press("g")
    page.keyboard.press("3")
    answered(page, "3 accepted, 0 known before, 0 rejected")
    page.keyboard.press("g")
    expect(page.locator("#said")).to_have_text("Training begins and ends between tickets.")
    page.keyboard.press("u")
    expect(page.locator("#state")).to_have_text("no ticket · 1 suspended · training")
    answered(page, "1 accepted, 0 known before, 0 rejected")
    told = [[name, "try-till", True] for name in ("ticket_open", "training_mode", "scan", "ticket_suspend")]
    assert desk.act("told", "T2") == told


def test_a_file_is_looked_at_first_and_then_sent(page: Page, desk: Desk) -> None:
    open_till(page, desk)
    page.get_by_label("Terminal", exact=True).select_option("T2")
    event = {"id": "f1", "terminal": "elsewhere", "type": "scan", "occurred_at": "2026-11-21T10:00:00+01:00"}
    page.get_by_label("Or paste it here").fill(json.dumps(event) + "\nno event\n")
    page.get_by_label("Say that all of it").check()
    page.get_by_role("button", name="Show what is understood").click()
    expect(page.locator("#understood")).to_contain_text("1 event understood, 1 part not.")
    expect(page.locator("#refused b")).to_have_text("not_json")
    page.get_by_role("button", name="Send this event").click()
    answered(page, "1 accepted, 0 known before, 0 rejected")
    assert desk.act("told", "T2") == [["scan", "try-till", None]]


def test_it_fits_in_both_widths_and_schemes(chromium: Browser, desk: Desk) -> None:
    for width, scheme in product((390, 1440), ("light", "dark")):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        open_till(page, desk)
        page.keyboard.press("1")
        answered(page, "2 accepted, 0 known before, 0 rejected")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        cut = "all => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"
        assert page.locator(".till .button").evaluate_all(cut) == []
        context.close()
