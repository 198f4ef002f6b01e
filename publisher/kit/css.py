"""CSS selectors over pages of strangers: compiled at check time, applied in a killable process.

Serves the `listing` source and `config`. Pure. Only the inliner and the lint of mails read selectors besides.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import cssselect
from lxml import etree, html

ATTRIBUTE = re.compile(r"(?P<selector>.*?)\s*@(?P<name>[A-Za-z_][\w:.-]*)\s*", re.DOTALL)
MAX_CHARACTERS = 10_000_000
WHITE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Selector:
    """A selector, and the attribute that is meant instead of the text, "" for none."""

    xpath: str
    attribute: str = ""


@lru_cache(maxsize=256)
def compiled(text: str) -> Selector:
    """Read `selector`, `selector@attribute` or `@attribute` (of the element itself).

    Raises ValueError, which says what is wrong.
    """
    parted = ATTRIBUTE.fullmatch(text.strip())
    selector, attribute = (parted["selector"], parted["name"]) if parted else (text.strip(), "")
    if not selector:
        if attribute:
            return Selector("self::*", attribute)
        raise ValueError("an empty selector finds nothing")
    try:
        xpath = cssselect.HTMLTranslator().css_to_xpath(selector)
        etree.XPath(xpath)
    except cssselect.SelectorError as error:
        raise ValueError(f'"{selector}" is no CSS selector: {error}') from error
    except etree.XPathError as error:
        raise ValueError(f'"{selector}" asks for what cannot be found here: {error}') from error
    return Selector(xpath, attribute)


def parse(text: str) -> html.HtmlElement | None:
    """Return a page as a tree, None when there is none in it. Never touches the network."""
    # A string with an encoding declaration is refused; the text has been decoded already.
    data = text[:MAX_CHARACTERS].encode("utf-8", "replace")
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        return html.document_fromstring(data, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def select(element: html.HtmlElement, selector: str) -> list[html.HtmlElement]:
    """Return the elements that a selector finds below one, in the order of the document."""
    found = element.xpath(compiled(selector).xpath)
    return [one for one in found if isinstance(one, etree.ElementBase)]


def first(element: html.HtmlElement, selector: str) -> html.HtmlElement | None:
    """Return the first element that a selector finds below one."""
    return next(iter(select(element, selector)), None)


def said(element: html.HtmlElement, selector: str) -> str:
    """Return the text, or the attribute asked for, of the first element found; "" when there is none."""
    found = first(element, selector)
    if found is None:
        return ""
    name = compiled(selector).attribute
    return (found.get(name) or "").strip() if name else words(found)


def words(element: html.HtmlElement) -> str:
    """Return an element's text on one line."""
    return WHITE.sub(" ", str(element.text_content())).strip()
