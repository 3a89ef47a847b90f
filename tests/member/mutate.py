"""Single faults for a conforming resource, each certain to break a rule of R4 or of a profile it names.

The places for a fault come from the element table and the profile snapshots themselves, read here anew
and not through the checker's compiled trees, so that a rule lost in compiling is a fault missed.
"""

from places import (
    children,
    codes_of,
    extension_urls,
    fixed_value,
    holds,
    is_member,
    other,
    parents,
    us_core_provider,
)
from snapshots import along

NPI = "http://hl7.org/fhir/sid/us-npi"
KINDS = (
    "required removed",
    "list too long",
    "fixed changed",
    "code not in binding",
    "reference dangling",
    "wrong type",
    "unknown element",
    "list or single",
    "slice broken",
    "invariant broken",
)


class Mutator:
    def __init__(self, checker, random):
        self.definitions = checker.definitions
        self.random = random

    def apply(self, kind, value):
        """Breaks `value` in place; what was done, or None where this kind has no place in it."""
        made = getattr(self, "_" + kind.replace(" ", "_"))(value)
        return made

    def _places(self, value):
        return list(children(value, value["resourceType"], value["resourceType"], self.definitions.children))

    def _pick(self, found):
        return self.random.choice(found) if found else None

    def _snapshot(self, value):
        """The element definitions of one profile that the resource names and the pack has."""
        known = [p for p in value.get("meta", {}).get("profile", []) if self.definitions.profile(p)]
        if not known:
            return []
        return self.definitions.profile(self.random.choice(known))["snapshot"]["element"]

    def _required_removed(self, value):
        """Takes away an element with min 1: of the base, or one that a profile requires."""
        if self.random.random() < 0.5:
            found = [p for p in self._places(value) if p[2].min]
            picked = self._pick(found)
            if picked is None:
                return None
            node, key = picked[0], picked[1]
            del node[key]
            node.pop("_" + key, None)
            return picked[4]
        found = []
        for element in self._snapshot(value):
            if element["min"] == 0 or ":" in element["id"] or "." not in element["id"]:
                continue
            if ".meta" in element["path"]:
                continue  # without it no profile is named, and none is checked
            names = element["path"].split(".")[1:]
            for parent in [value] if len(names) == 1 else along(value, names[:-1]):
                if type(parent) is dict:
                    keys = [k for k in parent if is_member(k, names[-1])]
                    if keys:
                        found.append((parent, keys, element["id"]))
        picked = self._pick(found)
        if picked is None:
            return None
        for key in picked[1]:
            del picked[0][key]
        return picked[2]

    def _list_too_long(self, value):
        """Doubles an item of a list for which a profile has max 1."""
        found = []
        for element in self._snapshot(value):
            if element["max"] != "1" or element.get("base", {}).get("max") == "1":
                continue
            if "." in element["id"] and ":" not in element["id"]:
                names = element["path"].split(".")[1:]
                found.extend(
                    (p, names[-1], 0, element["id"]) for p in parents(value, names) if p.get(names[-1])
                )
        for items, parent, name, root, _ in self._slices(value):
            if root["max"] == "1":
                found.append((parent, name, parent[name].index(items[0]), root["id"]))
        picked = self._pick([f for f in found if type(f[0].get(f[1])) is list])
        if picked is None:
            return None
        parent, name, index, what = picked
        parent[name].append(parent[name][index])
        return what

    def _slices(self, value):
        """(items, parent, member, slice element, elements below it) of slices told apart by a pattern."""
        elements = self._snapshot(value)
        for root in elements:
            if not root.get("sliceName") or root["id"].count(":") != 1:
                continue
            below = [
                e
                for e in elements
                if e["id"].startswith(root["id"] + ".") and ":" not in e["id"][len(root["id"]) :]
            ]
            marks = [([], fixed_value(root))] if fixed_value(root) is not None else []
            for element in below:
                names = element["id"][len(root["id"]) + 1 :].split(".")
                if fixed_value(element) is not None and names[0] in (
                    "category",
                    "type",
                    "code",
                    "coding",
                    "system",
                ):
                    marks.append((names, fixed_value(element)))
            names = root["path"].split(".")[1:]
            for parent in parents(value, names):
                listed = parent.get(names[-1])
                items = [
                    item
                    for item in (listed if type(listed) is list else [])
                    if marks and all(any(holds(w, v) for v in along(item, n)) for n, w in marks)
                ]
                if items:
                    yield items, parent, names[-1], root, below

    def _slice_broken(self, value):
        """A required slice taken away, or a required or fixed element within a slice."""
        found = []
        for items, parent, name, root, below in self._slices(value):
            if root["min"]:
                found.append((parent, name, items, root["id"]))
            for element in below:
                names = element["id"][len(root["id"]) + 1 :].split(".")
                if element["min"] and type(items[0]) is dict:
                    holders = [items[0]] if len(names) == 1 else along(items[0], names[:-1])
                    for holder in holders:
                        keys = [k for k in holder if is_member(k, names[-1])] if type(holder) is dict else []
                        if keys and not self._marks(root, names):
                            found.append((holder, keys, None, element["id"]))
        picked = self._pick(found)
        if picked is None:
            return None
        holder, name, items, what = picked
        if items is None:
            for key in name:
                del holder[key]
        else:
            holder[name] = [x for x in holder[name] if x not in items]
        return what

    def _marks(self, root, names):
        """Whether an element of a slice is what tells it from others: without it the item is in no slice."""
        return names[0] in ("category", "type", "code", "coding", "system", "url") and not root["min"]

    def _invariant_broken(self, value):
        """A rule of a datatype that no count or syntax covers."""
        found = []
        for node, key, row, one, place in self._places(value):
            item = node[key][0] if type(node[key]) is list else node[key]
            if one in ("Period", "Quantity", "Reference", "Attachment", "ContactPoint", "Identifier"):
                found.append((item, one, place))
        picked = self._pick(found)
        if picked is None:
            return None
        item, one, place = picked
        if one == "Period":
            item["start"], item["end"] = "2024-05-02", "2024-05-01"
        elif one == "Quantity":
            item.pop("system", None)
            item["code"] = "mg"
        elif one == "Reference":
            item.clear()
        elif one == "Attachment":
            item.pop("contentType", None)
            item["data"] = "YQ=="
        elif one == "ContactPoint":
            item.pop("system", None)
            item["value"] = "5"
        elif item.get("system") != NPI or len(item["value"]) != 10 or not us_core_provider(value):
            return None
        else:
            item["value"] = item["value"][:9] + str((int(item["value"][9]) + 1) % 10)
        return place

    def _fixed_changed(self, value):
        """Changes a value that a profile gives as fixed[x] or pattern[x], outside of slices."""
        found = []
        for element in self._snapshot(value):
            wanted = fixed_value(element)
            if wanted is None or ":" in element["id"] or "." not in element["id"]:
                continue
            names = element["path"].split(".")[1:]
            for parent in parents(value, names):
                for key in [k for k in parent if is_member(k, names[-1])]:
                    found.append((parent, key, element["id"]))
        for parent, key in extension_urls(value, self.definitions):
            found.append((parent, key, "extension type"))
        picked = self._pick(found)
        if picked is None:
            return None
        parent, key, what = picked
        if what == "extension type":
            del parent[key]
            parent["valueInteger"] = 7
            return what
        parent[key] = other(parent[key])
        return what

    def _code_not_in_binding(self, value):
        """A code outside of a required value set whose codes are known."""
        found = []
        for node, key, row, one, place in self._places(value):
            if row.value_set in self.definitions.codes and one in ("code", "CodeableConcept", "Coding"):
                found.append((node, key, place))
        for element in self._snapshot(value):
            binding = element.get("binding", {})
            known = binding.get("valueSet", "").split("|")[0] in self.definitions.codes
            if binding.get("strength") != "required" or not known or ":" in element["id"]:
                continue
            names = element["path"].split(".")[1:]
            for parent in parents(value, names) if names else ():
                found.extend(
                    (parent, k, element["id"]) for k in parent if is_member(k, names[-1]) and k[:1] != "_"
                )
        found = [f for f in found if codes_of(f[0][f[1]])]
        picked = self._pick(found)
        if picked is None:
            return None
        node, key, place = picked
        if type(node[key]) is str:
            node[key] = "no-such-code"
        elif type(node[key]) is list and type(node[key][0]) is str:
            node[key][0] = "no-such-code"
        else:
            for coding in codes_of(node[key]):
                coding["code"] = "no-such-code"
        return place

    def _reference_dangling(self, value):
        picked = self._pick(
            [
                p
                for p in self._places(value)
                if p[3] == "string" and p[1] == "reference" and "/" in str(p[0][p[1]])
            ]
        )
        if picked is None:
            return None
        node, key = picked[0], picked[1]
        if self.random.random() < 0.3:
            node[key] = "#no-such-contained"
        else:
            node[key] = node[key].split("/_history")[0].rsplit("/", 1)[0] + "/no-such-resource"
        return picked[4]

    def _wrong_type(self, value):
        """A primitive of another JSON type or without its syntax, or a reference to a wrong type."""
        plain = {
            "date": "2024-02-30",
            "dateTime": "2024-13-01",
            "instant": "2024-01-01",
            "boolean": "true",
            "integer": 1.5,
            "positiveInt": 0,
            "unsignedInt": -1,
            "decimal": "12.50",
            "code": " a b ",
            "uri": "a b",
            "canonical": "a b",
            "url": "a b",
            "base64Binary": "*",
            "time": "25:00:00",
            "string": 5,
            "markdown": 5,
            "id": "a_b",
            "xhtml": "<p>x</p>",
        }
        found = [p for p in self._places(value) if p[3] in plain]
        found += [p for p in self._places(value) if p[3] == "Reference" and p[2].targets]
        picked = self._pick(found)
        if picked is None:
            return None
        node, key, row, one, place = picked
        wrong = plain.get(one)
        if one == "Reference":
            first = node[key][0] if type(node[key]) is list else node[key]
            first.pop("type", None)
            first["reference"] = "TestScript/a"
        elif type(node[key]) is list:
            node[key][0] = wrong
        else:
            node[key] = wrong
        return place

    def _unknown_element(self, value):
        objects = [value] + [
            item
            for node, key, *_ in self._places(value)
            for item in (node[key] if type(node[key]) is list else [node[key]])
            if type(item) is dict and "resourceType" not in item
        ]
        node = self.random.choice(objects)
        name = self.random.choice(("valueNothing", "stop", "colour", "_colour", "resourceId"))
        if name in node:
            return None
        node[name] = "x"
        return name

    def _list_or_single(self, value):
        picked = self._pick(self._places(value))
        if picked is None:
            return None
        node, key = picked[0], picked[1]
        node[key] = node[key][0] if type(node[key]) is list else [node[key]]
        return picked[4]
