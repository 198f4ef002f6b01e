"""The composition root: the only place that knows concrete classes.

Serves the command line, the web pages and the scheduler. `parts` opens what a publication is made
of, `app` puts use-cases over it, `actions` is what schedules do, `sending` carries what is due.
"""

from publisher.app.app import App

__all__ = ["App"]
