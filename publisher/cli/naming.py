"""Which stored article a name means; serves the commands that are given one."""

from typing import TYPE_CHECKING

from publisher.errors import NotFound

if TYPE_CHECKING:
    from publisher.app import App
    from publisher.model.articles import Article


def find(app: "App", name: str) -> "Article":
    """Return an article by id, uid, slug or address, also the address of its page here.

    Raises NotFound.
    """
    try:
        return app.store.find_article(name)
    except NotFound:
        own = f"{app.definitions.publication.url}articles/"
        if not name.startswith(own):
            raise
        return app.store.find_article(name.removeprefix(own).strip("/"))
