"""An archive of invented news that has nothing to do with anything: what Read also must not fall for.

Stories are about twenty topics, use the words, names, places and numbers that news uses, the common
ones far more often than the rare ones (Zipf), and tell of an event of their own: so any two share many
words, some share a name or a place, and none tells the same story. The same at every run.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import accumulate

from publisher.model.articles import ArticleId

TOPICS = {
    "courts": "trial judge jury charges lawyer verdict prison sentence appeal witness evidence guilty bail",
    "elections": "voters ballot poll candidate campaign party parliament seats coalition majority turnout",
    "markets": "shares investors profit quarter analysts bank dividend earnings index bond trading",
    "weather": "storm rain flood wind forecast snow temperatures warning damage residents shelter river coast",
    "quakes": "quake tremor magnitude epicentre aftershock rubble rescuers buildings collapsed victims",
    "football": "goal match coach striker league season penalty keeper midfield transfer fans stadium referee",
    "tennis": "set serve final seed title tournament champion court semi-final ranking injury coach crowd",
    "flights": "plane pilot airport crew passengers runway airline engine landing crash recorder investigators",
    "ships": "ferry vessel port captain crew cargo harbour coastguard rescue deck sank waters lifeboat",
    "health": "hospital patients vaccine doctors outbreak virus symptoms clinic trial drug study infection",
    "schools": "pupils teachers school students exam university classroom tuition campus board parents",
    "crime": "police suspect arrested shooting murder robbery victim detectives officers custody weapon",
    "war": "troops rebels ceasefire shelling soldiers border attack missile militia talks envoy army",
    "technology": "software phone users data startup chip network app privacy device engineers platform",
    "space": "rocket launch orbit satellite astronauts mission capsule telescope planet agency module",
    "films": "film director actor award premiere studio box-office sequel role festival series audience",
    "music": "album singer concert tour band song chart fans stage label festival lyrics record",
    "energy": "oil gas pipeline barrel refinery prices supply emissions plant reactor wind solar grid",
    "transport": "train rail bus drivers strike union tunnel road traffic commuters line station fares",
    "nature": "species whales forest fire park rangers wildlife birds conservation habitat drought",
}
COMMON = """
    said people new year government country officials group report week month company million
    plan time home city state day world money work family public local national president
    minister leader spokesman statement according decision support change number problem later
    early near several first last since despite after before during against between while
    including expected announced called told asked found made began left
"""
FIRST = """
    John Michael David James Robert Mary Linda Susan Sarah Anna Peter Paul Maria Jose Ali Ahmed
    Wei Yuki Ivan Olga Hans Marie Jean Carlos Elena Kim Lee Omar Fatima Tom
"""
PLACES = """
    London Washington China Russia Paris Berlin Texas California Florida Chicago Moscow Beijing
    Tokyo India Australia Canada Mexico Brazil Egypt Iran Iraq Israel Ukraine Germany France
    Italy Spain Turkey Japan Korea Nigeria Kenya Boston Ohio Georgia Virginia Manchester
    Scotland Ireland Sydney
"""
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SYLLABLES = """
    ba be bo bran car dal den dor el far fen gar gil ha hol in jor kal kes la lan lin mar mel
    min mor na nor or pel ra ren ros sa sel sten ta tor ul va ven vi wal wen yor za
"""
SENTENCES = (
    "{person} said on {day} that the {topic} {topic} in {place} {common} {common} the {topic}.",
    "The {topic} {common} {number} {topic} {common} in {place}, {common} to the {organisation}.",
    "{surname} {common} the {topic} {common} a {common} {topic} and {common} {common} {number}.",
    "About {number} {common} {common} {common} {topic} near {town}, where the {topic} {common}.",
    "The {organisation} {common} {topic} {common} {common} the {common} of the {topic} on {day}.",
    '"We {common} {topic} {common} {common}," {person} {common} at the {topic} in {town}.',
    "Officials in {place} {common} that {topic} {common} {topic} {common} {number} per cent.",
)
ROUND = (2, 3, 10, 12, 15, 20, 25, 50, 100, 2014)
Story = tuple[str, str]
"""A title and a text."""


class Archive:
    """Invented stories, one after the other."""

    def __init__(self, seed: int = 7) -> None:
        self._dice = random.Random(seed)
        names = sorted({self._name() for _ in range(6_000)})
        self._dice.shuffle(names)
        third = len(names) // 3
        self._surnames, self._towns, self._bodies = (
            Drawer(names[begin : begin + third]) for begin in (0, third, 2 * third)
        )
        self._common = Drawer(COMMON.split())
        self._first, self._places = Drawer(FIRST.split()), Drawer(PLACES.split())
        self._topics = {name: Drawer(words.split()) for name, words in TOPICS.items()}

    def stories(self, count: int) -> Iterator[Story]:
        """Yield so many, of six to twelve sentences."""
        for _ in range(count):
            yield self._story()

    def _story(self) -> Story:
        dice = self._dice
        topic = self._topics[dice.choice(sorted(self._topics))]
        event = {
            "surname": self._surnames.draw(dice),
            "place": self._places.draw(dice),
            "town": self._towns.draw(dice),
            "organisation": f"{self._bodies.draw(dice)} {topic.draw(dice).title()}",
            "day": dice.choice(DAYS),
        }
        event["person"] = f"{self._first.draw(dice)} {event['surname']}"
        sentences = [self._sentence(topic, event) for _ in range(dice.randint(6, 12))]
        said = topic.draw(dice), self._common.draw(dice), topic.draw(dice)
        return " ".join((event["place"], *said, event["surname"])), " ".join(sentences)

    def _sentence(self, topic: "Drawer", event: dict[str, str]) -> str:
        dice = self._dice
        parts = dice.choice(SENTENCES).split("{")
        return parts[0] + "".join(self._filled(part, topic, event) for part in parts[1:])

    def _filled(self, part: str, topic: "Drawer", event: dict[str, str]) -> str:
        name, _, rest = part.partition("}")
        if name == "topic":
            return topic.draw(self._dice) + rest
        if name == "common":
            return self._common.draw(self._dice) + rest
        if name == "number":
            return f"{self._dice.choice((*ROUND, self._dice.randint(2, 9_999)))}{rest}"
        return event[name] + rest

    def _name(self) -> str:
        return "".join(
            self._dice.choices(SYLLABLES.split(), k=self._dice.choice((2, 2, 3)))
        ).title()


class Drawer:
    """Words, the first ones far more often than the last (Zipf)."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._weights = list(accumulate(1 / (place + 3) for place in range(len(words))))

    def draw(self, dice: random.Random) -> str:
        """Return one."""
        return dice.choices(self._words, cum_weights=self._weights)[0]


def numbered(stories: Sequence[Story], first: int = 1) -> dict[ArticleId, Story]:
    """Return stories by article numbers."""
    return {ArticleId(first + at): story for at, story in enumerate(stories)}
