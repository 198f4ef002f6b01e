"""What stands at each outlet besides the output folder: table `placed`; serves core.mirroring."""

from collections.abc import Collection, Mapping

from sqlalchemy import delete, select

from publisher.store.database import Part, chunks
from publisher.store.document_tables import placed


class PlacementVerbs(Part):
    """Documents at outlets, by path."""

    def placed(self, outlet: str) -> Mapping[str, str]:
        """Return the mark of every document that stands at an outlet, by path."""
        wanted = select(placed.c.path, placed.c.mark).where(placed.c.outlet == outlet)
        with self._db.read() as tx:
            return {row.path: row.mark for row in tx.execute(wanted)}

    def record_placed(self, outlet: str, marks: Mapping[str, str]) -> None:
        """Remember documents that were brought to an outlet."""
        if not marks:
            return
        insert = self._db.insert(placed)
        upsert = insert.on_conflict_do_update(
            index_elements=["outlet", "path"], set_={"mark": insert.excluded.mark}
        )
        rows = [{"outlet": outlet, "path": path, "mark": mark} for path, mark in marks.items()]
        with self._db.write() as tx:
            tx.execute(upsert, rows)

    def drop_placed(self, outlet: str, paths: Collection[str]) -> None:
        """Forget documents that were taken away from an outlet."""
        with self._db.write() as tx:
            for part in chunks(paths):
                here = (placed.c.outlet == outlet, placed.c.path.in_(part))
                tx.execute(delete(placed).where(*here))
