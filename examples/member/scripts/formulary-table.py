#!/usr/bin/env python3
"""Makes src/formulary/drugs.tsv: facts about real drugs (RxNorm code, name, usual tier and limits).

Reads the published formulary and the published patients in ../shared/fhir (see its README.md), keeps
only codes, names and flags, and writes one line per drug:

    RxNorm code <TAB> tier <TAB> flags <TAB> name

Tiers: g generic, p preferred brand, n non-preferred brand, s specialty, z zero cost preventive,
m paid under the medical benefit. Flags: P prior authorization, S step therapy, Q quantity limit, - none.
Run from the repository's top: python3 examples/member/scripts/formulary-table.py ../shared/fhir
"""
import glob
import gzip
import io
import json
import os
import re
import sys

FORMS = re.compile(
    r"(Oral Tablet|Oral Capsule|Oral Solution|Oral Suspension|Oral Powder|Oral Film|Chewable Tablet|"
    r"Topical \w+|Ophthalmic \w+|Metered Dose Inhaler|Dry Powder Inhaler|Inhalation \w+|Nasal \w+|"
    r"Injection|Injectable \w+|Prefilled Syringe|Pen Injector|Auto-Injector|Cartridge|Sublingual Tablet|"
    r"Disintegrating Oral Tablet|Transdermal \w+|Rectal \w+|Vaginal \w+|Otic \w+|Pack)( \[[^\]]+\])?$"
)
TIERS = {
    "generic": "g",
    "preferred-brand": "p",
    "non-preferred-brand": "n",
    "specialty": "s",
    "zero-cost-share-preventative": "z",
    "medical-service": "m",
}


def lines(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rb") as handle:
        for line in io.TextIOWrapper(handle, encoding="utf-8"):
            if line.strip():
                yield json.loads(line)


def resources(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rb") as handle:
        text = handle.read().decode("utf-8")
    try:
        documents = [json.loads(text)]
    except json.JSONDecodeError:
        documents = [json.loads(line) for line in text.splitlines() if line.strip()]
    for document in documents:
        if document.get("resourceType") == "Bundle":
            for entry in document.get("entry", []):
                yield entry["resource"]
        else:
            yield document


def main(top):
    names = {}
    for drug in lines(f"{top}/formulary/MedicationKnowledge.ndjson.gz"):
        for coding in drug["code"]["coding"]:
            names[coding["code"]] = coding["display"]
    facts = {}
    for item in lines(f"{top}/formulary/Basic.ndjson.gz"):
        code = item["subject"]["reference"].rsplit("-", 1)[1]
        tier, flags = None, ""
        for extension in item["extension"]:
            url = extension["url"]
            if url.endswith("DrugTierID-extension"):
                tier = TIERS[extension["valueCodeableConcept"]["coding"][0]["code"]]
            for end, flag in (("PriorAuthorization", "P"), ("StepTherapyLimit", "S"), ("QuantityLimit", "Q")):
                if url.endswith(f"usdf-{end}-extension") and extension["valueBoolean"]:
                    flags += flag
        facts.setdefault(code, (tier, flags or "-"))
    for path in sorted(p for p in glob.glob(f"{top}/patients/synthea-*/*") if os.path.isfile(p)):
        for resource in resources(path):
            concepts = [resource.get("medicationCodeableConcept")]
            if resource.get("resourceType") == "Medication":
                concepts.append(resource.get("code"))
            for concept in concepts:
                for coding in (concept or {}).get("coding", []):
                    if coding.get("system", "").endswith("rxnorm") and FORMS.search(coding.get("display", "")):
                        names.setdefault(coding["code"], coding["display"])
    with open("examples/member/src/formulary/drugs.tsv", "w", encoding="utf-8") as out:
        for code in sorted(names, key=int):
            name = names[code]
            tier, flags = facts.get(code, ("p" if name.endswith("]") else "g", "-"))
            out.write(f"{code}\t{tier}\t{flags}\t{name}\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "../shared/fhir")
