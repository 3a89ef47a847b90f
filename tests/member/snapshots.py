"""Compiles the snapshots of profiles and extensions, and runs those that a resource names.

Profiles are found by meta.profile, extensions by their URL. What can't be checked is gathered in
`open_bindings`, `open_rules`, `open_slices` and `unknown`, so that a report can say so.
"""

import re

from definitions import CORE
from invariants import BASE_RULES, DOMAIN
from profiles import Item, Node, matches
from rules import NOT_CHECKED, PROFILE_RULES

GUIDE_ROOTS = (
    "http://hl7.org/fhir/us/core/",
    "http://hl7.org/fhir/us/carin-bb/",
    "http://hl7.org/fhir/us/davinci-pdex/",
    "http://hl7.org/fhir/us/davinci-drug-formulary/",
)
INDEX = re.compile(r"\[[0-9]+\]")
BASE_KEYS = {key for rules in (*BASE_RULES.values(), DOMAIN) for key, _ in rules}


class Compiled:
    """One profile: the type it is about, its root node, and the short name for reports."""

    def __init__(self, type_, root, tag, contexts):
        self.type, self.root, self.tag, self.contexts = type_, root, tag, contexts


class Profiles:
    """All compiled profiles."""

    def __init__(self, definitions, base):
        self.definitions = definitions
        self.base = base
        self.compiled = {}
        self.open_bindings = set()
        self.open_rules = set()
        self.open_slices = set()
        self.unknown = {}

    # What a node asks its owner while it is built.

    def choices(self, path):
        """JSON member to type of a choice element of the base specification."""
        parent, _, name = path.rpartition(".")
        shape = self.base.shape(parent) if parent in self.definitions.children else None
        if shape is None:
            return None
        return {k: p.type for k, p in shape.props.items() if p.group == name}

    def targets(self, types):
        """Resource types that a Reference may have; None where any, or where it is not known."""
        wanted = [p for t in types if t["code"] == "Reference" for p in t.get("targetProfile", [])]
        if not wanted:
            return None
        found = {self.definitions.target_type(p) for p in wanted}
        return None if None in found or "Resource" in found else frozenset(found)

    def rules(self, element):
        found = []
        for constraint in element.get("constraint", []):
            key = constraint["key"]
            if key in BASE_KEYS or key in NOT_CHECKED or constraint["severity"] != "error":
                continue
            test = PROFILE_RULES.get(key + "@" + element["path"].split(".")[0]) or PROFILE_RULES.get(key)
            if test is not None:
                found.append((key, test))
            else:
                self.open_rules.add(key)
        return found

    # Building.

    def find(self, canonical):
        """The compiled profile of a canonical, or None where the pack does not have it."""
        if canonical not in self.compiled:
            found = self.definitions.profile(canonical)
            self.compiled[canonical] = self._compile(found) if found else None
        return self.compiled[canonical]

    def _compile(self, definition):
        nodes = {}
        root = None
        for element in definition["snapshot"]["element"]:
            node = nodes[element["id"]] = Node(self, element)
            if root is None:
                root = node
                continue
            head, _, last = element["id"].rpartition(".")
            if node.slice is not None:
                whole = f"{head}.{last.split(':')[0]}" if head else last.split(":")[0]
                nodes[whole].slices.append(node)
            else:
                nodes[head].children[node.name] = node
        for node in nodes.values():
            if node.slices:
                for part in node.slices:
                    part.tests = self._tests(node, part)
        root.loose = True
        root.interesting()
        contexts = self._contexts(definition.get("context", []))
        tag = definition["url"].rsplit("/", 1)[-1]
        return Compiled(definition["type"], root, tag, contexts)

    def _contexts(self, contexts):
        """The element paths at which an extension may stand; None where any or only a datatype is named."""
        paths = [c["expression"] for c in contexts if c["type"] == "element"]
        whole = len(paths) == len(contexts) and all(
            p.split(".")[0] in self.definitions.resources for p in paths
        )
        # reviewActionCode names one of the places of the extension around it, which is checked itself.
        return frozenset(paths) if whole and not any(p.endswith(".extension") for p in paths) else None

    def _tests(self, node, part):
        """One test for each discriminator of a slice; None where one is not understood."""
        found = []
        discriminators = (node.slicing or {}).get("discriminator", [])
        if not discriminators and node.choices is not None:
            discriminators = [{"type": "type", "path": "$this"}]
        for one in discriminators:
            test = self._test(part, one["type"], one["path"])
            if test is None:
                self.open_slices.add(part.id)
                return None
            found.append(test)
        return found or None

    def _test(self, part, kind, path):
        if kind == "type" and path == "$this":
            types = part.types
            if not types:
                return None
            return lambda item: item.type in types
        if kind not in ("value", "pattern"):
            return None
        if path == "url" and part.extension_urls:
            urls = part.extension_urls
            return lambda item: type(item.value) is dict and item.value.get("url") in urls
        names = [] if path == "$this" else path.split(".")
        node, walked = part, []
        for name in names:
            if node.kind is not None or name not in node.children:
                break
            node = node.children[name]
            walked.append(name)
        expected = self._expected(node)
        if expected is None:
            return None
        return lambda item: any(expected(v) for v in along(item.value, walked))

    def _expected(self, node):
        """A test of a value for what a node fixes, itself or below, or else for its codes."""
        return self._fixed(node) or (node._coded if node.codes is not None else None)

    def _fixed(self, node):
        kind, wanted = node.kind, node.wanted
        if kind == "fixed":
            return lambda value: value == wanted
        if kind == "pattern":
            return lambda value: matches(wanted, value)
        below = [(n, self._fixed(c)) for n, c in node.children.items()]
        below = [(n, test) for n, test in below if test is not None]
        if not below:
            return None
        return lambda value: (
            type(value) is dict and all(any(test(v) for v in along(value, [name])) for name, test in below)
        )

    # Running.

    def check(self, run):
        """Checks every resource of a run, outer and nested, and every extension in it."""
        for name, value, path, contained in run.nested:
            run.resource, run.contained = value, contained
            run.is_contained = ".contained[" in path
            meta = value.get("meta")
            claimed = meta.get("profile") if type(meta) is dict else None
            for canonical in claimed if type(claimed) is list else ():
                if type(canonical) is str:
                    self._one(canonical, name, value, path, run)
        for value, path in run.extensions:
            self._extension(value, path, run)

    def _one(self, canonical, name, value, path, run):
        found = self.find(canonical)
        if found is None:
            self.unknown[canonical] = self.unknown.get(canonical, 0) + 1
            if canonical.startswith(GUIDE_ROOTS) and "-Basis" not in canonical:
                run.fault(path + ".meta.profile", "profile-unknown", f"{canonical} is in no guide")
            return
        if found.type != name:
            run.fault(path + ".meta.profile", "profile-type", f"{found.tag} is about {found.type}")
            return
        found.root.check_item(Item(value, None, path, None), run, found.tag)

    def _extension(self, value, path, run):
        url = value.get("url")
        if type(url) is not str:
            return
        nested = path.count("xtension[") > 1 and path.rsplit(".", 2)[-2].startswith("extension[")
        if ":" not in url:
            if not nested:
                run.fault(path + ".url", "extension-url", "is not absolute")
            return
        found = self.find(url)
        if found is None or found.type != "Extension":
            known = url.startswith(CORE)
            if url.startswith(GUIDE_ROOTS):
                run.fault(path + ".url", "extension-unknown", f"{url} is in no guide")
            elif not known:
                self.unknown[url] = self.unknown.get(url, 0) + 1
            return
        if found.contexts and _place(path, run) not in found.contexts:
            run.fault(path, "extension-context", f"{found.tag} does not belong here")
        found.root.check_item(Item(value, None, path, None), run, found.tag)


def _place(path, run):
    """The element path of what an extension stands on, from the innermost resource on."""
    name, around = max(
        ((n, p) for n, _, p, _ in run.nested if path.startswith(p + ".")), key=lambda one: len(one[1])
    )
    return INDEX.sub("", name + path[len(around) : path.rindex(".")]).replace("._", ".")


def along(value, names):
    """Every value at the end of a path of member names; lists are gone through."""
    values = [value]
    for name in names:
        found = []
        for one in values:
            for member in one if type(one) is list else [one]:
                if type(member) is dict and name in member:
                    found.append(member[name])
        values = found
    out = []
    for one in values:
        out.extend(one if type(one) is list else [one])
    return out
