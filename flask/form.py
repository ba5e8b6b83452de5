"""The fields of a form (multipart/form-data, RFC 7578), found in one look at its body.

Werkzeug's own parser takes seconds for a file name of some megabytes, reads a bare line feed as the
end of a line, and writes larger files to the disk.
"""

from __future__ import annotations

from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.http import parse_options_header

MAX_FIELDS = 100  # the app reads one
# Bytes of what stands before the fields' contents, all together: names of files have up to 255
# characters, which percent-encoded are 2,300 bytes. To make out so many takes 12 ms.
MAX_HEADS = 16_384


def read(body: bytes, boundary: str) -> dict[str, bytes]:
    """Returns what each field holds, by its name; of several with one name, the first.

    Raises:
        BadRequest: it is no form.
        RequestEntityTooLarge: it has more than MAX_FIELDS fields.
    """
    delimiter = b"--" + boundary.encode("latin-1", "replace")
    body = body.removeprefix(b"\r\n")  # some begin with an empty line
    if not boundary or not body.startswith(delimiter):
        raise BadRequest(
            "Expected a form that begins with the boundary that its Content-Type names, "
            "received another beginning."
        )
    fields: dict[str, bytes] = {}
    heads = 0
    parts = body[len(delimiter) :].split(b"\r\n" + delimiter, MAX_FIELDS + 1)
    for part in parts[: MAX_FIELDS + 1]:
        if part.startswith(b"--"):
            return fields
        head, blank, content = part.partition(b"\r\n\r\n")
        if not blank:
            raise BadRequest("Expected a form of fields, received a part without a head.")
        heads += len(head)
        if heads > MAX_HEADS:
            raise BadRequest(
                f"Expected a form with at most {MAX_HEADS:,} bytes before its fields' contents, "
                "received more."
            )
        fields.setdefault(_name(head), content)
    if len(parts) > MAX_FIELDS:
        raise RequestEntityTooLarge
    raise BadRequest("Expected a form that ends with its boundary, received another end.")


def _name(head: bytes) -> str:
    for line in head.decode(errors="replace").split("\r\n"):
        header, _, value = line.partition(":")
        if header.lower() == "content-disposition":
            return parse_options_header(value)[1].get("name", "")
    return ""
