"""A reviewer's day at the desk, in a real browser against a running server."""

from __future__ import annotations

import re
from itertools import product

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Desk, sign_in

pytestmark = pytest.mark.browser


def test_a_case_arrives_is_watched_and_decided_by_keyboard_alone(page: Page, desk: Desk) -> None:
    sign_in(page, desk)
    expect(page.get_by_role("heading", name="Camera and till agree")).to_be_visible()

    first = desk.act("arrive", "1")
    expect(page.locator(f"#case-{first}")).to_be_visible()
    expect(page).to_have_title("(1) Cases · Shrink")
    expect(page.locator(".card__thumb img")).to_be_visible()
    second = desk.act("arrive", "22")
    expect(page.locator(".card")).to_have_count(2)
    expect(page.locator(".card").first).to_have_id(f"case-{second}")

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{desk.url}/cases/{second}/")
    page.wait_for_function("() => { const v = document.querySelector('video'); return !v.paused && v.currentTime > 1 }")
    expect(page.locator("#playhead line")).to_have_attribute("x1", re.compile(r"\d+\.\d+%"))
    page.keyboard.press("g")
    page.wait_for_function("() => { const v = document.querySelector('video'); return v.paused && !v.seeking }")
    assert page.evaluate("document.querySelector('video').currentTime") == pytest.approx(2.0, abs=0.05)
    expect(page.locator(".receipt [data-now]")).to_have_text(re.compile("nothing rung up"))
    frame = page.evaluate("document.querySelector('video').currentTime")
    page.keyboard.press(".")
    page.wait_for_function(f"() => document.querySelector('video').currentTime > {frame} + 0.02")

    page.keyboard.press("d")
    page.keyboard.press("4")
    expect(page.get_by_label("The camera misread it")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{desk.url}/cases/{first}/")
    expect(page.get_by_text("Dismissed. This is the next case.")).to_be_visible()

    page.goto(f"{desk.url}/audit/mine/")
    for sentence in (f"Ana viewed case {second[:8]}.", f"Ana watched the clip of case {second[:8]}."):
        expect(page.get_by_text(sentence)).to_have_count(1)
    expect(page.get_by_text(f"Ana dismissed case {second[:8]}, because: The camera misread it.")).to_be_visible()


def test_two_reviewers_collide_and_the_second_sees_who_was_first(page: Page, desk: Desk) -> None:
    case = desk.act("arrive", "1")
    sign_in(page, desk)
    page.locator(".card a").click()
    expect(page.locator("summary", has_text="Confirm")).to_be_visible()
    page.locator("#live[data-state=live]").wait_for()
    desk.act("dismiss", case)
    panel = page.locator("#panel")
    expect(panel.get_by_text("Berta")).to_be_visible()
    expect(panel.get_by_role("button", name="Confirm")).to_be_disabled()
    assert "has been dismissed" in (panel.get_by_role("button", name="Confirm").get_attribute("title") or "")


def test_a_withdrawn_case_leaves_the_queue_with_a_note(page: Page, desk: Desk) -> None:
    case = desk.act("arrive", "1")
    sign_in(page, desk)
    expect(page.locator(".card")).to_have_count(1)
    desk.act("withdraw", case)
    expect(page.locator(".card")).to_have_count(0)
    expect(page.get_by_text("A late line explains it.")).to_be_visible()
    expect(page).to_have_title("Cases · Shrink")


def test_after_a_broken_connection_the_page_catches_up(page: Page, desk: Desk) -> None:
    sign_in(page, desk)
    desk.stop()
    expect(page.locator("#live")).to_have_text("Reconnecting")
    missed = desk.act("arrive", "1")
    desk.start()
    expect(page.locator(f"#case-{missed}")).to_be_visible(timeout=40_000)
    expect(page.locator("#live")).to_have_text("Live")


def test_a_withdrawn_membership_empties_the_open_page(page: Page, desk: Desk) -> None:
    case = desk.act("arrive", "1")
    sign_in(page, desk)
    expect(page.locator(".card")).to_have_count(1)
    desk.act("revoke", "ana")
    desk.act("tell", case)
    expect(page.locator(".card")).to_have_count(0)
    assert page.goto(f"{desk.url}/cases/{case}/").status == 404  # type: ignore[union-attr]


def test_the_desk_works_without_javascript(chromium: Browser, desk: Desk) -> None:
    case = desk.act("arrive", "1")
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(desk.url)
    page.get_by_label("User name").fill("ana")
    page.get_by_label("Password").fill("a longer password")
    page.get_by_role("button", name="Sign in").click()
    page.locator(".card a").click()
    page.locator("summary", has_text="Confirm").click()
    page.get_by_label("Another item was rung up").check()
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("That was the last open case of this list.")).to_be_visible()
    page.goto(f"{desk.url}/cases/{case}/")
    expect(page.locator("#panel").get_by_text("Another item was rung up")).to_be_visible()
    context.close()


def test_every_page_fits_its_screen_in_light_and_dark(chromium: Browser, desk: Desk) -> None:
    case = desk.act("arrive", "1")
    for width, scheme in product((390, 1440), ("light", "dark")):
        context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
        page = context.new_page()
        page.goto(f"{desk.url}/login/")
        grounds = {page.evaluate("getComputedStyle(document.documentElement).backgroundColor")}
        sign_in(page, desk)
        for address in ("/", f"/cases/{case}/", "/audit/mine/"):
            page.goto(desk.url + address)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (address, width)
            grounds.add(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
        assert grounds == {"rgb(244, 245, 247)" if scheme == "light" else "rgb(13, 16, 21)"}
        context.close()


def test_the_chosen_theme_stays(page: Page, desk: Desk) -> None:
    sign_in(page, desk)
    page.get_by_label("Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto(f"{desk.url}/audit/mine/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
