"""The score: which features count, how they are recognised, and what the data say of them."""

import json
import re
import time
from pathlib import Path

import pytest

import publisher.lint
from publisher.lint import refresh
from publisher.lint.mail.clients import judge
from publisher.lint.mail.features import uses
from publisher.lint.mail.lists import KEY_CLIENTS
from publisher.lint.mail.page import Page
from publisher.lint.mail.support import support
from tests.lint.mails import inspect, mail, page

DATA = Path(publisher.lint.__file__).parent / "mail" / "caniemail.json"


def used(body: str, head: str = "") -> dict[str, bool]:
    """Return the slugs a page uses, each with whether layout rests on it."""
    html = f"<html><head>{head}</head><body>{body}</body></html>"
    return {slug: use.layout for slug, use in uses(Page(html=html), support()).items()}


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ("<table></table>", "html-table"),
        ("<h4>x</h4>", "html-h1-h6"),
        ('<td align="left">x</td>', "html-align"),
        ('<input type="checkbox">', "html-input-checkbox"),
        ('<a href="#x">x</a>', "html-anchor-links"),
        ('<a href="mailto:x@y.example">x</a>', "html-mailto-links"),
        ('<p style="margin-left:1px">x</p>', "css-margin"),
        ('<p style="border-left-color:red">x</p>', "css-border"),
        ('<p style="MAX-WIDTH:1px">x</p>', "css-max-width"),
        ('<p style="display:flex">x</p>', "css-display-flex"),
        ('<p style="width:calc(1px + 2vw)">x</p>', "css-unit-calc"),
        ('<p style="width:calc(1px + 2vw)">x</p>', "css-unit-vw"),
        ('<p style="width:50%">x</p>', "css-unit-percent"),
        ('<p style="color:var(--a)">x</p>', "css-variables"),
        ('<p style="--a:red">x</p>', "css-variables"),
        ('<p style="background:rgba(0,0,0,.5)">x</p>', "css-rgba"),
        ('<p style="color:red !important">x</p>', "css-important"),
        ('<p style="width:fit-content">x</p>', "css-intrinsic-size"),
        ('<p style="font-family:system-ui">x</p>', "css-sytem-ui"),
        ('<img src="https://x.example/a.WEBP?b=c.png">', "image-webp"),
        ('<img src="data:image/png;base64,AA==">', "image-base64"),
        ("<article>x</article>", "html-semantics"),
    ],
)
def test_a_feature_is_recognised(body: str, slug: str):
    assert slug in used(body)


@pytest.mark.parametrize(
    ("css", "slug"),
    [
        ("@media (max-width: 1px) { a { color: red } }", "css-at-media"),
        (
            "@media (prefers-color-scheme: dark) { a { x: y } }",
            "css-at-media-prefers-color-scheme",
        ),
        ("@media (-webkit-min-device-pixel-ratio: 2) { }", "css-at-media-device-pixel-ratio"),
        ("@import url(x.css);", "css-at-import"),
        ("@font-face { font-family: x }", "css-at-font-face"),
        ("a:hover { color: red }", "css-pseudo-class-hover"),
        ("a::before { color: red }", "css-pseudo-element-before"),
        ("ul > li { color: red }", "css-selector-child"),
        ("p + p { color: red }", "css-selector-adjacent-sibling"),
        ("p ~ p { color: red }", "css-selector-general-sibling"),
        ("td p { color: red }", "css-selector-descendant"),
        ("p, td { color: red }", "css-selector-grouping"),
        ("[data-ogsc] p { color: red }", "css-selector-attribute"),
        (".a.b { color: red }", "css-selector-chaining"),
        ("#a { color: red }", "css-selector-id"),
        ("* { color: red }", "css-selector-universal"),
    ],
)
def test_a_feature_of_a_style_sheet_is_recognised(css: str, slug: str):
    assert slug in used("<p>x</p>", f"<style>{css}</style>")


def test_only_what_bears_layout_counts():
    found = used(
        '<p lang="en" style="padding:1px">x</p><div style="display:none;opacity:0">preheader</div>',
        "<style>.a:hover { opacity: 0 } @media print { .a { float: left } }</style>",
    )
    assert found["css-padding"]
    assert found["html-p"]
    assert found["css-display-none"]
    assert not found["css-opacity"]
    assert not found["css-float"]
    assert not found["css-at-media"]
    assert not found["html-lang"]
    assert not found["html-style"]


def test_a_plain_rule_makes_the_style_block_bear_layout():
    assert used("<p>x</p>", "<style>p { float: left }</style>")["html-style"]


def test_fonts_are_no_use_of_the_shorthand():
    assert "css-font" not in used('<p style="font-family:Georgia">x</p>')
    assert "css-font" in used('<p style="font:16px Georgia">x</p>')


def test_the_score_is_the_mean_of_shares_with_half_for_partial_support():
    judged = judge(Page(html='<html><body><p style="margin:1px">x</p></body></html>'))
    assert judged.layout.keys() == {"html-p", "css-margin", "css-unit-px"}
    worth = {"y": 1, "a": 0.5, "n": 0}
    rows = [support().verdicts[slug] for slug in judged.layout]
    shares = [sum(worth[row[n]] for row in rows) / 3 for n in range(20)]
    assert judged.score == pytest.approx(sum(shares) / 20)
    assert list(judged.clients.values()) == pytest.approx(shares)


def test_a_bad_mail_scores_far_below_a_good_one():
    bad = (
        '<div style="display:flex;gap:1rem;position:relative;background-image:url(x.png)">'
        '<div style="transform:scale(2);width:calc(50% - 1vw);color:var(--ink);float:left">x</div>'
        "</div>"
    )
    good, worse = inspect(mail()).score, inspect(mail(html=page(more=bad))).score
    assert good > 0.94
    assert worse < 0.84


def test_a_mail_without_html_fits_everywhere():
    report = inspect(mail(html=""))
    assert report.score == 1.0
    assert report.features == 0


def test_inspecting_a_usual_mail_is_quick():
    """60 KB take some 30 ms of one core; the bound leaves room for a slower one."""
    story = (
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>'
        '<td style="padding:8px 0 20px 0"><h3 style="margin:0;font-size:19px;line-height:25px">'
        '<a href="https://gazette.example/articles/{n}/" style="color:#1c1b19">Story {n}</a></h3>'
        '<p style="margin:8px 0 0 0;font-family:Georgia, serif;font-size:17px;line-height:25px">'
        "It sails at ten with a library on board, and the crew reads until the morning.</p></td>"
        "</tr></table>\n"
    )
    data = mail(html=page(more="".join(story.replace("{n}", str(n)) for n in range(140))))
    took = []
    for _ in range(5):
        began = time.process_time()
        report = inspect(data)
        took.append(time.process_time() - began)
    assert 60_000 < report.html_size < 70_000
    assert min(took) < 0.15


# The data


def test_the_data_are_dated_complete_and_carry_their_notice():
    data = json.loads(DATA.read_text())
    assert re.fullmatch(r"caniemail \d+\.\d+\.\d+", data["source"])
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", data["date"])
    assert tuple(data["clients"]) == refresh.CLIENTS
    assert len(refresh.CLIENTS) == 20
    assert set(KEY_CLIENTS) <= set(refresh.CLIENTS)
    for feature in data["features"].values():
        assert re.fullmatch(r"[yanu]{20}", feature["support"])
    tokens = [token for f in data["features"].values() for token in f["tokens"].split()]
    assert len(tokens) == len(set(tokens))
    notice = DATA.with_suffix(".LICENSE").read_text()
    assert "MIT License" in notice
    assert "HTeuMeuLeu" in notice


def test_every_feature_but_the_unseen_has_tokens():
    features = json.loads(DATA.read_text())["features"]
    bare = {slug for slug, feature in features.items() if not feature["tokens"]}
    assert bare == refresh.UNSEEN


def package_in(folder: Path, **versions: dict[str, str]) -> Path:
    families: dict[str, dict[str, object]] = {}
    for client in refresh.CLIENTS:
        family, platform = client.split(".")
        families.setdefault(family, {})[platform] = {"2019-01": "y"}
    families["outlook"]["macos"] = versions.get("macos", {"2019": "n", "16.80": "a #1"})
    families["gmail"]["ios"] = versions.get("ios", {"2024-04": "n #2", "2020-01": "y"})
    names = {"family": dict.fromkeys(families, "F")}
    names["platform"] = {p: "P" for platforms in families.values() for p in platforms}
    feature = {"slug": "css-unit-px", "title": "px unit", "stats": families}
    data = {"last_update_date": "2026-05-13 14:45:41", "nicenames": names, "data": [feature]}
    (folder / "data").mkdir()
    (folder / "data/caniemail.json").write_text(json.dumps(data))
    (folder / "package.json").write_text('{"name": "caniemail", "version": "9.9.9"}')
    return folder


def test_a_refresh_takes_the_newest_verdict(tmp_path: Path):
    made = refresh.reduce(package_in(tmp_path))
    row = dict(zip(refresh.CLIENTS, made["features"]["css-unit-px"]["support"], strict=True))
    assert row["outlook.macos"] == "a"
    assert row["gmail.ios"] == "n"
    assert row["yahoo.ios"] == "y"
    assert made["features"]["css-unit-px"]["tokens"] == "1px"
    assert json.loads(refresh.written(made)) == made


def test_the_shipped_data_are_written_as_a_refresh_writes_them():
    text = DATA.read_text()
    assert refresh.written(json.loads(text)) == text


def test_a_feature_without_tokens_is_named():
    with pytest.raises(ValueError, match="css-new: its title"):
        refresh.tokens("css-new", "Something (new) & shiny")


def test_refreshing_without_a_package_says_how():
    assert refresh.main([]) == 2


def test_the_data_agree_with_the_shared_copy(shared_dir: Path):
    """The same tables from another hand, some weeks younger: few verdicts differ."""
    other = json.loads((shared_dir / "data" / "caniemail.json").read_text())["data"]
    ours = json.loads(DATA.read_text())["features"]
    theirs = {item["slug"]: "".join(refresh.verdicts(item["stats"])) for item in other}
    assert theirs.keys() >= ours.keys()
    differing = [slug for slug in ours if ours[slug]["support"] != theirs[slug]]
    assert len(differing) < len(ours) * 0.05, differing
