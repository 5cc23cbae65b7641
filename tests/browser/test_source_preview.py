"""An installer sets the masks of a till's source, in a real browser against a running server."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.factories.cases import PASSWORD

pytestmark = pytest.mark.browser


def test_what_comes_is_seen_as_it_comes_and_masks_are_tried_on_it(page: Page, desk: Desk) -> None:
    source = desk.act("till_says", "1")
    preview = f"/admin/pos/possource/{source}/preview/"
    page.goto(f"{desk.url}/admin/login/?next={preview}")
    page.locator("#id_username").fill("ines")
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    raw = page.locator("[data-part=text]")
    expect(raw).to_contain_text("<STX>Ticket 1<LF>")
    desk.act("till_says", "2")
    expect(raw).to_contain_text("<STX>Ticket 2<LF>")  # by itself
    expect(page.locator("[data-part=state]")).to_contain_text("10 events")

    options = page.get_by_label("Try other options on what came")
    options.fill('{"stop_mask": ["END"]}')
    page.get_by_role("button", name="Try these settings").click()
    expect(page.get_by_role("alert")).to_contain_text("there is no such option")
    options.fill('{"start_masks": ["<STX>"], "stop_masks": ["END"]}')
    page.get_by_role("button", name="Try these settings").click()
    tried = page.locator("[data-part=tried-understood] tr", has_text="ticket_close")
    expect(tried).to_have_count(2)
    expect(page.get_by_role("alert")).to_be_hidden()

    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_form_of_a_source_shows_what_its_door_needs(page: Page, desk: Desk) -> None:
    page.goto(f"{desk.url}/admin/login/?next=/admin/pos/possource/add/")
    page.locator("#id_username").fill("ines")
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("Door:").select_option("serial")
    expect(page.locator("#id_device")).to_be_visible()
    expect(page.locator("#id_port")).to_be_hidden()
    page.get_by_label("Door:").select_option("mqtt")
    expect(page.locator("#id_topic")).to_be_visible()
    expect(page.locator("#id_device")).to_be_hidden()
