"""The end in the middle of collecting: no article twice, none lost."""

import signal
import threading
from http.server import BaseHTTPRequestHandler

from tests.serving import serving

FEEDS, EACH = 60, 5
DOCUMENT = """<rss version="2.0"><channel><title>{feed}</title><link>http://{feed}.example/</link>
<description>{feed}</description>{items}</channel></rss>"""
ITEM = (
    "<item><guid>{feed}-{n}</guid><title>Story {n} of {feed}</title>"
    "<link>http://{feed}.example/{n}</link><description>It is told of {feed}.</description></item>"
)


class World:
    """Feeds by their paths; lets a test wait until so many have been asked for."""

    def __init__(self):
        self.asked, self.more = 0, threading.Condition()
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                feed = self.path.strip("/")
                items = "".join(ITEM.format(feed=feed, n=n) for n in range(EACH))
                body = DOCUMENT.format(feed=feed, items=items).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/rss+xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                with world.more:
                    world.asked += 1
                    world.more.notify_all()

            def log_message(self, *arguments):
                """Keep quiet."""

        self.handler = Handler

    def wait_for(self, number):
        with self.more:
            assert self.more.wait_for(lambda: self.asked >= number, 30), self.asked


def define(operator, address):
    port = address.rpartition(":")[2]
    tables = "".join(
        f'[[sources]]\ntype = "feed"\nurl = "http://127.0.0.{n + 1}:{port}/f{n}"\n'
        for n in range(FEEDS)
    )
    (operator.folder / "feeds/world.toml").write_text(f'title = "World"\nlimit = 1000\n{tables}')
    operator.edit(
        "publisher.toml", lambda text: f"{text}\n[collect]\nallow_private_addresses = true\n"
    )


def test_a_kill_while_collecting_loses_no_article_and_doubles_none(operator):
    world = World()
    with serving(world.handler, "0.0.0.0") as address:
        define(operator, address)
        for number in (1, FEEDS // 3, FEEDS - 5):
            begun = world.asked
            running = operator.start("collect", "world", "--all")
            world.wait_for(begun + number)
            running.send_signal(signal.SIGKILL)
            running.communicate()
        # What the killed ones did not bring is due still; what they brought is as it was.
        operator.types("collect", "world")
        rows = operator.asks("collect", "world", "--all")
    assert sum(row["same"] for row in rows) == FEEDS * EACH
    listed = operator.asks("articles", "list", "--feed", "world")
    assert sorted(row["title"] for row in listed) == sorted(
        f"Story {n} of f{feed}" for feed in range(FEEDS) for n in range(EACH)
    )
