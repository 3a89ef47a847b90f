"""Checks resources against the base specification: names, shapes, counts, syntax, codes, references.

Compiles each type's rows into plain dicts once. Profiles and whole-set checks (ids, resolution) are
elsewhere; references found here are handed out through the Run.
"""

import re

from invariants import BASE_RULES
from primitives import ABSOLUTE, CHECKS, ID

REFERENCE = re.compile(
    r"(?:(?P<base>https?://\S+)/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})"
    r"(?:/_history/[A-Za-z0-9\-.]{1,64})?(?:#\S+)?"
)
CONDITIONAL = re.compile(r"(?P<type>[A-Z][A-Za-z]+)\?\S+")
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def is_absent(value):
    """Whether a complex value says by extension why it has no content."""
    found = value.get("extension") if type(value) is dict else None
    return type(found) is list and any(type(e) is dict and e.get("url") == ABSENT for e in found)


class Run:
    """What is gathered while one top-level resource is walked."""

    __slots__ = (
        "who",
        "faults",
        "references",
        "resource",
        "is_contained",
        "contained",
        "nested",
        "extensions",
    )

    def __init__(self, who, resource):
        self.who = who
        self.faults = []
        self.references = []
        self.resource = resource
        self.is_contained = False
        self.contained = {}
        self.nested = []
        self.extensions = []

    def fault(self, path, rule, message):
        self.faults.append((self.who, path, rule, message))


class Prop:
    """A JSON member that a shape allows."""

    __slots__ = ("type", "many", "max", "check", "codes", "targets", "group", "place", "base", "_shape")

    def __init__(self, base, element, type_, group, place):
        self.base = base
        self.type = type_
        self.many = element.max is None or element.max > 1
        self.max = element.max
        self.check = CHECKS.get(type_) if type_ in base.definitions.primitives else None
        self.codes = base.definitions.code_list(element.value_set)
        self.targets = element.targets
        self.group = group
        self.place = place
        self._shape = None

    @property
    def shape(self):
        if self._shape is None:
            self._shape = self.base.shape(self.place)
        return self._shape


class Shape:
    """The members of one complex type, backbone or resource."""

    __slots__ = ("path", "props", "required", "rules", "resource")

    def __init__(self, base, path):
        definitions = base.definitions
        self.path = path
        self.props = {}
        self.required = []
        self.rules = BASE_RULES.get(path, ())
        self.resource = path in definitions.resources
        for element in definitions.children[path]:
            choice = element.name.endswith("[x]")
            keys = []
            types = element.types or [""]
            if element.content or (types[0] in ("BackboneElement", "Element") and not choice):
                place = element.content or element.path
                types = [""]
            else:
                place = None
            for type_ in types:
                key = element.name[:-3] + type_[:1].upper() + type_[1:] if choice else element.name
                group = element.name if choice else None
                self.props[key] = Prop(base, element, type_, group, place or type_)
                keys.append(key)
            if element.min:
                self.required.append((element.name, tuple(keys), tuple("_" + k for k in keys), element.min))


class Base:
    """The compiled base specification."""

    def __init__(self, definitions):
        self.definitions = definitions
        self.shapes = {}
        self.parsed = {}

    def shape(self, path):
        found = self.shapes.get(path)
        if found is None:
            found = self.shapes[path] = Shape(self, path)
        return found

    def resource(self, value, path, run, inside=None):
        """Walks a resource; `inside` is contained or entry for one within another."""
        if type(value) is not dict:
            run.fault(path, "type", "is no JSON object")
            return
        name = value.get("resourceType")
        if type(name) is not str or name not in self.definitions.resources:
            run.fault(path, "type", "has no known resourceType")
            return
        key = value.get("id")
        if key is None:
            if inside != "entry":
                run.fault(path, "id-missing", "has no id")
        elif type(key) is str and not ID.fullmatch(key):
            run.fault(path + ".id", "primitive-syntax", "is no id")
        outer = run.contained
        if inside != "contained":
            run.contained = _contained(value)
        run.nested.append((name, value, path, run.contained))
        self._object(self.shape(name), value, path, run)
        run.contained = outer

    def _object(self, shape, value, path, run):
        if type(value) is not dict:
            run.fault(path, "type", "is no JSON object")
            return
        if not value:
            run.fault(path, "invariant:ele-1", "is an empty object")
        props = shape.props
        groups = None
        for key, member in value.items():
            prop = props.get(key)
            if prop is None:
                self._other(shape, key, member, value, path, run)
                continue
            if prop.group is not None:
                if groups is None:
                    groups = {}
                if groups.setdefault(prop.group, key) != key:
                    run.fault(f"{path}.{key}", "choice", "is a second value of a choice")
            if member is None:
                run.fault(f"{path}.{key}", "type", "is null")
            elif not prop.many:
                if type(member) is list:
                    run.fault(f"{path}.{key}", "list-or-single", "is a list, but at most one is allowed")
                else:
                    self._value(prop, member, f"{path}.{key}", run)
            elif type(member) is not list:
                run.fault(f"{path}.{key}", "list-or-single", "is not a list")
            elif not member:
                run.fault(f"{path}.{key}", "list-or-single", "is an empty list")
            else:
                if prop.max is not None and len(member) > prop.max:
                    run.fault(f"{path}.{key}", "cardinality-max", f"has more than {prop.max}")
                for index, item in enumerate(member):
                    if item is None and prop.check is not None and "_" + key in value:
                        continue
                    self._value(prop, item, f"{path}.{key}[{index}]", run)
        for name, keys, shadows, least in shape.required:
            if not any(k in value for k in keys) and not any(k in value for k in shadows):
                run.fault(f"{path}.{name}", "cardinality-min", f"is missing, {least} required")
        for rule, holds in shape.rules:
            try:
                good = holds(value, run)
            except (AttributeError, TypeError, KeyError, IndexError, ValueError):
                continue  # a wrong type below, which has its own fault
            if not good:
                run.fault(path, "invariant:" + rule, "does not hold")

    def _other(self, shape, key, member, value, path, run):
        """A member that is no element: resourceType, the extension half of a primitive, or unknown."""
        if key == "resourceType" and shape.resource:
            return
        prop = shape.props.get(key[1:]) if key.startswith("_") else None
        if prop is None or prop.check is None:
            run.fault(f"{path}.{key}", "unknown-element", "is no element here")
            return
        halves = member if prop.many else [member]
        if type(halves) is not list or (not prop.many and type(member) is list):
            run.fault(f"{path}.{key}", "list-or-single", "has the wrong shape")
            return
        plain = value.get(key[1:])
        if prop.many and type(plain) is list and len(plain) != len(halves):
            run.fault(f"{path}.{key}", "list-or-single", "is not as long as its values")
        element = self.shape("Element")
        for index, half in enumerate(halves):
            if half is None and prop.many:
                continue
            place = f"{path}.{key}[{index}]" if prop.many else f"{path}.{key}"
            self._object(element, half, place, run)

    def _value(self, prop, value, path, run):
        check = prop.check
        if check is not None:
            wrong = check(value)
            if wrong:
                rule = (
                    "type"
                    if wrong.endswith(("JSON string", "JSON number", "JSON integer", "JSON boolean"))
                    else "primitive-syntax"
                )
                run.fault(path, rule, wrong)
            elif prop.codes is not None and not prop.codes.has_code(value):
                run.fault(path, "binding", f"{value} is not in the required value set")
            return
        kind = prop.type
        if kind == "Resource":
            self.resource(
                value, path, run, "contained" if path.rsplit(".", 1)[1].startswith("contained[") else "entry"
            )
            return
        self._object(prop.shape, value, path, run)
        if type(value) is not dict:
            return
        if kind == "Reference":
            self._reference(prop, value, path, run)
        elif kind == "Extension":
            run.extensions.append((value, path))
        elif prop.codes is not None:
            inside = prop.codes.has_concept if kind == "CodeableConcept" else prop.codes.has_coding
            if not inside(value) and not is_absent(value):
                run.fault(path, "binding", "has no coding of the required value set")

    def parse(self, text):
        """(type or None, key of the target or None, wrong) of a reference's text."""
        found = self.parsed.get(text)
        if found is None:
            match = REFERENCE.fullmatch(text)
            conditional = None if match else CONDITIONAL.fullmatch(text)
            if match:
                name = match["type"]
                known = name in self.definitions.resources
                found = (name, f"{name}/{match['id']}", None if known else "names no resource type")
            elif conditional:
                found = (conditional["type"], text, None)
            elif text.startswith(("urn:uuid:", "urn:oid:")):
                found = (None, text, None)
            elif ABSOLUTE.fullmatch(text):
                found = (None, None, None)
            else:
                found = (None, None, "is no reference")
            self.parsed[text] = found
        return found

    def _reference(self, prop, value, path, run):
        text = value.get("reference")
        said = value.get("type")
        name = None
        if type(text) is str:
            if text.startswith("#"):
                name = run.resource.get("resourceType") if text == "#" else run.contained.get(text[1:])
                if name is None:
                    run.fault(path, "reference-contained", "names no contained resource")
            else:
                name, key, wrong = self.parse(text)
                if wrong:
                    run.fault(path, "reference-syntax", wrong)
                elif key:
                    run.references.append((key, path))
        if type(said) is str:
            if name is not None and said != name:
                run.fault(path, "reference-type", f"says {said} and refers to {name}")
            name = name or said
        if name is not None and prop.targets and name not in prop.targets:
            run.fault(path, "reference-type", f"{name} is not allowed here")


def _contained(value):
    """Type by id of a resource's contained resources."""
    found = value.get("contained")
    if type(found) is not list:
        return {}
    return {
        c["id"]: c["resourceType"]
        for c in found
        if type(c) is dict and type(c.get("id")) is str and type(c.get("resourceType")) is str
    }
