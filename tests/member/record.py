"""One member's record, read from NDJSON alone, with the small readers that the coherence checks share.

Amounts are Decimal. A day is a proleptic ordinal; a partial date is the pair of its first and last day.
"""

import calendar
import json
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

from records import lines

NPI = "http://hl7.org/fhir/sid/us-npi"
NDC = "http://hl7.org/fhir/sid/ndc"
CARIN = "http://hl7.org/fhir/us/carin-bb/CodeSystem/"


def load(paths):
    """The resources of files, in order."""
    return [json.loads(line, parse_float=Decimal) for path in paths for line in lines(path)]


def days(text):
    """First and last ordinal day of a FHIR date, dateTime or instant; None where it is none."""
    if type(text) is not str or len(text) < 4:
        return None
    try:
        year = int(text[:4])
        if len(text) == 4:
            return date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        month = int(text[5:7])
        if len(text) == 7:
            return date(year, month, 1).toordinal(), date(
                year, month, calendar.monthrange(year, month)[1]
            ).toordinal()
        found = date(year, month, int(text[8:10])).toordinal()
    except ValueError:
        return None
    return found, found


def first_day(text):
    found = days(text)
    return found[0] if found else None


def last_day(text):
    found = days(text)
    return found[1] if found else None


def within(text, start, end):
    """Whether a date may lie in start..end, ordinals or None for an open side; partial dates overlap."""
    found = days(text)
    return found is not None and (start is None or found[1] >= start) and (end is None or found[0] <= end)


def get(value, *names):
    """The member at the end of a path of names through objects; None where one is missing."""
    for name in names:
        if type(value) is not dict:
            return None
        value = value.get(name)
    return value


def each(value, *names):
    """Every value at the end of a path of names; lists are gone through."""
    values = [value]
    for name in names:
        found = []
        for one in values:
            if type(one) is dict and name in one:
                member = one[name]
                found.extend(member if type(member) is list else [member])
        values = found
    return values


def objects(value):
    """Every JSON object in a value, itself included."""
    stack = [value]
    while stack:
        one = stack.pop()
        if type(one) is dict:
            yield one
            stack.extend(one.values())
        elif type(one) is list:
            stack.extend(one)


def codes(concept, system=None):
    """The codes of a CodeableConcept, of one system or of all."""
    return [c.get("code") for c in each(concept, "coding") if system is None or c.get("system") == system]


def reference(value):
    """`Type/id` of a Reference, without version and base; None where it has none."""
    text = get(value, "reference")
    if type(text) is not str or text.startswith("#"):
        return None
    text = text.split("/_history/")[0]
    return "/".join(text.rsplit("/", 2)[-2:])


def identifier(resource, kind):
    """Values of the identifiers of a type code."""
    return [i.get("value") for i in each(resource, "identifier") if kind in codes(i.get("type"))]


def supporting(eob, category):
    """The supportingInfo of a category code."""
    return [i for i in each(eob, "supportingInfo") if category in codes(i.get("category"))]


class Record:
    """The resources by type and key, and the member."""

    def __init__(self, resources):
        self.resources = resources
        self.by_type = defaultdict(list)
        self.by_key = {}
        for resource in resources:
            name = resource["resourceType"]
            self.by_type[name].append(resource)
            self.by_key[f"{name}/{resource.get('id')}"] = resource
        asked = Counter(
            reference(r.get(name)) for r in resources for name in ("subject", "patient", "beneficiary")
        )
        patients = [f"Patient/{p['id']}" for p in self.by_type["Patient"]]
        self.member_key = max(patients, key=lambda key: asked[key], default=None)
        self.member = self.by_key.get(self.member_key, {})
        eobs = self.by_type["ExplanationOfBenefit"]
        self.claims = [e for e in eobs if e.get("use") == "claim"]
        self.authorizations = [e for e in eobs if e.get("use") == "preauthorization"]
        self.newest = max((r.get("meta", {}).get("lastUpdated", "") for r in resources), default="")

    def at(self, value):
        """The resource that a Reference names."""
        return self.by_key.get(reference(value))

    def key(self, resource):
        return f"{resource['resourceType']}/{resource.get('id')}"


def kind(eob):
    """The kind of claim: institutional, professional, vision, pharmacy, oral."""
    found = codes(eob.get("type"), "http://terminology.hl7.org/CodeSystem/claim-type")
    return found[0] if found else None


def standing(eob):
    """Whether a claim stands: active, and not replaced by another."""
    replaced = any("replacedby" in codes(r.get("relationship")) for r in each(eob, "related"))
    return eob.get("status") == "active" and not replaced


def amount(value):
    """A Money as Decimal."""
    found = get(value, "amount", "value")
    return None if found is None else Decimal(found)


AMOUNTS = frozenset(
    "submitted copay eligible deductible benefit coinsurance noncovered priorpayerpaid paidbypatient "
    "paidbypatientcash paidbypatientother paidbypatienthealthaccount paidtopatient paidtoprovider "
    "memberliability discount drugcost".split()
)


def sums(adjudications):
    """Amount by category of adjudications or totals; a category twice is added up."""
    found = {}
    for one in adjudications:
        value = amount(one)
        if value is None:
            continue
        for code in codes(one.get("category")):
            if code in AMOUNTS:
                found[code] = found.get(code, Decimal(0)) + value
                break
    return found


def totals(eob):
    return sums(each(eob, "total"))


def serviced(eob):
    """The dates of service of a claim: of its lines, or the billable period where no line has one."""
    found = []
    for item in each(eob, "item"):
        text = item.get("servicedDate") or get(item, "servicedPeriod", "start")
        if text:
            found.append(text)
    return found or [x for x in (get(eob, "billablePeriod", "start"),) if x]


def network(eob):
    """innetwork, outofnetwork or other, as the benefit payment status says; None where nothing does."""
    for place in (each(eob, "adjudication"), each(eob, "item", "adjudication")):
        for one in place:
            if "benefitpaymentstatus" in codes(one.get("category")):
                found = codes(one.get("reason"))
                return found[0] if found else None
    return None


def denied(eob):
    """Whether the payer says that nothing of the claim was paid for."""
    return "denied" in codes(get(eob, "payment", "type"))
