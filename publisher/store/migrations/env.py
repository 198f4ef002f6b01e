"""Alembic's entry: runs revisions on the connection, and inside the transaction, it is handed."""

from alembic import context

from publisher.store import hub_schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=hub_schema.topic.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
