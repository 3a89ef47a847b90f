"""Checks of what claims refer to: chains of adjustments, coverage, numbered parts, fills and visits."""

from collections import defaultdict

from record import (
    NDC,
    codes,
    days,
    denied,
    each,
    first_day,
    get,
    identifier,
    kind,
    last_day,
    reference,
    serviced,
    standing,
    supporting,
    within,
)
from years import focal

REJECTED = "http://terminology.hl7.org/CodeSystem/NCPDPRejectCode"
# Claims of a visit are looked for by line reference, else by day and by organization or person.
VISIT_KINDS = ("professional", "institutional", "vision", "oral")


def chains(record):
    """`related` prior and replacedby name claims by their uc identifier, both ways; only the last is active."""
    by_uc = {}
    for eob in record.claims:
        for uc in identifier(eob, "uc"):
            yield uc not in by_uc, record.key(eob), f"unique claim id {uc} occurs twice"
            by_uc[uc] = eob
    for eob in record.claims:
        own = set(identifier(eob, "uc"))
        for relation, back in (("prior", "replacedby"), ("replacedby", "prior")):
            for uc in _related(eob, relation):
                other = by_uc.get(uc)
                if other is None:
                    yield False, record.key(eob), f"{relation} {uc} is no claim of the record"
                    continue
                yield (
                    bool(own & set(_related(other, back))),
                    record.key(eob),
                    f"{relation} {uc} does not point back",
                )
                first, second = (other, eob) if relation == "prior" else (eob, other)
                good = first.get("status") == "cancelled" and first.get("created", "") <= second.get(
                    "created", ""
                )
                yield (
                    good,
                    record.key(first),
                    "is replaced, but not cancelled, or is later than what replaces it",
                )
        if len(_related(eob, "prior")) > 1 or len(_related(eob, "replacedby")) > 1:
            yield False, record.key(eob), "has two neighbours on one side"
    for eob in record.claims:
        seen, at = set(), eob
        while at is not None and record.key(at) not in seen:
            seen.add(record.key(at))
            at = by_uc.get(next(iter(_related(at, "replacedby")), None))
        if len(seen) > 1:
            yield at is None, record.key(eob), "is in a circle"


def _related(eob, relation):
    return [
        get(r, "reference", "value") for r in each(eob, "related") if relation in codes(r.get("relationship"))
    ]


def in_coverage(record):
    """Every date of service lies in the period of the coverage that the claim was decided under.

    A stay over New Year belongs to the coverage of its first day, with all that is billed for it.
    """
    for eob in record.claims:
        coverage = focal(record, eob)
        if coverage is None:
            yield False, record.key(eob), "has no focal coverage in the record"
            continue
        period = coverage.get("period", {})
        start, end = first_day(period.get("start")), last_day(period.get("end"))
        for text in serviced(eob):
            stay = get(eob, "billablePeriod", "start") or text
            held = within(text, start, end) or (within(stay, start, end) and text >= stay)
            yield held, record.key(eob), f"{text} is outside of {record.key(coverage)}"
        same = reference(coverage.get("beneficiary")) == reference(eob.get("patient"))
        yield same, record.key(eob), f"{record.key(coverage)} is another person's"


def sequences(record):
    """Numbers of care team, diagnoses, procedures, information and notes in lines name such a part; none twice."""
    parts = (
        ("careTeamSequence", "careTeam", "sequence"),
        ("diagnosisSequence", "diagnosis", "sequence"),
        ("procedureSequence", "procedure", "sequence"),
        ("informationSequence", "supportingInfo", "sequence"),
        ("noteNumber", "processNote", "number"),
    )
    for eob in record.claims + record.authorizations:
        for used, part, number in parts:
            numbers = [p.get(number) for p in each(eob, part)]
            yield len(numbers) == len(set(numbers)), record.key(eob), f"{part} has a number twice"
            for n in each(eob, "item", used):
                yield n in numbers, record.key(eob), f"{used} {n} is no {part}"
        lines = [i.get("sequence") for i in each(eob, "item")]
        yield lines == list(range(1, len(lines) + 1)), record.key(eob), "lines are not numbered 1, 2, ..."


def service_in_period(record):
    """The dates of the lines lie in the billable period, and adjudication and payment are not before them."""
    for eob in record.claims + record.authorizations:
        start = first_day(get(eob, "billablePeriod", "start"))
        end = last_day(get(eob, "billablePeriod", "end"))
        for text in serviced(eob):
            yield within(text, start, end), record.key(eob), f"{text} is outside of the billable period"
            if eob.get("use") == "claim":
                decided = first_day(eob.get("created"))
                yield (
                    decided is None or decided >= days(text)[0],
                    record.key(eob),
                    "is decided before the service",
                )
        paid = first_day(get(eob, "payment", "date"))
        decided = first_day(eob.get("created"))
        if paid is not None and decided is not None:
            yield paid >= decided, record.key(eob), "is paid before it is decided"


def _fills(record):
    """Dispenses that were handed over, by prescription."""
    found = defaultdict(list)
    for dispense in record.by_type["MedicationDispense"]:
        if dispense.get("status") == "completed" and dispense.get("whenHandedOver"):
            for one in each(dispense, "authorizingPrescription"):
                found[reference(one)].append(dispense)
    for fills in found.values():
        fills.sort(key=lambda d: d["whenHandedOver"])
    return found


def _refill_number(dispense):
    for extension in each(dispense, "extension"):
        if extension.get("url", "").endswith("/DispenseRefill"):
            for key, value in extension.items():
                if key.startswith("value"):
                    return get(value, "value") if type(value) is dict else value
    return None


def refills(record):
    """Fills of a prescription follow each other: not before 75 % of the last one's days, nor more than allowed."""
    for key, fills in _fills(record).items():
        order = record.by_key.get(key)
        if order is None:
            yield False, key, "is filled, but is not in the record"
            continue
        allowed = get(order, "dispenseRequest", "numberOfRepeatsAllowed") or 0
        yield len(fills) <= allowed + 1, key, f"{len(fills)} fills, {allowed} refills allowed"
        written = first_day(order.get("authoredOn"))
        yield (
            written is None or first_day(fills[0]["whenHandedOver"]) >= written,
            key,
            "is filled before it was written",
        )
        for place, fill in enumerate(fills):
            number = _refill_number(fill)
            if number is not None:
                # A record that begins later holds the last fills only, so the first one may have any number.
                first = _refill_number(fills[0])
                good = first is None or (number == first + place and number <= allowed)
                yield (
                    good,
                    record.key(fill),
                    f"says refill {number} of {allowed}, is number {place} of the record",
                )
        for before, after in zip(fills, fills[1:]):
            supply = get(before, "daysSupply", "value")
            gap = first_day(after["whenHandedOver"]) - first_day(before["whenHandedOver"])
            if supply is not None:
                yield gap >= float(supply) * 0.75, record.key(after), f"{gap} days after one of {supply} days"


def _ndc(concept):
    return "".join(c for c in next(iter(codes(concept, NDC)), "") if c != "-")


def fills_have_claims(record):
    """Every fill has a pharmacy claim of its prescription and day, with the same package and days of supply."""
    claims = _pharmacy(record)
    newest = first_day(record.newest) or 0
    for key, fills in _fills(record).items():
        for fill in fills:
            day = first_day(fill["whenHandedOver"])
            if day > newest - 3:
                continue  # the claim is published a day or two later
            found = [e for e in claims.get(key, []) if any(within(t, day, day) for t in serviced(e))]
            yield bool(found), record.key(fill), "has no pharmacy claim"
            for eob in found:
                package = _ndc(fill.get("medicationCodeableConcept"))
                billed = [_ndc(i.get("productOrService")) for i in each(eob, "item")]
                yield (
                    not package or package in billed,
                    record.key(eob),
                    "bills another package than was handed over",
                )
                supply = [get(i, "valueQuantity", "value") for i in supporting(eob, "dayssupply")]
                given = get(fill, "daysSupply", "value")
                yield (
                    given is None or given in supply,
                    record.key(eob),
                    f"bills {supply} days, {given} were handed over",
                )


def _pharmacy(record):
    found = defaultdict(list)
    for eob in record.claims:
        if kind(eob) == "pharmacy":
            found[reference(eob.get("prescription"))].append(eob)
    return found


def _vaccines(record, eob):
    """Vaccines that a pharmacy gave on the day of its claim, of the same package: they have no dispense."""
    billed = {_ndc(i.get("productOrService")) for i in each(eob, "item")}
    return [
        shot
        for shot in record.by_type["Immunization"]
        if shot.get("status") == "completed"
        and _ndc(shot.get("vaccineCode")) in billed
        and any(within(t, *days(shot.get("occurrenceDateTime"))) for t in serviced(eob))
    ]


def claims_have_fills(record):
    """A pharmacy claim that stands and was not denied has its fill or vaccine, and only one claim stands for each.

    One that was reversed or rejected is paired: another claim of the same prescription follows, or it had a fill.
    """
    by_fill = _fills(record)
    for key, claims in _pharmacy(record).items():
        held = defaultdict(list)
        for eob in claims:
            texts = serviced(eob)
            fills = [
                f for f in by_fill.get(key, []) if any(within(t, *days(f["whenHandedOver"])) for t in texts)
            ]
            fills += _vaccines(record, eob)
            if not standing(eob) or denied(eob):
                decided = eob.get("created", "")
                follows = any(e is not eob and e.get("created", "") >= decided for e in claims)
                # A refill that was tried too soon comes after a fill, and need not be tried again.
                reasons = [a.get("reason") for item in each(eob, "item") for a in each(item, "adjudication")]
                if any("79" in codes(reason, REJECTED) for reason in reasons if reason):
                    follows |= any(e.get("created", "") < decided for e in claims)
                yield bool(fills) or follows, record.key(eob), "is reversed or rejected, and nothing follows"
                continue
            yield bool(fills), record.key(eob), "has no fill of its prescription on its day"
            for fill in fills:
                held[record.key(fill)].append(eob)
        for fill, paid in held.items():
            yield len(paid) == 1, fill, f"{len(paid)} claims stand for it"


def claims_have_visits(record):
    """A claim that stands, drugs apart, has its Encounter: named by a line, or of its day."""
    by_day = defaultdict(list)
    for encounter in record.by_type["Encounter"]:
        start = first_day(get(encounter, "period", "start"))
        end = last_day(get(encounter, "period", "end")) or start
        if start is not None:
            for day in range(start, min(end, start + 60) + 1):
                by_day[day].append(encounter)
    for eob in record.claims:
        lines = each(eob, "item", "encounter")
        if not standing(eob) or denied(eob) or (kind(eob) not in VISIT_KINDS and not lines):
            continue
        named = [record.at(r) for r in lines]
        for encounter in named:
            if encounter is None:
                yield False, record.key(eob), "names an encounter that is not in the record"
                continue
            start, end = (
                first_day(get(encounter, "period", "start")),
                last_day(get(encounter, "period", "end")),
            )
            # A specimen may reach the laboratory, and a scan be read, on the days after.
            good = any(within(t, start - 1, (end or start) + 7) for t in serviced(eob))
            yield good, record.key(eob), f"its day is not in {record.key(encounter)}"
        if not named:
            who = _providers(eob)
            near = [
                e for t in serviced(eob) for d in range(days(t)[0], days(t)[1] + 1) for e in by_day.get(d, [])
            ]
            yield (
                any(who & _providers(e) for e in near),
                record.key(eob),
                "has no encounter of its day and provider",
            )


def _providers(resource):
    values = each(resource, "provider") + each(resource, "careTeam", "provider") + each(resource, "facility")
    values += each(resource, "serviceProvider") + each(resource, "participant", "individual")
    values += each(resource, "location", "location")
    return {reference(v) for v in values} - {None}


def visits_have_claims(record):
    """A finished Encounter is billed: some claim names it, or is of its days and of one of its providers."""
    named, by_day = set(), defaultdict(list)
    for eob in record.claims:
        named.update(reference(r) for r in each(eob, "item", "encounter"))
        for text in serviced(eob):
            first, last = days(text)
            for day in range(first, last + 1):
                by_day[day].append(eob)
    newest = first_day(record.newest) or 0
    for encounter in record.by_type["Encounter"]:
        start, end = first_day(get(encounter, "period", "start")), last_day(get(encounter, "period", "end"))
        # A claim comes weeks after the visit.
        if encounter.get("status") != "finished" or start is None or (end or start) > newest - 60:
            continue
        near = [e for day in range(start, (end or start) + 1) for e in by_day.get(day, [])]
        good = record.key(encounter) in named or any(_providers(e) & _providers(encounter) for e in near)
        yield good, record.key(encounter), "has no claim"


def authorizations(record):
    """A number in preAuthRef is that of a prior authorization whose period holds the day of service."""
    by_number = defaultdict(list)
    for eob in record.authorizations:
        for number in each(eob, "preAuthRef"):
            by_number[number].append(eob)
    for eob in record.claims:
        for number in each(eob, "preAuthRef"):
            found = by_number.get(number, [])
            yield bool(found), record.key(eob), f"authorization {number} is not in the record"
            periods = [p for e in found for p in each(e, "preAuthRefPeriod")]
            if periods:
                good = any(
                    within(t, first_day(p.get("start")), last_day(p.get("end")))
                    for p in periods
                    for t in serviced(eob)
                )
                yield good, record.key(eob), f"authorization {number} does not hold on its day"


CHECKS = {
    "claim-chains": chains,
    "claim-in-coverage": in_coverage,
    "claim-sequences": sequences,
    "claim-dates": service_in_period,
    "claim-authorization": authorizations,
    "claim-has-visit": claims_have_visits,
    "visit-has-claim": visits_have_claims,
    "refills": refills,
    "fill-has-claim": fills_have_claims,
    "claim-has-fill": claims_have_fills,
}
