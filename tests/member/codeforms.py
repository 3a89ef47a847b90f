"""Checks that codes can be real: check digits of LOINC, SNOMED CT and UDI, and the shapes of other systems."""

import re

from record import codes, each, objects

DIHEDRAL = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
PERMUTATION = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)


def verhoeff(text):
    """Whether the last digit checks the others (SNOMED CT, TIG: check digit)."""
    state = 0
    for place, digit in enumerate(reversed(text)):
        state = int(DIHEDRAL[state][int(PERMUTATION[place % 8][int(digit)])])
    return state == 0


def luhn(text):
    """Whether the last digit is the modulus 10 check of the others."""
    total = 0
    for place, digit in enumerate(reversed(text)):
        number = int(digit) * (1 + place % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def gtin(text):
    """Whether the last of 14 digits is right (GS1: weights 3 and 1)."""
    return sum(int(d) * (3 if place % 2 == 0 else 1) for place, d in enumerate(text)) % 10 == 0


def _loinc(code):
    if re.fullmatch(r"L[AP][0-9]{1,6}-[0-9]", code):
        return True
    return bool(re.fullmatch(r"[0-9]{1,6}-[0-9]", code)) and luhn(code.replace("-", ""))


def _snomed(code):
    return bool(re.fullmatch(r"[1-9][0-9]{5,17}", code)) and verhoeff(code)


def _shape(pattern):
    return lambda code: bool(re.fullmatch(pattern, code))


FORMS = {
    "http://loinc.org": _loinc,
    "http://snomed.info/sct": _snomed,
    "http://www.nlm.nih.gov/research/umls/rxnorm": _shape(r"[1-9][0-9]{1,7}"),
    "http://hl7.org/fhir/sid/cvx": _shape(r"[0-9]{2,3}"),
    "http://hl7.org/fhir/sid/icd-10-cm": _shape(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?"),
    "http://www.cms.gov/Medicare/Coding/ICD10": _shape(r"[0-9A-HJ-NP-Z]{7}"),
    "http://www.ama-assn.org/go/cpt": _shape(r"[0-9]{4}[0-9FTU]|[0-9]{2}"),
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": _shape(r"[A-V][0-9]{4}|[A-Z][0-9A-Z]"),
    "http://www.ada.org/cdt": _shape(r"D[0-9]{4}"),
    "http://nucc.org/provider-taxonomy": _shape(r"[0-9]{3}[0-9A-Z]{6}X"),
    "https://www.nubc.org/CodeSystem/RevenueCodes": _shape(r"[0-9]{4}"),
    "https://www.nubc.org/CodeSystem/TypeOfBill": _shape(r"0?[1-9][0-9][0-9A-Z]"),
    "urn:oid:2.16.840.1.113883.6.238": _shape(r"[0-9]{4}-[0-9]"),
}


def code_forms(record):
    """A code of LOINC or SNOMED CT has a right check digit, one of another known system its shape."""
    for resource in record.resources:
        for one in objects(resource):
            form, code = FORMS.get(one.get("system")), one.get("code")
            if form is not None and type(code) is str:
                yield form(code), record.key(resource), f"{one['system']} {code} can't be a code"


def one_display(record):
    """A code has one display, apart from case."""
    seen = {}
    for resource in record.resources:
        for one in objects(resource):
            key = (one.get("system"), one.get("code"))
            if all(type(k) is str for k in key) and type(one.get("display")) is str:
                first = seen.setdefault(key, one["display"].lower())
                yield (
                    first == one["display"].lower(),
                    record.key(resource),
                    f"{key[0]} {key[1]} has two displays",
                )


def udi(record):
    """A device identifier is a GTIN of 14 digits with a right check digit."""
    for device in record.by_type["Device"]:
        for one in each(device, "udiCarrier", "deviceIdentifier"):
            yield len(one) == 14 and one.isdecimal() and gtin(one), record.key(device), f"{one} is no GTIN-14"
            carrier = each(device, "udiCarrier", "carrierHRF")
            yield all(one in c for c in carrier), record.key(device), "the carrier has another identifier"


def units(record):
    """A Quantity with a UCUM code has a value, and an Observation of one code has one unit but for other customs."""
    seen = {}
    for observation in record.by_type["Observation"]:
        quantity = observation.get("valueQuantity")
        if type(quantity) is dict and "code" in quantity:
            key = next(iter(codes(observation.get("code"), "http://loinc.org")), None)
            found = seen.setdefault(key, set())
            found.add(quantity["code"])
            yield len(found) <= 2, record.key(observation), f"{key} has the units {sorted(found)}"


CHECKS = {"code-forms": code_forms, "one-display": one_display, "device-identifier": udi, "units": units}
