"""Rules as code: what a mail must be to look right, be read aloud and be left again.

Serves `app` through the port Inspector. One package a kind of document, strangers to each other.
The only importer of tinycss2.
"""
