"""Fakes and contract suites, shipped so that adapters elsewhere inherit the same tests."""
