"""FHIR R4 element tables, profiles and code lists, as the checker uses them.

Reads the pack beside the repository (../shared/fhir/definitions) and the code tables in this folder.
Nothing here looks at a record.
"""

import gzip
import json
import os
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACK = HERE.parents[2] / "shared" / "fhir"
GUIDES = (
    "us-core-6.1.0",
    "carin-bb-2.0.0",
    "davinci-pdex-2.1.1-ci",
    "davinci-pdex-2.0.0",
    "davinci-drug-formulary-2.0.1",
)
CORE = "http://hl7.org/fhir/StructureDefinition/"
FHIRPATH_STRING = "http://hl7.org/fhirpath/System.String"

# Profiles that a guide names as a target but that are in none of the guides of the pack.
FOREIGN_TARGETS = {
    "vitalsigns": "Observation",
    "hrex-coverage": "Coverage",
    "hrex-organization": "Organization",
    "hrex-patient-demographics": "Patient",
    "hrex-consent": "Consent",
    "atr-organization": "Organization",
    "atr-patient": "Patient",
    "sdc-questionnaire": "Questionnaire",
    "SimpleQuantity": "Quantity",
    "MoneyQuantity": "Quantity",
}


def need_pack():
    """The path of the pack; ends the run where it is missing: 1 under CI, else 0 and a plain word."""
    if PACK.is_dir():
        return PACK
    if os.environ.get("CI"):
        sys.exit("../shared/fhir is missing, and CI is set")
    print("skipped: ../shared/fhir is missing", file=sys.stderr)
    sys.exit(0)


class Element:
    """One row of elements.tsv: an element of a resource, a datatype or a backbone."""

    __slots__ = ("path", "name", "min", "max", "types", "targets", "content", "value_set")

    def __init__(self, row):
        self.path = row[1]
        self.name = row[1].rsplit(".", 1)[1]
        self.min = int(row[2])
        self.max = None if row[3] == "*" else int(row[3])
        self.types = row[4].split("|") if row[4] else []
        self.targets = frozenset(t for t in row[5].split("|") if t and t != "Resource")
        self.content = row[6]
        self.value_set = row[10].split("|")[0] if row[9] == "required" else ""


class Definitions:
    """Everything that is known about types, profiles and codes."""

    def __init__(self):
        self.children = {}
        self.resources = set()
        self.primitives = set()
        self.profiles = {}
        self.codes = {}
        root = need_pack() / "definitions"
        self._elements(root / "r4" / "elements.tsv.gz")
        for guide in GUIDES:
            self._profiles(root / guide / "structure-definitions.ndjson.gz")
        for table in ("codes-r4.tsv", "codes-ig.tsv"):
            self._codes(HERE / table)

    def _elements(self, path):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            next(lines)
            for line in lines:
                row = line.rstrip("\n").split("\t")
                if "." not in row[1]:
                    self.children.setdefault(row[1], [])
                    if row[0] == "resource":
                        self.resources.add(row[1])
                    elif row[0] == "primitive-type":
                        self.primitives.add(row[1])
                    continue
                element = Element(row)
                self.children.setdefault(row[1].rsplit(".", 1)[0], []).append(element)
        self.primitives.add("xhtml")

    def _profiles(self, path):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                found = json.loads(line)
                self.profiles.setdefault(found["url"], {}).setdefault(found["version"], found)

    def _codes(self, path):
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("#"):
                    continue
                value_set, system, codes = line.rstrip("\n").split("\t")
                self.codes.setdefault(value_set, CodeList()).add(system, codes)

    def profile(self, canonical):
        """The StructureDefinition of `url` or `url|version`: that version, else the pack's first."""
        url, _, version = canonical.partition("|")
        versions = self.profiles.get(url)
        if not versions:
            return None
        return versions.get(version) or next(iter(versions.values()))

    def profiled_types(self):
        """The resource types that some profile of the guides is about."""
        found = {next(iter(versions.values()))["type"] for versions in self.profiles.values()}
        return frozenset(found & self.resources)

    def target_type(self, canonical):
        """The resource or data type that a profile URL is about; None where it is not known."""
        url = canonical.split("|")[0]
        name = url.rsplit("/", 1)[-1]
        if url.startswith(CORE) and name in self.children:
            return name
        found = self.profile(url)
        return found["type"] if found else FOREIGN_TARGETS.get(name)

    def code_list(self, value_set):
        """The codes of a value set, or None where it is large or not to be had."""
        return self.codes.get(value_set.split("|")[0]) if value_set else None


class CodeList:
    """The codes of one value set by system: a set, or a pattern where the list has another owner."""

    def __init__(self):
        self.systems = {}
        self.plain = set()

    def add(self, system, codes):
        if codes == "*":
            self.systems[system] = lambda code: True
        elif codes.startswith("~"):
            self.systems[system] = re.compile(codes[1:]).fullmatch
        else:
            listed = frozenset(codes.split(" "))
            self.systems[system] = listed.__contains__
            self.plain |= listed

    def has_code(self, code):
        """For an element of type code, where the system is the element's own."""
        return type(code) is str and code in self.plain

    def has_coding(self, coding):
        if type(coding) is not dict:
            return False
        system, code = coding.get("system"), coding.get("code")
        if type(system) is not str or type(code) is not str:
            return False
        test = self.systems.get(system)
        return test is not None and bool(test(code))

    def has_concept(self, concept):
        if type(concept) is not dict:
            return False
        codings = concept.get("coding")
        return type(codings) is list and any(self.has_coding(c) for c in codings)
