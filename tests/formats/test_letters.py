"""Letters around a subscription: they say what they must in every language, and nothing is lost."""

from pathlib import Path

import pytest
from lxml import html as markup

from publisher.errors import TemplateError
from publisher.formats import letters
from publisher.kit.templating import Templates
from publisher.model.messages import Literal
from publisher.model.views import LetterView
from tests.formats.editions import BASE, templates
from tests.kit.test_flowing import unflowed

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "letters"
LANGUAGES = ("en", "de", "fr", "es", "tr", "ru", "ar", "zh")


def view(kind: str, language: str = "en", **more: object) -> LetterView:
    usual = {
        "kind": kind,
        "publication": "The Harbour Gazette",
        "url": BASE,
        "language": language,
        "button_url": BASE + "confirm/TOKEN",
        "postal_address": "1 Quay Street, Harbour",
        "contact": "editor@gazette.example",
    }
    return LetterView(**{**usual, **more})


def written(shown: LetterView) -> tuple[str, str, str]:
    subject, message = letters.create(None, templates()).render(shown)
    (html,), (text,) = message.html.frame, message.text.frame
    assert isinstance(html, Literal)
    assert isinstance(text, Literal)
    assert message.flowed
    return subject, html.text, text.text


@pytest.mark.parametrize("kind", letters.KINDS)
def test_golden_letters(kind: str, golden):
    lines = ("Harbour: weekdays at 07:30", "Culture: Fridays at 18:00")
    more = {"lines": lines, "unsubscribe_url": BASE + "leave"} if kind == "welcome" else {}
    subject, html, text = written(view(kind, **more))
    golden(GOLDEN / f"{kind}.html", html.replace("><", ">\n<"))
    golden(GOLDEN / f"{kind}.txt", f"Subject: {subject}\n\n{text}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", letters.KINDS)
def test_both_parts_say_the_same_and_lead_to_the_same_place(kind: str, language: str):
    subject, html, text = written(view(kind, language))
    tree = markup.fromstring(html)
    assert "The Harbour Gazette" in subject or kind == "confirmation"
    assert "{" not in subject + html.rpartition("</style>")[2] + text
    assert tree.get("lang") == language
    (button,) = tree.xpath("//td[@class='button']/a")
    assert button.get("href") == BASE + "confirm/TOKEN"
    paragraphs = unflowed(text)
    assert BASE + "confirm/TOKEN" in paragraphs
    for shown in tree.xpath("//h2|//p[@class='text ink']|//td[@class='button']/a"):
        assert shown.text_content() in paragraphs


def test_hostile_values_stay_text():
    nasty = '<b onclick="x">{{ 7*7 }}\r\nBcc: a@b.example</b>'
    subject, html, text = written(view("welcome", lines=(nasty,), publication=nasty))
    assert not markup.fromstring(html).xpath("//b")
    assert "{{ 7*7 }}" in html
    assert "{{ 7*7 }}" in text
    assert "49" not in subject


def test_a_language_that_lacks_a_letter_says_it_in_english(tmp_path: Path):
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "eo.toml").write_text('read_also = "Legu ankaŭ"\n', "utf-8")
    made = letters.create(None, Templates(tmp_path, templates()._shipped))
    subject, _ = made.render(view("goodbye", "eo"))
    assert subject == "You have unsubscribed from The Harbour Gazette"


def test_an_unknown_kind_is_named():
    with pytest.raises(TemplateError, match="birthday"):
        written(view("birthday"))
