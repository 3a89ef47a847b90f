"""FHIRPath invariants that profiles add, written out by hand, by the rule's key.

A test takes the JSON value of the constrained element, the Run and the element's type. Where a guide
writes a rule that can't fail as written, the test follows what its words say. NOT_CHECKED names what is
left out, with the reason.
"""

import re

from invariants import codings, has, has_choice, has_code, listed
from structure import ABSENT

CARIN = "http://hl7.org/fhir/us/carin-bb/StructureDefinition/"
CURRENCIES = "urn:iso:std:iso:4217"
TOOTH = "http://terminology.hl7.org/CodeSystem/ADAUniversalToothDesignationSystem"
REPORTED = ("partial", "preliminary", "final", "amended", "corrected", "appended")
ORDERS = ("order", "original-order", "reflex-order", "filler-order", "instance-order")
PEOPLE = ("attending", "primary", "referring", "supervising", "supervisor")
TRANSPORT = (
    "patientweight",
    "ambulancetransportreason",
    "transportationdistance",
    "roudtrippurpose",
    "stretcherpurpose",
    "pickuplocation",
    "dropofflocation",
)
AMOUNTS = frozenset(
    "submitted copay eligible deductible benefit coinsurance noncovered priorpayerpaid paidbypatient "
    "paidbypatientcash paidbypatientother paidbypatienthealthaccount paidtopatient paidtoprovider "
    "memberliability discount drugcost".split()
)
AMOUNT_SYSTEMS = (
    "http://terminology.hl7.org/CodeSystem/adjudication",
    "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication",
)


def npi_valid(text):
    """Luhn's sum over 80840 and the ten digits, as 45 CFR 162.406 has it."""
    if not re.fullmatch(r"[0-9]{10}", text):
        return False
    total = 24
    for place, digit in enumerate(text):
        number = int(digit)
        if place % 2 == 0:
            number = number * 2 if number < 5 else number * 2 - 9
        total += number
    return total % 10 == 0


def _is_amount(adjudication):
    return any(
        c.get("system") in AMOUNT_SYSTEMS and c.get("code") in AMOUNTS
        for c in codings(adjudication.get("category"))
    )


def _has_amounts(value):
    found = listed(value, "adjudication")
    return not found or any(_is_amount(a) for a in found)


def _item_or_header(value, run, kind):
    header = any(_is_amount(a) for a in listed(value, "adjudication"))
    items = any(_is_amount(a) for i in listed(value, "item") for a in listed(i, "adjudication"))
    return header != items


def _version_of(name):
    starts = (CARIN + name + "|2.0.", CARIN + name + "|2.1.")
    return lambda value, run, kind: any(
        p.startswith(starts) for p in listed(value.get("meta", {}), "profile")
    )


def _named(value, run, kind):
    absent = any(e.get("url") == ABSENT for e in listed(value, "extension"))
    return has(value, "family", "given") != absent


def _people_provide(value, run, kind):
    """A role that only a person has is not given to an organization."""
    provider = value.get("provider", {}).get("reference", "")
    return not (has_code(value.get("role"), PEOPLE) and "Organization/" in provider)


def _qualified(value, run, kind):
    return not has_code(value.get("role"), ("rendering",)) or any(
        c.get("system") == "http://nucc.org/provider-taxonomy" for c in codings(value.get("qualification"))
    )


def _point_of_origin(value, run, kind):
    newborn = other = False
    for info in listed(value, "supportingInfo"):
        for coding in codings(info.get("code")):
            if coding.get("system", "").endswith("/PriorityTypeOfAdmitOrVisit"):
                other = coding.get("code") != "4"
            elif coding.get("system", "").endswith("/PointOfOriginNewborn"):
                newborn = True
    return not (newborn and other)


def _linked(codes):
    """Supporting information of these categories is named by an item."""

    def test(value, run, kind):
        used = {n for i in listed(value, "item") for n in listed(i, "informationSequence")}
        return all(
            info.get("sequence") in used
            for info in listed(value, "supportingInfo")
            if has_code(info.get("category"), codes)
        )

    return test


def _more_sites(value):
    return {
        i.get("sequence"): any(c.get("system") == TOOTH for c in codings(i.get("code")))
        for i in listed(value, "supportingInfo")
        if has_code(i.get("category"), ("additionalbodysite",))
    }


def _site_first(value, run, kind):
    sites = _more_sites(value)
    return all(
        "bodySite" in i or not any(n in sites for n in listed(i, "informationSequence"))
        for i in listed(value, "item")
    )


def _tooth_of_surface(value, run, kind):
    sites = _more_sites(value)
    return all(
        "subSite" not in i
        or any(c.get("system") == TOOTH for c in codings(i.get("bodySite")))
        or any(sites.get(n) for n in listed(i, "informationSequence"))
        for i in listed(value, "item")
    )


def _vision_only(value, run, kind):
    open_ = has_code(value, ("not-applicable",), "http://terminology.hl7.org/CodeSystem/data-absent-reason")
    return not open_ or has_code(run.resource.get("type"), ("vision",))


def _answered(value, run, kind):
    parts = has(value, "component", "hasMember")
    return parts or has(value, "dataAbsentReason") or has_choice(value, "value")


def _value_or_absent(value, run, kind):
    return has(value, "dataAbsentReason") or has_choice(value, "value")


def _ucum(value, run, kind):
    if kind is None:  # on the Observation itself
        value, kind = value.get("valueQuantity"), "Quantity"
    if kind != "Quantity" or type(value) is not dict:
        return True
    return value.get("system", "http://unitsofmeasure.org") == "http://unitsofmeasure.org"


def _agent_behalf(value, run, kind):
    who = value.get("who", {}).get("reference", "")
    person = re.match(r"(?:\S+/)?(Practitioner|Device)/", who)
    return not person or has(value, "onBehalfOf")


def _links_distinct(value, run, kind):
    stack, good = [value], True
    while stack:
        node = stack.pop()
        items = listed(node, "item")
        named = [i.get("linkId") for i in items if any(has_choice(a, "value") for a in listed(i, "answer"))]
        good = good and len(named) == len(set(named))
        stack.extend(items)
        stack.extend(a for i in items for a in listed(i, "answer"))
    return good


def _when(states, *names):
    """With one of these statuses an element is there (a choice by its stem)."""

    def test(value, run, kind):
        return value.get("status") not in states or any(has(value, n) or has_choice(value, n) for n in names)

    return test


def _any(*names):
    return lambda value, run, kind: has(value, *names)


def _matches(pattern):
    match = re.compile(pattern).fullmatch
    return lambda value, run, kind: bool(match(value.get("value", "")))


PROFILE_RULES = {
    "us-core-1": lambda v, run, kind: kind != "dateTime" or len(v) >= 10,
    "us-core-2": _answered,
    "us-core-3": _ucum,
    "us-core-6@Patient": _named,
    "us-core-6@DocumentReference": _any("url", "data"),
    "us-core-7": _when(("completed", "in-progress"), "performed"),
    "us-core-8@Patient": _named,
    "us-core-8@DiagnosticReport": _when(REPORTED, "effective"),
    "us-core-9": _when(REPORTED, "issued"),
    "us-core-10": _when(REPORTED, "effective"),
    "us-core-13": _any("practitioner", "organization", "healthcareService", "location"),
    "us-core-14": _any("name", "relationship"),
    "us-core-15": lambda v, run, kind: (
        "subscriberId" in v or any(has_code(i.get("type"), ("MB",)) for i in listed(v, "identifier"))
    ),
    "us-core-16": _matches(r"[0-9]{10}"),
    "us-core-17": lambda v, run, kind: npi_valid(v.get("value", "")),
    "us-core-18": _matches(r"[0-9]{2}D[0-9]{7}"),
    "us-core-19": _matches(r"[0-9]{5}"),
    "us-core-20": lambda v, run, kind: v.get("status") != "completed" or has(v, "whenHandedOver"),
    "us-core-21": lambda v, run, kind: v.get("intent") not in ORDERS or has(v, "requester"),
    "vs-1": lambda v, run, kind: kind != "dateTime" or len(v) >= 8,
    "vs-2": _answered,
    "vs-3": _value_or_absent,
    "pd-1": _any("telecom", "endpoint"),
    "provenance-1": _agent_behalf,
    "relatedperson-name-or-relationship": _any("name", "relationship"),
    "uncontained-requires-lastUpdated": lambda v, run, kind: (
        run.is_contained or "lastUpdated" in v.get("meta", {})
    ),
    "Practitioner-identifier": lambda v, run, kind: any(
        has_code(i.get("type"), ("NPI", "TAX")) for i in listed(v, "identifier")
    ),
    "Location-address-or-geolocation": lambda v, run, kind: (
        "address" in v
        or any(e.get("url", "").endswith("/location-boundary-geojson") for e in listed(v, "extension"))
    ),
    "adjudication-has-amount-type-slice": lambda v, run, kind: _has_amounts(v),
    "EOB-institutional-item-or-header-adjudication": _item_or_header,
    "EOB-insurance-focal": lambda v, run, kind: (
        sum(i.get("focal") is True for i in listed(run.resource, "insurance")) < 2
    ),
    "EOB-payee-other-type-requires-party": lambda v, run, kind: (
        not has_code(v.get("type"), ("other",)) or "party" in v
    ),
    "EOB-inst-careTeam-practitioner": _people_provide,
    "EOB-prof-careTeam-practitioner": _people_provide,
    "EOB-careteam-qualification": _qualified,
    "EOB-inst-pointoforigin": _point_of_origin,
    "EOB-prof-all-transportation-supportinginfo-linked-to-line": _linked(TRANSPORT),
    "EOB-vision-item-productorservice": _vision_only,
    "Oral-EOB-supportinginfo-additionalbodysite-requires-line-item": _linked(("additionalbodysite",)),
    "Oral-line-item-with-linked-additionalbody-site-requires-bodysite": _site_first,
    "Oral-EOB-surface-subsite-requires-tooth-number": _tooth_of_surface,
    "sdcqr-2": _links_distinct,
    "mqty-1": lambda v, run, kind: (
        ("code" in v or "value" not in v) and v.get("system", CURRENCIES) == CURRENCIES
    ),
}

for _name, _key in (
    ("C4BB-ExplanationOfBenefit-Inpatient-Institutional", "EOB-institutional-inpatient-meta-profile-version"),
    (
        "C4BB-ExplanationOfBenefit-Outpatient-Institutional",
        "EOB-institutional-outpatient-meta-profile-version",
    ),
    ("C4BB-ExplanationOfBenefit-Oral", "EOB-oral-meta-profile-version"),
    ("C4BB-ExplanationOfBenefit-Pharmacy", "EOB-pharmacy-meta-profile-version"),
    (
        "C4BB-ExplanationOfBenefit-Professional-NonClinician",
        "EOB-professional-nonclinician-meta-profile-version",
    ),
    ("C4BB-Coverage", "coverage-meta-profile-version"),
    ("C4BB-Organization", "organization-meta-profile-version"),
    ("C4BB-Patient", "patient-meta-profile-version"),
    ("C4BB-Practitioner", "practitioner-meta-profile-version"),
    ("C4BB-RelatedPerson", "relatedperson-meta-profile-version"),
):
    PROFILE_RULES[_key] = _version_of(_name)

NOT_CHECKED = {
    "dom-5": "with dom-4",
    "org-3": "with org-2",
    "ele-1": "by the walk of the structure",
    "txt-1": "only the frame of the narrative and active content are looked at",
    "txt-2": "only the frame of the narrative and active content are looked at",
    "EOB-pharm-careTeam-practitioner": "can't fail as written, and its words contradict the guide's text",
    "EOB-pharm-careTeam-organization": "can't fail as written, and its words contradict the guide's text",
    "EOB-inst-careTeam-organization": "can't fail as written, and its words contradict the guide's text",
    "inv-1": "Parameters are no part of a record",
    "ppc-2": "can't fail as written: it asks for a code system called something",
    "ppc-3": "as ppc-2",
    "ppc-4": "as ppc-2",
    "ppc-5": "as ppc-2",
    "ctm-1": "holds for every member that does not resolve to a person",
}
for _number in range(1, 13):
    NOT_CHECKED[f"bdl-{_number}"] = "Bundles are no part of a record"
