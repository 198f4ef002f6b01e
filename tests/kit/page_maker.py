"""Pages in the page form, written from their parts, in every dress the form comes in."""

import html as entities
from dataclasses import dataclass, field, replace

LABELS = {
    "en": ("Skip to content", "READ", "Read also:", "Latest"),
    "de": ("Zum Inhalt springen", "LESEN", "Lesen Sie auch:", "Neueste Nachrichten"),
    "fr": ("Aller au contenu", "À LIRE", "À lire aussi :", "Dernières nouvelles"),
    "es": ("Saltar al contenido", "LEER", "Lea también:", "Lo último"),
    "it": ("Vai al contenuto", "LEGGI", "Leggi anche:", "Ultime notizie"),
    "pt": ("Ir para o conteúdo", "LEIA", "Leia também:", "Últimas notícias"),
    "nl": ("Naar de inhoud", "LEES", "Lees ook:", "Laatste nieuws"),
    "pl": ("Przejdź do treści", "CZYTAJ", "Czytaj także:", "Najnowsze"),
    "cs": ("Přejít k obsahu", "ČTĚTE", "Čtěte také:", "Nejnovější"),
    "sv": ("Hoppa till innehåll", "LÄS", "Läs även:", "Senaste"),
    "da": ("Gå til indhold", "LÆS", "Læs også:", "Seneste"),
    "nb": ("Hopp til innhold", "LES", "Les også:", "Siste"),
    "fi": ("Siirry sisältöön", "LUE", "Lue myös:", "Uusimmat"),
    "tr": ("İçeriğe geç", "OKU", "Ayrıca okuyun:", "Son haberler"),
    "ru": ("Перейти к содержанию", "ЧИТАЙТЕ", "Читайте также:", "Последние новости"),
    "uk": ("Перейти до вмісту", "ЧИТАЙТЕ", "Читайте також:", "Останні новини"),
    "el": ("Μετάβαση στο περιεχόμενο", "ΔΙΑΒΑΣΤΕ", "Διαβάστε επίσης:", "Τελευταία νέα"),
    "ro": ("Sari la conținut", "CITEȘTE", "Citește și:", "Ultimele știri"),
    "hu": ("Ugrás a tartalomra", "OLVASSA", "Olvassa el ezt is:", "Legfrissebb"),
    "ar": ("انتقل إلى المحتوى", "اقرأ", "اقرأ أيضًا:", "آخر الأخبار"),
    "he": ("דלג לתוכן", "קראו", "קראו גם:", "חדשות אחרונות"),
    "ja": ("コンテンツへスキップ", "読む", "関連記事\uff1a", "最新記事"),
    "zh": ("跳至内容", "阅读", "延伸阅读\uff1a", "最新消息"),
    "ko": ("본문으로 건너뛰기", "읽기", "관련 기사:", "최신 뉴스"),
}


@dataclass(frozen=True)
class Made:
    """The parts of a page to write; empty ones are left out of it."""

    title: str = ""
    standfirst: str = ""
    dek: str = ""
    body: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    excerpt: str = ""
    also: tuple[str, ...] = ()
    latest: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dress:
    """How a page is written; `twice`: the headline stands again below the standfirst."""

    language: str = "en"
    twice: bool = True
    skip: bool = True
    number: str = "  {}. "
    bullet: str = "- "
    emphasis: str = "*{}*"
    stray: str = "****"
    glued: bool = True
    labels: bool = True
    names: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", self.names or LABELS[self.language])


def _mixed(page: Made, read: str) -> list[str]:
    """Return body paragraphs with inline stories after the second, fourth, … of them."""
    mixed: list[str] = []
    waiting = list(page.read)
    for number, paragraph in enumerate(page.body):
        mixed.append(paragraph)
        if number % 2 and waiting:
            mixed.append(read.format(waiting.pop(0)))
    return [*mixed, *(read.format(title) for title in waiting)]


def as_text(page: Made, dress: Dress) -> str:
    """Write a page as plain text."""
    skip, read, also, latest = dress.names
    blocks = [skip] if dress.skip else []
    blocks += [page.title, page.standfirst, page.title if dress.twice else ""]
    blocks.append(dress.emphasis.format(page.dek) if page.dek else "")
    blocks += _mixed(page, f"{read}: {{}}{dress.stray}")
    points = "\n".join(f"{dress.number.format(n)}{p}" for n, p in enumerate(page.points, 1))
    blocks += [f"{points}\n{page.excerpt}"] if dress.glued and points else [points, page.excerpt]
    if dress.labels:
        blocks += [also, "\n".join(dress.bullet + title for title in page.also)]
        blocks += [latest, "\n".join(dress.bullet + title for title in page.latest)]
    return "\n\n".join(block.strip("\n") for block in blocks if block.strip()) + "\n"


def as_html(page: Made, dress: Dress) -> str:
    """Write a page as HTML, the same parts in tags."""
    skip, read, also, latest = dress.names
    shown = replace(page, **{k: _escaped(v) for k, v in vars(page).items()})
    lines = [f'<nav><a href="#c">{skip}</a></nav>'] if dress.skip else []
    lines += [f"<h1>{shown.title}</h1>"] if page.title else []
    lines += [f"<p>{shown.standfirst}</p>"] if page.standfirst else []
    lines += [f"<h2>{shown.title}</h2>"] if dress.twice and page.title else []
    lines += [f"<p><em>{shown.dek}</em></p>"] if page.dek else []
    lines += [f"<p>{one}</p>" for one in _mixed(shown, f'{read}: <a href="/r">{{}}</a>')]
    items = "".join(f"<li>{point}</li>" for point in shown.points)
    lines += [f"<ol>{items}</ol>"] if items else []
    lines += [f"<p>{shown.excerpt}</p>"] if page.excerpt else []
    if dress.labels:
        for label, titles in ((also, shown.also), (latest, shown.latest)):
            rows = "".join(
                f'<li><a href="/s/{n}">{title}</a></li>' for n, title in enumerate(titles)
            )
            lines.append(f"<nav><h3>{label}</h3><ul>{rows}</ul></nav>")
    return "<!DOCTYPE html><html><head><title>T</title></head><body>" + "\n".join(lines)


def _escaped(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return entities.escape(value, quote=False)
    return tuple(entities.escape(one, quote=False) for one in value)
