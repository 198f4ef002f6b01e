"""The chat interface of OpenAI, which many servers speak: what is asked, and what is answered.

Serves whoever asks a language model. Pure. Servers differ in which form of an answer they can be held
to: first a JSON schema is asked for, then any JSON object, then plain text that is said to be JSON. An
answer is a stranger's: nothing of it is believed, and nothing but strings is taken from it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from publisher.errors import ModelError, ModelRefused

PATH = "/chat/completions"
FORMS = 4
"""How many ways there are to ask."""

MOST = 50
"""Items of a list that are looked at."""

_SCHEMA = {
    "type": "object",
    "properties": {"key_points": {"type": "array", "items": {"type": "string"}}},
    "required": ["key_points"],
    "additionalProperties": False,
}
_STRICT = {
    "type": "json_schema",
    "json_schema": {"name": "key_points", "strict": True, "schema": _SCHEMA},
}
_OBJECT = {"type": "json_object"}

_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```(?:json)?\s*(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE)
_ABOUT_FORM = re.compile(rb"response_format|json_schema|json_object|max_(?:completion_)?tokens")
_ABOUT_LENGTH = re.compile(
    rb"context.{0,20}(?:length|window|size)|too long|too large|too many tokens"
)
_CODE = re.compile(r"[a-z][a-z0-9_]{1,40}")
_MAY_BE_FORM = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.NOT_IMPLEMENTED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was answered: texts, not looked at yet, and how many tokens that took (0: unsaid)."""

    points: tuple[str, ...]
    tokens: int


def base_of(url: str) -> str:
    """Return the address that paths are added to; some write the whole one."""
    return url.rstrip("/").removesuffix(PATH).rstrip("/")


def question(model: str, orders: str, article: Mapping[str, str], form: int, most: int) -> bytes:
    """Return a request's body: one of the FORMS, with an answer of at most `most` tokens.

    The article is quoted as JSON, so that nothing in it ends it.
    """
    said = json.dumps(article, ensure_ascii=False)
    asked: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "system", "content": orders}, {"role": "user", "content": said}],
        "stream": False,
    }
    shapes: tuple[dict[str, Any], ...] = (
        {"response_format": _STRICT, "max_completion_tokens": most},
        {"response_format": _OBJECT, "max_tokens": most},
        {"max_tokens": most},
        {},
    )
    return json.dumps(asked | shapes[form], ensure_ascii=False).encode("utf-8", "replace")


def minds_form(status: int, body: bytes) -> bool:
    """Tell whether a server may have refused a question for its form alone.

    Some answer 500 where they mean 400, and name what they do not know.
    """
    if _ABOUT_LENGTH.search(body) and not _ABOUT_FORM.search(body):
        return False
    return status in _MAY_BE_FORM or (
        status == HTTPStatus.INTERNAL_SERVER_ERROR and _ABOUT_FORM.search(body) is not None
    )


def code_of(body: bytes) -> str:
    """Return the code of an error, "" without one; its words may hold anything, and stay unread."""
    error = _object(body).get("error")
    codes = (error.get("code"), error.get("type")) if isinstance(error, Mapping) else ()
    return next((one for one in codes if isinstance(one, str) and _CODE.fullmatch(one)), "")


def models_of(body: bytes) -> Sequence[str]:
    """Return the names that a list of models has."""
    listed = _object(body).get("data")
    found = listed if isinstance(listed, list) else []
    names = (one.get("id") for one in found if isinstance(one, Mapping))
    return [name for name in names if isinstance(name, str)]


def answered(host: str, body: bytes) -> Said:
    """Read an answer's body. Raises ModelRefused, ModelError for what is none."""
    if body.lstrip().startswith(b"data:"):
        raise ModelError(host, "answers in a stream, which nobody asked for")
    known = _object(body)
    choices = known.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
        raise ModelError(host, "answers without any choice" if known else "answers no JSON")
    content = _content(host, choices[0])
    usage = known.get("usage")
    tokens = usage.get("total_tokens") if isinstance(usage, Mapping) else 0
    counted = tokens if isinstance(tokens, int) and 0 <= tokens < 10**7 else 0
    return Said(points=_points(host, content), tokens=counted)


def _content(host: str, choice: Mapping[str, Any]) -> str:
    """Return what a choice says. Raises ModelRefused, ModelError."""
    message = choice.get("message")
    said: Mapping[str, Any] = message if isinstance(message, Mapping) else {}
    if said.get("refusal"):
        raise ModelRefused(host, "refuses this article")
    if choice.get("finish_reason") == "content_filter":
        raise ModelRefused(host, "filters what it would say of this article")
    if choice.get("finish_reason") == "length":
        raise ModelError(host, "was cut off before its end")
    content = said.get("content")
    if isinstance(content, list):  # parts, as some servers answer
        parts = (one.get("text") for one in content if isinstance(one, Mapping))
        content = "".join(one for one in parts if isinstance(one, str))
    if not isinstance(content, str) or not content.strip():
        raise ModelError(host, "answers nothing")
    return content


def _points(host: str, content: str) -> tuple[str, ...]:
    """Return the list that stands in a text. Raises ModelError."""
    bare = _THOUGHT.sub("", content).strip()
    fenced = _FENCE.search(bare)
    found = _json((fenced[1] if fenced else bare).strip())
    if isinstance(found, Mapping):
        lists = [value for value in found.values() if isinstance(value, list)]
        found = found.get("key_points", lists[0] if len(lists) == 1 else None)
    if not isinstance(found, list) or not found:
        raise ModelError(host, "answers without a list of key points")
    if not all(isinstance(one, str) for one in found[:MOST]):
        raise ModelError(host, "answers key points that are no text")
    return tuple(found[:MOST])


def _json(text: str) -> object:
    """Return the JSON that a text is, or begins with after some words; None without any."""
    places = (place for place in (text.find("{"), text.find("[")) if place >= 0)
    try:
        return json.JSONDecoder().raw_decode(text, min(places, default=0))[0]
    except (ValueError, RecursionError):
        return None


def _object(body: bytes) -> Mapping[str, Any]:
    """Return a body as a JSON object, an empty one when it is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}
