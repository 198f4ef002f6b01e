"""Inlining and minifying: what is read stays, what nobody reads goes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as markup

from publisher.errors import RenderError
from publisher.kit.inlining import inline, minified

PAGE = "<!DOCTYPE html><html><head><style>{css}</style></head><body>{body}<!--e--></body></html>"


@pytest.mark.parametrize(
    "css",
    ["td { color: red", "@media { @media { .a { color: red } } }", "td { : }", "}{", ".a:b( {}"],
)
def test_a_bad_style_sheet_is_an_error_or_harmless(css: str):
    page = PAGE.format(css=css, body="x")
    told = ""
    try:
        told = inline(page, "<!--e-->")
    except RenderError as error:
        told = str(error)
    assert told.startswith(("<!DOCTYPE html>", "mail: its style sheet cannot be inlined"))


def test_a_lost_end_is_an_error():
    with pytest.raises(RenderError, match="nests too deeply"):
        inline(PAGE.format(css="p { color: red }", body="<div>" * 300), "<!--e-->")


SPACE = st.sampled_from([" ", "\n", "  \n ", "\n<!--m-->\n"])
INLINE = st.lists(
    st.one_of(
        SPACE, st.sampled_from(["one", "<b>two</b>", "<a href='x'> three </a>", "&gt; &lt;"])
    )
).map("".join)
BLOCK = st.one_of(
    SPACE,
    st.just("<pre> a\n b </pre>"),
    INLINE.map("<p>{}</p>".format),
    INLINE.map("<h2 class='x'>{}</h2>".format),
    INLINE.map("<table><tr> <td>{}</td>\n</tr></table>".format),
)


def shown(html: str) -> list[str]:
    """What is read, block by block: white space counts within a line and nowhere else."""
    root = markup.fragment_fromstring(html, create_parent="div")
    for pre in root.iter("pre"):
        pre.text = (pre.text or "").replace(" ", "\u00a0").replace("\n", "\u2028")
    for block in root.xpath("//p|//td|//table|//h2|//pre|//tr|//tbody"):
        block.text = "\u2029" + (block.text or "")
        block.tail = "\u2029" + (block.tail or "")
    blocks = root.text_content().split("\u2029")
    return [" ".join(re.split("[ \n]+", text)).strip(" ") for text in blocks]


@given(blocks=st.lists(BLOCK, max_size=8))
def test_minifying_changes_nothing_that_is_read(blocks):
    html = "".join(blocks)
    small = minified(html)
    assert shown(small) == shown(html)
    assert len(small) <= len(html)


def test_style_sheets_lose_comments_and_indents():
    css = "<style>\n/* why */\n@media print {\n  .a .b, .c { color: red; }\n}\n</style>"
    assert minified(css) == "<style>@media print{.a .b, .c{color: red;}}</style>"


def test_comments_for_outlook_stay_as_they_are():
    ghost = "<!--[if mso]><table> <tr>  <td><![endif]-->"
    assert minified(f"<p>x</p>\n  {ghost}\n<p>") == f"<p>x</p>{ghost}<p>"


def test_text_that_looks_like_style_is_left_alone():
    said = 'He wrote style="a: b; c, d" on it.'
    done = inline(
        PAGE.format(css="p { color: red; margin: 0 }", body=f"<p>{said}</p>"), "<!--e-->"
    )
    assert said in done
    assert 'style="color:red;margin:0"' in done
