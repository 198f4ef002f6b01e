"""Where articles come from: one file per source type; they know nothing of each other."""
