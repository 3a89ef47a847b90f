"""The tree of a compiled profile, and how a value is checked against it.

Only what a profile adds to the base specification is kept: a node without any such rule is dropped.
Slices are told apart by fixed value, pattern, type, extension URL or, where a slice has only these, by
the codes of its required binding.
"""

from definitions import FHIRPATH_STRING
from structure import is_absent


def fixed_or_pattern(element):
    for key, value in element.items():
        if key.startswith("fixed"):
            return "fixed", value
        if key.startswith("pattern"):
            return "pattern", value
    return None, None


def matches(pattern, value):
    """Whether a value holds at least what a pattern holds."""
    if type(pattern) is dict:
        return type(value) is dict and all(k in value and matches(p, value[k]) for k, p in pattern.items())
    if type(pattern) is list:
        return type(value) is list and all(any(matches(p, v) for v in value) for p in pattern)
    return type(pattern) is type(value) and pattern == value


class Item:
    """One value of an element: the value, the extension half of a primitive, where, and its type."""

    __slots__ = ("value", "half", "path", "type")

    def __init__(self, value, half, path, type_):
        self.value, self.half, self.path, self.type = value, half, path, type_


class Node:
    """An element of a profile, or a slice of one."""

    def __init__(self, owner, element):
        self.owner = owner
        self.id = element["id"]
        self.slice = element.get("sliceName") if ":" in self.id.rsplit(".", 1)[-1] else None
        self.name = element["path"].rsplit(".", 1)[-1]
        self.min = element.get("min", 0)
        self.max = None if element.get("max", "*") == "*" else int(element["max"])
        base = element.get("base", {})
        self.loose = self.slice is not None or (
            self.min <= base.get("min", 0) and element.get("max") == base.get("max")
        )
        self.kind, self.wanted = fixed_or_pattern(element)
        types = [t for t in element.get("type", []) if t["code"] != FHIRPATH_STRING]
        self.types = frozenset(t["code"] for t in types)
        self.extension_urls = [
            p.split("|")[0] for t in types if t["code"] == "Extension" for p in t.get("profile", [])
        ]
        self.simple = any(
            "SimpleQuantity" in p for t in types if t["code"] == "Quantity" for p in t.get("profile", [])
        )
        self.targets = owner.targets(types)
        self.choices = owner.choices(base.get("path", "")) if self.name.endswith("[x]") else None
        if self.choices and self.types >= set(self.choices.values()):
            self.types = frozenset()
        binding = element.get("binding", {})
        required = binding.get("strength") == "required"
        self.codes = owner.definitions.code_list(binding.get("valueSet", "")) if required else None
        if required and self.codes is None:
            owner.open_bindings.add(binding.get("valueSet", "").split("|")[0])
        self.rules = owner.rules(element)
        self.slicing = element.get("slicing")
        self.children = {}
        self.slices = []
        self.tests = None

    def interesting(self):
        """Whether the node adds anything to the base; drops what does not."""
        self.children = {n: c for n, c in self.children.items() if c.interesting()}
        closed = self.slicing is not None and self.slicing.get("rules") == "closed"
        kept = [s for s in self.slices if s.interesting() or closed]
        self.slices = kept
        own = self.kind or self.codes or self.rules or self.simple or self.targets
        counts = (self.min or self.max is not None) if self.slice else not self.loose
        narrowed = bool(self.choices and self.types)
        return bool(own or counts or narrowed or self.children or self.slices)

    def items(self, value, path):
        """The values of this element in its parent's JSON object."""
        if self.choices is not None:
            found = []
            for key, type_ in self.choices.items():
                if key in value or "_" + key in value:
                    found.append(Item(value.get(key), value.get("_" + key), f"{path}.{key}", type_))
            return found
        plain, half = value.get(self.name), value.get("_" + self.name)
        if type(plain) is list or type(half) is list:
            plain = plain if type(plain) is list else []
            half = half if type(half) is list else []
            return [
                Item(
                    plain[i] if i < len(plain) else None,
                    half[i] if i < len(half) else None,
                    f"{path}.{self.name}[{i}]",
                    None,
                )
                for i in range(max(len(plain), len(half)))
            ]
        if plain is None and half is None:
            return []
        return [Item(plain, half, f"{path}.{self.name}", None)]

    def check(self, value, path, run, tag):
        items = self.items(value, path)
        if not self.loose:
            self._count(len(items), f"{path}.{self.name}", run, tag)
        for item in items:
            self.check_item(item, run, tag)
        if self.slices:
            self._check_slices(items, path, run, tag)

    def _count(self, count, path, run, tag):
        if count < self.min:
            run.fault(path, "cardinality-min", f"has {count}, {tag} requires {self.min}")
        elif self.max is not None and count > self.max:
            run.fault(path, "cardinality-max", f"has {count}, {tag} allows {self.max}")

    def _check_slices(self, items, path, run, tag):
        counts = [0] * len(self.slices)
        closed = self.slicing is not None and self.slicing.get("rules") == "closed"
        for item in items:
            for index, part in enumerate(self.slices):
                if part.tests is not None and all(test(item) for test in part.tests):
                    counts[index] += 1
                    part.check_item(item, run, tag)
                    break
            else:
                if closed:
                    run.fault(item.path, "slice-closed", f"is none of the slices of {tag}")
        for count, part in zip(counts, self.slices):
            if part.tests is None:
                continue
            if count < part.min:
                run.fault(
                    f"{path}.{self.name}:{part.slice}", "slice-min", f"has {count}, {tag} requires {part.min}"
                )
            elif part.max is not None and count > part.max:
                run.fault(
                    f"{path}.{self.name}:{part.slice}", "slice-max", f"has {count}, {tag} allows {part.max}"
                )

    def check_item(self, item, run, tag):
        value = item.value
        if item.type is not None and self.types and item.type not in self.types:
            run.fault(
                item.path, "profile-type", f"is {item.type}, {tag} allows {'|'.join(sorted(self.types))}"
            )
            return
        if value is None:
            for child in self.children.values():
                if child.name == "extension" and type(item.half) is dict:
                    child.check(item.half, item.path, run, tag)
            return
        if self.kind == "fixed":
            if value != self.wanted or type(value) is not type(self.wanted):
                run.fault(item.path, "fixed", f"is not the value that {tag} fixes")
        elif self.kind == "pattern" and not matches(self.wanted, value):
            run.fault(item.path, "pattern", f"does not match the pattern of {tag}")
        if self.codes is not None and not self._coded(value) and not is_absent(value):
            if type(value) in (dict, str) and (type(value) is str or self._concept(value)):
                run.fault(item.path, "binding", f"has no code of the value set that {tag} requires")
        if type(value) is not dict:
            self._rules(value, item, run)
            for child in self.children.values():
                if child.name == "extension" and (child.min or any(s.min for s in child.slices)):
                    child.check(item.half if type(item.half) is dict else {}, item.path, run, tag)
            return
        if self.simple and "comparator" in value:
            run.fault(item.path, "invariant:sqty-1", "has a comparator")
        if self.targets is not None and item.type in (None, "Reference"):
            self._target(value, item.path, run, tag)
        self._rules(value, item, run)
        for child in self.children.values():
            child.check(value, item.path, run, tag)

    def _rules(self, value, item, run):
        for rule, holds in self.rules:
            try:
                good = holds(value, run, item.type)
            except (AttributeError, TypeError, KeyError, IndexError, ValueError):
                continue
            if not good:
                run.fault(item.path, "invariant:" + rule, "does not hold")

    def _concept(self, value):
        """Whether a binding is about this kind of value: not a Reference beside a CodeableConcept."""
        return "reference" not in value or "coding" in value

    def _coded(self, value):
        if type(value) is str:
            return self.codes.has_code(value)
        if type(value) is dict and "coding" not in value and "code" in value:
            return self.codes.has_coding(value) or self.codes.has_code(value["code"])
        return self.codes.has_concept(value)

    def _target(self, value, path, run, tag):
        text = value.get("reference")
        if type(text) is not str:
            name = value.get("type")
        elif text.startswith("#"):
            name = run.contained.get(text[1:])
        else:
            name = self.owner.base.parse(text)[0]
        if name is not None and name not in self.targets:
            run.fault(path, "reference-type", f"{name} is no target that {tag} allows")
