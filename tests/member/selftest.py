"""Breaks a record once for each coherence check and demands that the check notices.

A break, or each of a few of them, takes the Record and gives the resources to put in the place of others ({index: resource}) and the
ones to add; None where the record has no place for it, which counts as not noticed.
"""

import copy
from datetime import date

import coherence
from care import A1C, LOINC, _steps
from claims import _fills, _related
from record import (
    NDC,
    NPI,
    Record,
    codes,
    denied,
    each,
    first_day,
    get,
    kind,
    network,
    objects,
    serviced,
    standing,
)
from years import limits, year_of


def _first(resources, test):
    return next((r for r in resources if test(r)), None)


def _total(eob, code):
    return _first(each(eob, "total"), lambda t: code in codes(t.get("category")))


def _changed(record, resource, change):
    """One resource, copied and changed, at its place."""
    if resource is None:
        return None
    place = next(i for i, r in enumerate(record.resources) if r is resource)
    new = copy.deepcopy(resource)
    change(new)
    return {place: new}, []


def _more(code, amount=1, wanted=lambda eob: True):
    """Adds to the total of a category of a claim."""

    def change(eob):
        found = _total(eob, code)
        found["amount"]["value"] += amount

    return lambda record: _changed(
        record, _first(record.claims, lambda e: _total(e, code) is not None and wanted(e)), change
    )


def _set(names, value):
    """A change that sets a member at a path."""

    def change(resource):
        at = resource
        for name in names[:-1]:
            at = at[name]
        at[names[-1]] = value

    return change


def _of(type_, test, change):
    return lambda record: _changed(record, _first(record.by_type[type_], test), change)


def _of_claim(test, change):
    return lambda record: _changed(record, _first(record.claims, test), change)


def _limited(code, category):
    def broken(record):
        def inside(eob):
            coverage = year_of(record, eob) if standing(eob) and kind(eob) != "oral" else None
            return (
                coverage is not None
                and (code, network(eob)) in limits(coverage)
                and _total(eob, category) is not None
            )

        return _changed(record, _first(record.claims, inside), lambda e: _add(e, category))

    return broken


def _add(eob, category):
    _total(eob, category)["amount"]["value"] += 10_000_000


def _moved(text, by):
    return date.fromordinal(first_day(text) + by).isoformat() + text[10:]


def _service_day(text):
    def change(eob):
        for item in eob["item"]:
            item.pop("servicedPeriod", None)
            item["servicedDate"] = text

    return change


def _early_refill(record):
    for fills in _fills(record).values():
        if len(fills) > 1:
            return _changed(record, fills[1], _set(["whenHandedOver"], _moved(fills[0]["whenHandedOver"], 1)))
    return None


def _extra_visit(record):
    visit = _first(
        record.by_type["Encounter"], lambda e: e.get("status") == "finished" and get(e, "period", "end")
    )
    if visit is None:
        return None
    new = copy.deepcopy(visit)
    new["id"] = "extra"
    new["period"] = {"start": "1950-01-02T10:00:00Z", "end": "1950-01-02T10:30:00Z"}
    return {}, [new]


def _strange_result(record):
    report = _first(record.by_type["DiagnosticReport"], lambda r: each(r, "result"))
    day = first_day(get(report, "effectiveDateTime"))
    other = _first(
        record.by_type["Observation"], lambda o: first_day(o.get("effectiveDateTime")) not in (None, day)
    )
    if report is None or other is None:
        return None
    return _changed(record, report, lambda r: r["result"][0].update(reference=record.key(other)))


def _a1c_values(step_by):
    """Every HbA1c of the record, in order, so much above or below the one before."""

    def broken(record):
        found = [
            o
            for o in record.by_type["Observation"]
            if set(codes(o.get("code"), LOINC)) & set(A1C) and get(o, "valueQuantity", "value") is not None
        ]
        if len(found) < 3 or (step_by > 0 and not _steps(record)[0]):
            return None
        found.sort(key=lambda o: o.get("effectiveDateTime", ""))
        changed = {}
        for place, observation in enumerate(found):
            value = 500 + place * step_by
            changed.update(_changed(record, observation, _set(["valueQuantity", "value"], value))[0])
        return changed, []

    return broken


def _npi(resource):
    for one in objects(resource):
        if one.get("system") == NPI:
            one["value"] = "1234567890"


def _ndc(resource):
    for one in objects(resource):
        if one.get("system") == NDC:
            one["code"] = "0123-45"


def _other_line(resource):
    for item in resource["item"]:
        item["encounter"] = [{"reference": "Encounter/none"}]


def _has_ndc(resource):
    return any(o.get("system") == NDC for o in objects(resource))


def _in_visit(record_type, member):
    return lambda record: _first(
        record.by_type[record_type], lambda r: record.at(r.get("encounter")) and member in r
    )


def _strange_unit(record):
    """The values of one code in three units."""
    found = [o for o in record.by_type["Observation"] if get(o, "valueQuantity", "code")]
    same = [o for o in found if codes(o["code"], LOINC)[:1] == codes(found[0]["code"], LOINC)[:1]]
    changed = {}
    for step, observation in enumerate(same[:3]):
        changed.update(_changed(record, observation, _set(["valueQuantity", "code"], f"unit-{step}"))[0])
    return (changed, []) if len(same) > 2 else None


def _coded(system):
    return lambda resource: any(c.get("system") == system for c in each(resource, "code", "coding"))


BREAKS = {
    "code-forms": _of("Observation", _coded(LOINC), lambda o: o["code"]["coding"][0].update(code="4548-5")),
    "one-display": _of(
        "Observation",
        lambda o: "display" in o["code"]["coding"][0],
        lambda o: o["code"]["coding"][0].update(display="?"),
    ),
    "device-identifier": _of(
        "Device",
        lambda d: each(d, "udiCarrier"),
        lambda d: d["udiCarrier"][0].update(deviceIdentifier="09999999999999"),
    ),
    "units": _strange_unit,
    "money-item-totals": _more("submitted"),
    "money-member-liability": _more("memberliability"),
    "money-discount": _more("discount", wanted=lambda e: network(e) == "innetwork"),
    "money-submitted": _more("submitted"),
    "money-payer-payment": _more("benefit"),
    "money-payment": _of_claim(
        lambda e: get(e, "payment", "amount"), lambda e: e["payment"]["amount"].update(value=987654)
    ),
    "money-paid-by-patient": _more("paidbypatient", 1_000_000),
    "money-pharmacy-cost": _more("drugcost", wanted=lambda e: kind(e) == "pharmacy" and not denied(e)),
    "money-not-negative": _more("copay", -1_000_000),
    "money-denied": _more("eligible", 5, denied),
    "year-deductible": _limited("deductible", "deductible"),
    "year-out-of-pocket": _limited("maxoutofpocket", "copay"),
    "claim-chains": _of_claim(lambda e: _related(e, "replacedby"), lambda e: e.pop("related")),
    "claim-in-coverage": _of_claim(serviced, _service_day("1950-01-02")),
    "claim-sequences": _of_claim(
        lambda e: each(e, "diagnosis"), lambda e: e["item"][0].update(diagnosisSequence=[99])
    ),
    "claim-dates": _of_claim(serviced, _set(["created"], "1950-01-02")),
    "claim-authorization": _of_claim(lambda e: e.get("preAuthRef"), _set(["preAuthRef"], ["none"])),
    "claim-has-visit": _of_claim(
        lambda e: each(e, "item", "encounter") and standing(e) and not denied(e), _other_line
    ),
    "visit-has-claim": _extra_visit,
    "refills": _early_refill,
    "fill-has-claim": _of(
        "MedicationDispense",
        lambda d: d.get("whenHandedOver") and d.get("status") == "completed",
        _set(["whenHandedOver"], "1950-01-02T10:00:00Z"),
    ),
    "claim-has-fill": _of_claim(
        lambda e: kind(e) == "pharmacy" and standing(e) and not denied(e), _service_day("1950-01-02")
    ),
    "life": _of("Observation", lambda o: "effectiveDateTime" in o, _set(["effectiveDateTime"], "1850-01-02")),
    "order-in-resource": _of(
        "Encounter", lambda e: get(e, "period", "end"), _set(["period", "end"], "1950-01-02")
    ),
    "visit-covered": _of(
        "Encounter", lambda e: e.get("status") == "finished", _set(["period"], {"start": "1950-01-02"})
    ),
    "finding-in-visit": lambda record: _changed(
        record,
        _in_visit("Observation", "effectiveDateTime")(record),
        _set(["effectiveDateTime"], "1950-01-02"),
    ),
    "report-results": _strange_result,
    "condition-onset": lambda record: _changed(
        record, _in_visit("Condition", "onsetDateTime")(record), _set(["onsetDateTime"], "2090-01-02")
    ),
    "a1c-answers-treatment": (_a1c_values(-1), _a1c_values(1)),
    "one-member": _of(
        "Observation", lambda o: "subject" in o, _set(["subject"], {"reference": "Patient/none"})
    ),
    "npi-check-digit": _of(
        "Practitioner", lambda p: any(i.get("system") == NPI for i in each(p, "identifier")), _npi
    ),
    "ndc-digits": lambda record: _changed(record, _first(record.resources, _has_ndc), _ndc),
    "no-future": _of("Encounter", lambda e: get(e, "period", "end"), _set(["period", "end"], "2199-01-02")),
    "known-after-event": _of(
        "Encounter", lambda e: get(e, "period", "end"), _set(["meta", "lastUpdated"], "1950-01-02T00:00:00Z")
    ),
    "unique-ids": lambda record: ({}, [copy.deepcopy(record.resources[0])]),
    "provenance": _of(
        "Provenance", lambda p: each(p, "target"), _set(["target"], [{"reference": "Observation/none"}])
    ),
}


def run(resources, names):
    """Prints a line for each check and `N passed, N failed`; 0 where every check noticed its break."""
    record = Record(resources)
    before = coherence.run(record, names)
    passed = 0
    for name in names:
        made, failed = before[name]
        breaks = BREAKS[name] if type(BREAKS[name]) is tuple else (BREAKS[name],)
        broken = [b for b in (one(record) for one in breaks) if b is not None]
        if not broken:
            print(f"{name}: nothing to break")
            continue
        after = []
        for changed, added in broken:
            again = [changed.get(i, r) for i, r in enumerate(resources)] + added
            after.append(len(coherence.run(Record(again), [name])[name][1]))
        good = all(count > len(failed) for count in after)
        passed += good
        print(
            f"{name}: {'noticed' if good else 'NOT noticed'} ({len(failed)} failures before, {after} after)"
        )
    print(f"{passed} passed, {len(names) - passed} failed")
    return 0 if passed == len(names) else 1
