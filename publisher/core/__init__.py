"""The use-cases, one verb a file: decisions are pure functions, input and output stand around them.

Only `ports`, `model` and `errors` may be imported here.
"""
