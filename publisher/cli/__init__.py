"""The command line: click commands over `publisher.app`, one module for each group of commands.

Serves operators and their scripts. Modules import click and each other only; everything else is
imported inside a command, so that `--help` is quick.
"""
