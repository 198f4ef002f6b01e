"""A publication with a hub of its own, served on a real port, for the tests of WebSub."""

import re
import socket
from pathlib import Path
from typing import Any

from publisher.app import App
from publisher.web.server import WebServer
from tests.web.websub_peer import Found

STORY = """---
id: {name}
title: {name}
date: 2026-11-24T06:00:00Z
---
The ferry called {name} has come in.
"""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


class HubSite:
    """`settings` are further lines of `[websub]`."""

    def __init__(
        self, root: Path, clock: Any, settings: str = "allow_private_addresses = true"
    ) -> None:
        self.root, self.clock = root, clock
        self.url = f"http://127.0.0.1:{free_port()}/"
        path = root / "publisher.toml"
        text = re.sub(r'(?m)^url = "http[^"]*"', f'url = "{self.url}"', path.read_text(), count=1)
        path.write_text(f"{text}\n[websub]\nhub = true\n{settings}\n")
        self.complaints: list[tuple[str, str]] = []
        self.app = self.open()
        self.app.publish()
        self.server = WebServer(self.app, self.url.removeprefix("http://").rstrip("/"))
        self.server.start()

    def open(self) -> App:
        """Open the publication, as another process would."""
        return App.open(
            self.root,
            clock=self.clock,
            complain=lambda subject, reason: self.complaints.append((subject, reason)),
        )

    def close(self) -> None:
        self.server.stop()
        self.app.close()

    def feed(self, ending: str = ".atom", slug: str = "harbour") -> str:
        return f"{self.url}feeds/{slug}{ending}"

    def found(self, ending: str = ".atom") -> Found:
        return Found(f"{self.url}websub", self.feed(ending))

    def document(self, ending: str = ".atom", slug: str = "harbour") -> bytes:
        name = f"{slug}{ending}" if ending != "/" else f"{slug}/index.html"
        return (self.root / "public/feeds" / name).read_bytes()

    def write(self, name: str) -> None:
        """Publish one more story."""
        (self.root / "articles/harbour" / f"{name}.md").write_text(STORY.format(name=name))
        self.app.collect(["harbour"], everything=True)
        self.app.publish()

    def subscribers(self, app: App | None = None) -> int:
        return sum(one.subscribers for one in (app or self.app).store.topic_figures())
