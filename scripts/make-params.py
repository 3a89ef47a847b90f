#!/usr/bin/env python3
"""Writes core/src/index/params.tsv from the published definitions in ../shared/fhir/definitions.

Search parameters of R4 and of the implementation guides become one row per (base type, code).
Each FHIRPath expression is cut down to its arms for that type and resolved with elements.tsv, so
that a row holds JSON member names and the type of the element at their end. `--check` compares
with the committed table and writes nothing. The format is described in core/src/index/params.rs.
"""

import collections
import gzip
import hashlib
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEFINITIONS = ROOT.parent / "shared" / "fhir" / "definitions"
TABLE = ROOT / "core" / "src" / "index" / "params.tsv"
GUIDES = [
    "us-core-6.1.0",
    "carin-bb-2.0.0",
    "davinci-pdex-2.0.0",
    "davinci-pdex-2.1.1-ci",
    "davinci-drug-formulary-2.0.1",
]

# R4 crosses the component expressions of this composite (definition relatesto with `code`).
ERRATA = {"http://hl7.org/fhir/SearchParameter/DocumentReference-relationship": ["target", "code"]}

# A required binding to http://hl7.org/fhir/ValueSet/x is to the code system http://hl7.org/fhir/x,
# but for these R4 value sets (empty: drawn from several systems).
VALUE_SETS = {
    "http://hl7.org/fhir/ValueSet/" + name: system
    for name, system in {
        "care-plan-intent": "http://hl7.org/fhir/request-intent",
        "clinicalimpression-status": "http://hl7.org/fhir/event-status",
        "immunization-evaluation-status":
            "http://terminology.hl7.org/CodeSystem/medication-admin-status",
        "immunization-status": "http://hl7.org/fhir/event-status",
        "medication-admin-status": "http://terminology.hl7.org/CodeSystem/medication-admin-status",
        "medication-statement-status": "http://hl7.org/fhir/CodeSystem/medication-statement-status",
        "medication-status": "http://hl7.org/fhir/CodeSystem/medication-status",
        "medicationdispense-status":
            "http://terminology.hl7.org/CodeSystem/medicationdispense-status",
        "medicationknowledge-status":
            "http://terminology.hl7.org/CodeSystem/medicationknowledge-status",
        "medicationrequest-intent": "http://hl7.org/fhir/CodeSystem/medicationrequest-intent",
        "medicationrequest-status": "http://hl7.org/fhir/CodeSystem/medicationrequest-status",
        "mimetypes": "urn:ietf:bcp:13",
        "task-intent": "",
    }.items()
} | {
    "http://terminology.hl7.org/ValueSet/v3-ConfidentialityClassification":
        "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
}

# Element types that give values, by parameter kind. A type that is not here gives none, but counts
# for `:missing`.
USED = {
    "token": {
        "code", "Coding", "CodeableConcept", "Identifier", "ContactPoint", "boolean", "string",
        "uri", "id", "canonical", "markdown", "oid", "uuid", "url",
    },
    "date": {"date", "dateTime", "instant", "Period", "Timing"},
    "string": {"string", "markdown", "HumanName", "Address"},
    "number": {"decimal", "integer", "positiveInt", "unsignedInt", "Range"},
    "quantity": {"Quantity", "Money", "Range", "SampledData"},
    "reference": {"Reference", "canonical", "uri", "Resource"},
    "uri": {"uri", "url", "canonical"},
}
# A token parameter over nothing but these is compared with case.
EXACT = {"id", "uri", "url", "oid", "uuid", "canonical"}
SAME = {
    "Age": "Quantity", "Duration": "Quantity", "Count": "Quantity", "Distance": "Quantity",
    "SimpleQuantity": "Quantity", "MoneyQuantity": "Quantity",
}


class Elements:
    """Every element of R4, by path."""

    def __init__(self):
        self.by_path = {}
        self.choices = {}
        self.resources = []
        with gzip.open(DEFINITIONS / "r4" / "elements.tsv.gz", "rt", encoding="utf-8") as lines:
            next(lines)
            for line in lines:
                row = (line.rstrip("\n").split("\t") + [""] * 11)[:11]
                kind, path, types, content = row[0], row[1], row[4], row[6]
                if kind.startswith("resource") and re.fullmatch(r"\w+\.id", path):
                    types = "id"
                if kind == "resource" and "." not in path:
                    self.resources.append(path)
                entry = {
                    "types": [t for t in types.split("|") if t],
                    "targets": [t for t in row[5].split("|") if t],
                    "content": content,
                    "set": row[10].split("|")[0] if row[9] == "required" else "",
                }
                if path.endswith("[x]"):
                    self.choices[path[:-3]] = entry
                else:
                    self.by_path[path] = entry
        self.resources.sort()

    def children(self, where, name):
        """JSON name, place and entry of each element that FHIRPath member `name` stands for."""
        path = f"{where}.{name}"
        if path in self.by_path:
            yield name, path, self.by_path[path]
        elif path in self.choices:
            choice = self.choices[path]
            for kind in choice["types"]:
                yield name + kind[0].upper() + kind[1:], path, {**choice, "types": [kind]}
        else:
            # The JSON name of one choice, as US Core and C4BB publish it.
            for stem, choice in self.choices.items():
                for kind in choice["types"]:
                    if stem + kind[0].upper() + kind[1:] == path:
                        yield name, path, {**choice, "types": [kind]}

    def place(self, path, entry):
        """Where the children of this element are described."""
        if entry["content"]:
            return entry["content"].removeprefix("#")
        kind = entry["types"][0] if len(entry["types"]) == 1 else ""
        return path if kind in ("", "BackboneElement", "Element") else kind


TOKEN = re.compile(r"\s*(?:'([^']*)'|([%A-Za-z_][A-Za-z0-9_]*)|(\d+)|(!=|[().|=\[\]]))")


class Parser:
    """The part of FHIRPath that published search parameters use."""

    def __init__(self, text):
        self.text, self.tokens, at = text, [], 0
        while at < len(text.rstrip()):
            match = TOKEN.match(text, at)
            if not match:
                raise ValueError(f"cannot read {text!r} at {at}")
            literal, word, number, sign = match.groups()
            if literal is not None:
                self.tokens.append(("'", literal))
            elif number is not None:
                self.tokens.append(("n", int(number)))
            else:
                self.tokens.append(("w", word) if word else (sign, sign))
            at = match.end()
        self.at = 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ("", "")

    def take(self, kind, value=None):
        token = self.peek()
        if token[0] != kind or (value is not None and token[1] != value):
            raise ValueError(f"expected {value or kind} in {self.text!r}, found {token}")
        self.at += 1
        return token[1]

    def whole(self):
        arms = self.union()
        if self.peek() != ("", ""):
            raise ValueError(f"left over in {self.text!r}: {self.peek()}")
        return arms

    def union(self):
        arms = self.cast()
        while self.peek()[0] == "|":
            self.take("|")
            arms += self.cast()
        return arms

    def cast(self):
        arms = self.path()
        while self.peek() in (("w", "as"), ("w", "is")):
            word = self.take("w")
            kind = self.take("w")
            arms = [arm + [(word, kind)] for arm in arms]
        return arms

    def path(self):
        if self.peek()[0] == "(":
            self.take("(")
            arms = self.union()
            self.take(")")
        else:
            arms = [[self.step()]]
        while True:
            if self.peek()[0] == ".":
                self.take(".")
                step = self.step()
            elif self.peek()[0] == "[":
                self.take("[")
                step = ("index", self.take("n"))
                self.take("]")
            else:
                return arms
            arms = [arm + [step] for arm in arms]

    def step(self):
        name = self.take("w")
        if self.peek()[0] != "(":
            return ("member", name)
        self.take("(")
        if name == "resolve":
            step = ("resolve", None)
        elif name in ("as", "ofType"):
            step = ("as", self.take("w"))
        elif name == "where":
            inner = self.path()
            if inner == [[("resolve", None)]]:
                self.take("w", "is")
                step = ("target", self.take("w"))
            else:
                ((_, member),) = inner[0]
                self.take("=")
                step = ("where", (member, self.take("'")))
        else:
            raise ValueError(f"unknown function {name} in {self.text!r}")
        self.take(")")
        return step


class Compiler:
    """Expressions to arms: JSON path, element type, and what the type needs."""

    def __init__(self, elements):
        self.elements = elements
        self.used = collections.Counter()

    def arms(self, expression, base, kind, place=None):
        """The arms of `expression` for resources of type `base`, or relative to `place`."""
        out = []
        for arm in Parser(expression).whole():
            steps = list(arm)
            prefix, where = "", place or base
            first = steps[0]
            if first == ("member", "%resource"):
                steps, prefix, where = steps[1:], "%", base
            elif place is None and first[0] == "member" and first[1][0].isupper():
                if first[1] not in (base, "Resource", "DomainResource"):
                    continue
                steps = steps[1:]
            out += self.resolve(steps, where, prefix, kind, expression)
        unique = list(dict.fromkeys(out))
        return unique

    def resolve(self, steps, where, prefix, kind, expression):
        # Each state: JSON path, place of its children, entry, reference target.
        states = [([], where, {"types": [where], "targets": [], "content": "", "set": ""}, "")]
        for step, value in steps:
            after = []
            for path, place, entry, target in states:
                if step == "member":
                    for name, at, child in self.elements.children(place, value):
                        after.append((path + [name], self.elements.place(at, child), child, target))
                elif step == "as":
                    wanted = value[0].lower() + value[1:] if value == "DateTime" else value
                    if wanted in entry["types"]:
                        after.append((path, place, {**entry, "types": [wanted]}, target))
                elif step == "where":
                    name, literal = value
                    last = f"{path[-1]}{{{name}={literal}}}"
                    after.append((path[:-1] + [last], place, entry, target))
                elif step == "target":
                    after.append((path, place, {**entry, "targets": [value]}, value))
                elif step == "index":
                    after.append((path[:-1] + [f"{path[-1]}[{value}]"], place, entry, target))
                else:
                    raise ValueError(f"{step} in {expression!r}")
            states = after
        out = []
        for path, _, entry, target in states:
            for type_ in entry["types"]:
                type_ = SAME.get(type_, type_)
                if kind == "composite":
                    type_ = ""
                else:
                    self.used[(kind, type_)] += 1
                    if type_ not in USED[kind]:
                        type_ = "*"
                text = prefix + ".".join(path) + ":" + type_
                if target:
                    text += "/" + target
                elif type_ == "code" and kind == "token":
                    system = code_system(entry["set"])
                    text += "=" + system if system else ""
                targets = entry["targets"] if type_ == "Reference" else []
                out.append(Arm(text, tuple(targets)))
        return out


Arm = collections.namedtuple("Arm", "text targets")


def code_system(value_set):
    """The system of a code whose required binding is one code system of the specification."""
    if value_set in VALUE_SETS:
        return VALUE_SETS[value_set]
    name = value_set.removeprefix("http://hl7.org/fhir/ValueSet/")
    return f"http://hl7.org/fhir/{name}" if value_set and name != value_set else ""


class Row:
    """One search parameter of one base type."""

    def __init__(self, base, code, kind):
        self.base, self.code, self.kind = base, code, kind
        self.arms, self.components, self.targets, self.compartment = [], [], set(), False

    def add(self, arms, targets, components):
        self.arms += [a.text for a in arms if a.text not in self.arms]
        self.components += [c for c in components if c not in self.components]
        for arm in arms:
            named = set(targets) or set(arm.targets)
            if arm.targets and "Resource" not in arm.targets:
                named &= set(arm.targets)
            self.targets |= named

    def fields(self, everything):
        targets = " ".join(sorted(self.targets))
        if "Resource" in self.targets or len(self.targets) >= everything - 1:
            targets = "*"
        body = [self.code, self.kind, " ".join(self.arms), ";".join(self.components)]
        types = {re.sub(r".*:(\*|\w*).*", r"\1", arm) for arm in self.arms}
        exact = self.kind == "token" and types <= EXACT
        flags = ("p" if self.compartment else "") + ("x" if exact else "")
        mark = hashlib.sha256("\t".join([self.base, *body, flags]).encode()).hexdigest()[:16]
        return "\t".join([*body, targets, flags, mark])


def definitions():
    bundle = json.loads((DEFINITIONS / "r4" / "search-parameters.json").read_text())
    for entry in bundle["entry"]:
        yield "r4", entry["resource"]
    for guide in GUIDES:
        for line in (DEFINITIONS / guide / "search-parameters.ndjson").read_text().splitlines():
            yield guide, json.loads(line)


def table():
    elements = Elements()
    compiler = Compiler(elements)
    rows, by_url = {}, {}
    everything = list(definitions())
    for _, parameter in everything:
        by_url.setdefault(parameter["url"], parameter)
    for source, parameter in everything:
        code, kind, expression = parameter["code"], parameter["type"], parameter.get("expression")
        for base in parameter["base"]:
            common = rows.get(("Resource", code))
            if common and base != "Resource":
                if [a.text for a in compiler.arms(expression, base, kind)] != common.arms:
                    raise ValueError(f"{base}.{code} differs from Resource.{code}")
                continue
            row = rows.setdefault((base, code), Row(base, code, kind))
            if not expression or kind == "special":
                row.kind = "unsupported"
                continue
            if row.kind != kind:
                raise ValueError(f"{base}.{code}: {row.kind} in R4, {kind} in {source}")
            if (base, code) == ("Patient", "deceased"):
                row.add([Arm(":Deceased", ())], [], [])
                continue
            arms = compiler.arms(expression, base, kind)
            components = []
            for number, component in enumerate(parameter.get("component", [])):
                defined = by_url[component["definition"]]
                text = ERRATA.get(parameter["url"], [None] * 9)[number] or component["expression"]
                inner = []
                for arm in arms:
                    place = context(elements, base, arm.text.removesuffix(":"))
                    inner += compiler.arms(text, base, defined["type"], place)
                inner = list(dict.fromkeys(a.text for a in inner))
                components.append(defined["type"] + " " + " ".join(inner))
            if not arms:
                raise ValueError(f"{base}.{code}: nothing left of {expression!r}")
            row.add(arms, parameter.get("target", []), components)
    patient = json.loads(
        (DEFINITIONS / "r4" / "compartmentdefinition-patient.json").read_text()
    )
    for resource in patient["resource"]:
        for code in resource.get("param", []):
            rows[(resource["code"], code)].compartment = True
    return elements, rows, compiler


def context(elements, base, path):
    """The place of a composite's own path."""
    place = base
    for name in filter(None, path.split(".")):
        ((_, at, child),) = elements.children(place, name)
        place = elements.place(at, child)
    return place


def render(elements, rows):
    lines = []
    for base in ["Resource", "DomainResource", *elements.resources]:
        own = sorted((r for r in rows.values() if r.base == base), key=lambda r: r.code)
        lines.append(">" + base)
        lines += [row.fields(len(elements.resources)) for row in own]
    if any(">" in line[1:] for line in lines):
        raise ValueError("a row holds the mark of a type")
    return "\n".join(lines) + "\n"


def main():
    elements, rows, compiler = table()
    text = render(elements, rows)
    if "--types" in sys.argv:
        for (kind, type_), count in sorted(compiler.used.items()):
            print(kind, type_, count, "" if type_ in USED[kind] else "(no value)")
    if "--check" in sys.argv:
        if TABLE.read_text() != text:
            sys.exit("core/src/index/params.tsv differs: run scripts/make-params.py")
        return
    TABLE.write_text(text)


if __name__ == "__main__":
    main()
