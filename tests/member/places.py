"""Where a fault can be put into a resource: by the element table and by profile snapshots."""

from snapshots import along


def children(value, path, type_path, table):
    """Every (object, member, element row) below a JSON object, by the element table."""
    stack = [(value, path, type_path)]
    while stack:
        node, place, types = stack.pop()
        rows = {}
        for row in table.get(types, ()):
            if row.name.endswith("[x]"):
                for one in row.types:
                    rows[row.name[:-3] + one[:1].upper() + one[1:]] = (row, one)
            else:
                rows[row.name] = (row, row.types[0] if row.types else "")
        for key, member in node.items():
            if key not in rows:
                continue
            row, one = rows[key]
            yield node, key, row, one, f"{place}.{key}"
            below = row.content or (row.path if one in ("BackboneElement", "Element") else one)
            if one == "Resource":
                continue
            for index, item in enumerate(member if type(member) is list else [member]):
                if type(item) is dict:
                    stack.append((item, f"{place}.{key}[{index}]", below))


def us_core_provider(value):
    named = str(value.get("meta", {}).get("profile"))
    return "us-core-organization" in named or "us-core-practitioner'" in named


def is_member(key, name):
    if name.endswith("[x]"):
        stem = name[:-3]
        return key.startswith(stem) and key[len(stem) : len(stem) + 1].isupper()
    return key == name


def parents(value, names):
    found = [value] if len(names) == 1 else along(value, names[:-1])
    return [p for p in found if type(p) is dict]


def fixed_value(element):
    for key, wanted in element.items():
        if key.startswith(("fixed", "pattern")):
            return wanted
    return None


def holds(wanted, value):
    if type(wanted) is dict:
        return type(value) is dict and all(k in value and holds(w, value[k]) for k, w in wanted.items())
    if type(wanted) is list:
        return type(value) is list and all(any(holds(w, v) for v in value) for w in wanted)
    return wanted == value


def other(value):
    """Another value of the same shape."""
    if type(value) is bool:
        return not value
    if type(value) is str:
        return value + "x"
    if type(value) is list:
        return [other(v) for v in value]
    if type(value) is dict:
        return {k: other(v) for k, v in value.items()}
    return value


def codes_of(value):
    """The codings of a concept, a coding or a list of them; for a code something true."""
    found = []
    for one in value if type(value) is list else [value]:
        if type(one) is str:
            found.append(one)
        elif type(one) is dict and "coding" in one:
            found.extend(one["coding"])
        elif type(one) is dict and "code" in one and "reference" not in one:
            found.append(one)
    return found


def extension_urls(value, definitions):
    """(extension, member) of simple extensions whose definition the pack has and that allow no integer."""
    for node in value.get("extension", []):
        if definitions.profile(node.get("url", "")) is not None:
            for key in node:
                if key.startswith("value") and key != "valueInteger":
                    yield node, key
