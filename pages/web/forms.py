"""What small forms of our own pages send."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

from geo.errors import InputError
from geo.i18n import _

LONGEST_FORM_BYTES = 4096
_MOST_FIELDS = 10


async def form_fields(request: Request) -> dict[str, str]:
    """The fields of a small urlencoded form; nobody may make the server keep more than a few kilobytes."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM_BYTES:
            raise InputError(_("提交的内容过长。"))
    try:
        fields = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as fault:
        raise InputError(_("提交的内容无法识别。")) from fault
    return dict(fields)
