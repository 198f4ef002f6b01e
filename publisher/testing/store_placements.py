"""What a store promises of outlets: it knows what each was given, and keeps them apart."""

from publisher.ports import Store


class PlacementContract:
    """What stands where besides the output folder."""

    def test_what_was_placed_is_known_by_outlet(self, store: Store) -> None:
        """A later mark takes the place of the one before; another outlet has its own."""
        assert store.placed("cdn") == {}
        store.record_placed("cdn", {"a.rss": "1", "\u6e2f/b.html": "1"})
        store.record_placed("hook", {"a.rss": "7"})
        store.record_placed("cdn", {"a.rss": "2"})
        store.record_placed("cdn", {})
        assert store.placed("cdn") == {"a.rss": "2", "\u6e2f/b.html": "1"}
        assert store.placed("hook") == {"a.rss": "7"}

    def test_what_was_taken_away_is_forgotten(self, store: Store) -> None:
        """Thousands at a time; what was never there does no harm."""
        marks = {f"articles/{number}/index.html": "1" for number in range(2_100)}
        store.record_placed("cdn", marks | {"a.rss": "1"})
        store.record_placed("hook", {"articles/1/index.html": "1"})
        store.drop_placed("cdn", [*marks, "never"])
        assert store.placed("cdn") == {"a.rss": "1"}
        assert len(store.placed("hook")) == 1
