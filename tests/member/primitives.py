"""Syntax of the R4 primitive types in JSON (https://hl7.org/fhir/R4/datatypes.html).

A check takes a JSON value and gives None, or a few words on what is wrong.
"""

import base64
import binascii
import re
from datetime import date

YEAR = r"([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)"
DAY = r"(0[1-9]|1[0-2])-(0[1-9]|[1-2][0-9]|3[0-1])"
CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
ZONE = r"(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"

DATE = re.compile(rf"{YEAR}(-(0[1-9]|1[0-2])(-(0[1-9]|[1-2][0-9]|3[0-1]))?)?")
DATE_TIME = re.compile(rf"{YEAR}(-(0[1-9]|1[0-2])(-(0[1-9]|[1-2][0-9]|3[0-1])(T{CLOCK}{ZONE})?)?)?")
INSTANT = re.compile(rf"{YEAR}-{DAY}T{CLOCK}{ZONE}")
TIME = re.compile(CLOCK)
CODE = re.compile(r"[^\s]+(\s[^\s]+)*")
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
OID = re.compile(r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+")
UUID = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
URI = re.compile(r"\S+")
ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*:\S+")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
STRING_LIMIT = 1024 * 1024
INT_LIMIT = 2**31 - 1


def _text(value):
    if type(value) is not str:
        return "is not a JSON string"
    if not value or value.isspace():
        return "is an empty string"
    if CONTROL.search(value):
        return "has a control character"
    return "is longer than 1 MB" if len(value) > STRING_LIMIT else None


def _pattern(pattern, what):
    match = pattern.fullmatch

    def check(value):
        if type(value) is not str:
            return "is not a JSON string"
        return None if match(value) else "is no " + what

    return check


def _real_day(pattern, what):
    match = pattern.fullmatch

    def check(value):
        if type(value) is not str:
            return "is not a JSON string"
        if not match(value):
            return "is no " + what
        if len(value) >= 10:
            try:
                date(int(value[:4]), int(value[5:7]), int(value[8:10]))
            except ValueError:
                return "is a day that does not exist"
        return None

    return check


def _integer(low):
    def check(value):
        if type(value) is not int:
            return "is no JSON integer"
        return None if low <= value <= INT_LIMIT else "is out of range"

    return check


def _decimal(value):
    return None if type(value) in (int, float) else "is no JSON number"


def _boolean(value):
    return None if type(value) is bool else "is no JSON boolean"


def _base64(value):
    if type(value) is not str:
        return "is not a JSON string"
    try:
        base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return "is no base64"
    return None


def _xhtml(value):
    wrong = _text(value) if type(value) is not str or not value else None
    if wrong:
        return wrong
    text = value.strip()
    if not text.startswith("<div") or not text.endswith("</div>"):
        return "is no div element"
    return "has active content" if re.search(r"<(script|form|iframe|object)\b", text, re.I) else None


CHECKS = {
    "string": _text,
    "markdown": _text,
    "code": _pattern(CODE, "code"),
    "id": _pattern(ID, "id"),
    "oid": _pattern(OID, "oid"),
    "uuid": _pattern(UUID, "uuid"),
    "uri": _pattern(URI, "uri"),
    "url": _pattern(URI, "url"),
    "canonical": _pattern(URI, "canonical"),
    "date": _real_day(DATE, "date"),
    "dateTime": _real_day(DATE_TIME, "dateTime"),
    "instant": _real_day(INSTANT, "instant"),
    "time": _pattern(TIME, "time"),
    "boolean": _boolean,
    "integer": _integer(-INT_LIMIT - 1),
    "unsignedInt": _integer(0),
    "positiveInt": _integer(1),
    "decimal": _decimal,
    "base64Binary": _base64,
    "xhtml": _xhtml,
}
