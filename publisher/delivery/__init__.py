"""Adapters that carry messages (transports) and publish documents (outlets), one file each."""
