"""Reads resources from NDJSON and from JSON files, plain or gzip; a Bundle in a .json file is unpacked."""

import gzip
import json
import sys

SEPARATE = ("collection", "searchset", "transaction", "batch", "history")


class Twice(ValueError):
    """A member name, the text of the error, occurs twice in one JSON object."""


def _object(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise Twice(next(n for n in names if names.count(n) > 1))
    return found


def decode(line):
    """One JSON value; raises ValueError also for a repeated member."""
    return json.loads(line, object_pairs_hook=_object)


def _open(path):
    if path == "-":
        return sys.stdin.buffer
    return gzip.open(path, "rb") if path.endswith(".gz") else open(path, "rb")


def lines(path):
    """The resources of a file, each as the bytes of one JSON value."""
    with _open(path) as source:
        if path.removesuffix(".gz").endswith(".json"):
            yield from _whole(source.read())
            return
        for line in source:
            if line.strip():
                yield line


def _whole(data):
    try:
        value = json.loads(data)
    except ValueError:
        yield data
        return
    if type(value) is dict and value.get("resourceType") == "Bundle" and value.get("type") in SEPARATE:
        for entry in value.get("entry", []):
            if "resource" in entry:
                yield json.dumps(entry["resource"]).encode()
    else:
        yield data


def chunks(paths, size):
    """(path, list of lines) in groups of at most `size`."""
    for path in paths:
        group = []
        for line in lines(path):
            group.append(line)
            if len(group) == size:
                yield path, group
                group = []
        if group:
            yield path, group
