"""A person with a browser: follows the provider's pages form by form."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

import httpx

_MOST_PAGES = 8


@dataclass
class Form:
    """Where a form goes, and its fields as the page filled them in."""

    action: str
    fields: dict[str, str]

    @property
    def step(self) -> str:
        """What the page asks: code, confirm, login or consent."""
        if "confirm" in self.fields:
            return "confirm"
        return self.fields.get("prompt") or "code"


def walk(uri: str, user_code: str, login: str, abort_at: str) -> list[str]:
    """Go through the pages from `uri` on; returns their titles.

    `abort_at` is the step at which the person refuses. Raises AssertionError if the pages do not end.
    """
    titles: list[str] = []
    with httpx.Client(follow_redirects=True, trust_env=False, timeout=10) as browser:
        page = browser.get(uri)
        for _ in range(_MOST_PAGES):
            titles.append(_title(page.text))
            if "Success" in titles[-1] or "interrupted" in page.text:
                return titles
            page = _answer(browser, page, user_code, login, abort_at)
    raise AssertionError(f"the pages did not end: {titles}")


def _answer(
    browser: httpx.Client, page: httpx.Response, user_code: str, login: str, abort_at: str
) -> httpx.Response:
    form = _form(page)
    if form.step == abort_at and form.step != "confirm":
        return browser.get(form.action.rstrip("/") + "/abort")
    if form.step == abort_at:
        form.fields["abort"] = "yes"
    elif form.step == "code":
        form.fields["user_code"] = user_code
    elif form.step == "login":
        form.fields |= {"login": login, "password": "any"}
    return browser.post(form.action, data=form.fields)


def _title(text: str) -> str:
    found = re.search(r"<title>([^<]*)", text)
    return found[1].strip() if found else ""


def _form(page: httpx.Response) -> Form:
    found = re.search(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', page.text, re.DOTALL)
    assert found, page.text
    fields = {}
    for tag in re.findall(r"<input[^>]*>", found[2], re.DOTALL):
        if name := _attribute(tag, "name"):
            fields[name] = _attribute(tag, "value")
    return Form(str(page.url.join(html.unescape(found[1]))), fields)


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""
