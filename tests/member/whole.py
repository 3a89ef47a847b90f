"""Checks of the record as a whole: one member, identifiers with their check digits, nothing of the future."""

from care import events
from record import NDC, NPI, each, first_day, objects, reference
from rules import npi_valid

# A patient other than the member may only stand for a dependent, and only in these.
PERSONS = ("subject", "patient", "beneficiary", "individual")


def one_member(record):
    """There is one Patient, and subject, patient and beneficiary are that one everywhere."""
    patients = record.by_type["Patient"]
    yield len(patients) == 1, record.member_key or "Patient/?", f"{len(patients)} patients in the record"
    for resource in record.resources:
        for name in PERSONS:
            named = reference(resource.get(name)) if type(resource.get(name)) is dict else None
            if named is not None and named.startswith("Patient/"):
                yield named == record.member_key, record.key(resource), f"{name} is {named}"


def npi(record):
    """Every National Provider Identifier has ten digits and a right check digit (Luhn over 80840)."""
    for resource in record.resources:
        for one in objects(resource):
            if one.get("system") == NPI and "value" in one:
                yield npi_valid(str(one["value"])), record.key(resource), f"{one['value']} is no NPI"


def ndc(record):
    """Every National Drug Code has eleven digits."""
    for resource in record.resources:
        for one in objects(resource):
            if one.get("system") == NDC and "code" in one:
                code = str(one["code"])
                yield (
                    code.isdecimal() and len(code) == 11,
                    record.key(resource),
                    f"{code} has not eleven digits",
                )


def no_future(record):
    """Nothing happened after the newest lastUpdated of the record."""
    newest = first_day(record.newest) or 0
    for resource in record.resources:
        for path, text in events(resource):
            found = first_day(text)
            if found is not None:
                yield found <= newest, record.key(resource), f"{path} {text} is after {record.newest}"


def known_after(record):
    """A resource's lastUpdated is not before the day of anything it tells of."""
    for resource in record.resources:
        updated = first_day(resource.get("meta", {}).get("lastUpdated"))
        yield updated is not None, record.key(resource), "has no lastUpdated"
        for path, text in events(resource):
            found = first_day(text)
            if found is not None and updated is not None:
                yield found <= updated + 1, record.key(resource), f"{path} {text} is after its lastUpdated"


def unique_ids(record):
    """Type and id occur once."""
    seen = set()
    for resource in record.resources:
        key = record.key(resource)
        yield key not in seen, key, "occurs twice"
        seen.add(key)


def provenance(record):
    """Provenance is about resources of the record and recorded not before them."""
    for one in record.by_type["Provenance"]:
        recorded = first_day(one.get("recorded"))
        for target in each(one, "target"):
            found = record.at(target)
            yield found is not None, record.key(one), f"{reference(target)} is not in the record"
            when = [
                first_day(t)
                for p, t in events(found or {"resourceType": "?"})
                if first_day(t) and p != "item.servicedDate"
            ]
            if when and recorded is not None:
                yield recorded >= min(when), record.key(one), "is recorded before what it is about"


CHECKS = {
    "one-member": one_member,
    "npi-check-digit": npi,
    "ndc-digits": ndc,
    "no-future": no_future,
    "known-after-event": known_after,
    "unique-ids": unique_ids,
    "provenance": provenance,
}
