"""A server on loopback that speaks OpenAI's chat interface as its documentation says.

Every request is judged by `chat_request.schema.json`; what is answered is the test's affair.
"""

import json
import threading
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import jsonschema

from tests.serving import serving

SCHEMA = json.loads((Path(__file__).parent / "chat_request.schema.json").read_text("utf-8"))
MODEL = "small-model"
KEY = "sk-test-4711"

Answer = Callable[[BaseHTTPRequestHandler], None]


def said(content, *, status=200, finish="stop", refusal=None, tokens=321, **headers):
    """Return an answer as the documentation has it."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    choice = {"index": 0, "finish_reason": finish, "logprobs": None, "message": message}
    whole = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_795_000_000,
        "model": MODEL,
        "choices": [choice],
        "usage": {"prompt_tokens": tokens - 21, "completion_tokens": 21, "total_tokens": tokens},
    }
    return raw(status, json.dumps(whole).encode(), **headers)


def points(*found, **more):
    """Return an answer with key points."""
    return said(json.dumps({"key_points": list(found)}), **more)


def error(status, code="", message="No.", **headers):
    """Return an error as the documentation has it."""
    body = {"error": {"message": message, "type": "some_error", "param": None, "code": code}}
    return raw(status, json.dumps(body).encode(), **headers)


def raw(status, body=b"", **headers):
    """Return any answer at all."""

    def answer(handler):
        handler.send_response(status)
        named = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        for name, value in {**named, **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


class Model:
    """What was asked; `answers` come one by one, the last one again and again."""

    def __init__(self):
        self.url = ""
        self.answers: list[Answer] = [points()]
        self.asked, self.faults, self.paths, self.keys = [], [], [], []
        self.models = raw(200, json.dumps({"object": "list", "data": [{"id": MODEL}]}).encode())
        self.released = threading.Event()
        self.lock = threading.Lock()

    def take(self, handler, body):
        """Judge a request and return its answer."""
        with self.lock:
            self.paths.append(handler.path)
            self.keys.append(handler.headers.get("Authorization", ""))
            if handler.command == "GET":
                return self.models
            asked = json.loads(body)
            try:
                jsonschema.validate(asked, SCHEMA)
                assert handler.headers["Content-Type"] == "application/json"
                assert handler.path == "/v1/chat/completions"
            except (AssertionError, jsonschema.ValidationError) as fault:
                self.faults.append(fault)
            self.asked.append(asked)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def article(self):
        """Return the article that was asked about last."""
        return json.loads(self.asked[-1]["messages"][-1]["content"])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    here: Model

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        self.here.take(self, self.rfile.read(length))(self)

    do_GET = do_POST  # noqa: N815  the library names it

    def log_message(self, *arguments):
        """Keep quiet."""


@contextmanager
def model():
    """Serve; the address ends in /v1. Requests that do not follow the documentation fail the test."""
    here = Model()
    with serving(type("Handler", (_Handler,), {"here": here})) as url:
        here.url = f"{url}/v1"
        try:
            yield here
        finally:
            here.released.set()
    assert not here.faults, here.faults
