"""The page: nothing of it comes from elsewhere, and nothing goes elsewhere."""

import re

import pytest

from cryptex.tui.browser.page import STATIC, page, policy, static_bytes

HOST = "127.0.0.1:7080"


def test_the_page_names_no_other_host() -> None:
    text = page(HOST)
    assert re.findall(r"\w+://[^\"'<> ]*", text) == [f"ws://{HOST}/ws"]
    assert "//" not in text.replace(f"ws://{HOST}/ws", "")


def test_all_that_the_page_loads_is_served() -> None:
    named = set(re.findall(r"(?:href|src)=\"/static/([^\"]+)\"", page(HOST)))
    assert named == set(STATIC)
    styles = static_bytes(STATIC["page.css"]).decode()
    assert set(re.findall(r"url\(\"?/static/([^\")]+)", styles)) <= set(STATIC)


@pytest.mark.parametrize("name", ["page.css", "page.js", "xterm.css"])
def test_no_file_loads_from_elsewhere(name: str) -> None:
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", static_bytes(STATIC[name]).decode(), flags=re.DOTALL)
    assert "@import" not in code
    assert "://" not in code


def test_scripts_are_the_pages_own_files() -> None:
    assert re.findall(r"<script(?! src=\"/static/)", page(HOST)) == []
    assert not re.search(r"\son\w+=", page(HOST)), "no code in attributes"


def test_the_policy_closes_all_that_is_not_needed() -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in policy(HOST).split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["connect-src"] == f"'self' ws://{HOST}"
    assert rules["script-src"] == "'self'"
    outside = [word for words in rules.values() for word in words.split() if "://" in word]
    assert outside == [f"ws://{HOST}"]


def test_every_file_is_there() -> None:
    assert all(len(static_bytes(file)) > 100 for file in STATIC.values())
