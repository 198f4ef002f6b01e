"""The web pages: what `publish` wrote, editions online, and the pages behind links in mails.

Serves readers and their programs. The only importer of the web framework and of the server; built
on the same use-cases as the command line. No GET changes anything (promise 7).
"""
