"""Alembic's entry: runs revisions on the connection, and inside the transaction, it is handed."""

from alembic import context

from publisher.store.schema import WHOLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=WHOLE,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
