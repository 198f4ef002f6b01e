"""Rules as code: what mails and feed documents must be, to be read and to be right.

Serves `app` through the ports Inspector and Judge. One package a kind of document, strangers to each other.
The only importer of tinycss2.
"""
