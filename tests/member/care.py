"""Checks of the clinical story: visits, findings, reports, problems, treatment and its effect, birth and death."""

from record import codes, days, each, first_day, get, last_day, reference, within
from years import covers

LOINC = "http://loinc.org"
A1C = ("4548-4", "17856-6", "4549-2", "59261-8")

# Ingredients that lower blood glucose, as they stand in the names of RxNorm.
GLUCOSE_LOWERING = (
    "metformin",
    "glipizide",
    "glimepiride",
    "glyburide",
    "sitagliptin",
    "linagliptin",
    "empagliflozin",
    "dapagliflozin",
    "canagliflozin",
    "semaglutide",
    "liraglutide",
    "dulaglutide",
    "tirzepatide",
    "pioglitazone",
    "insulin",
)

# Dates at which something happened to the member, by type; ends of plans and validities are none.
EVENTS = {
    "Encounter": ("period.start", "period.end"),
    "Condition": ("onsetDateTime", "abatementDateTime", "recordedDate"),
    "Observation": ("effectiveDateTime", "effectivePeriod.start", "issued"),
    "DiagnosticReport": ("effectiveDateTime", "effectivePeriod.start", "issued"),
    "Procedure": ("performedDateTime", "performedPeriod.start", "performedPeriod.end"),
    "Immunization": ("occurrenceDateTime", "recorded"),
    "MedicationRequest": ("authoredOn",),
    "MedicationDispense": ("whenPrepared", "whenHandedOver"),
    "MedicationAdministration": ("effectiveDateTime",),
    "AllergyIntolerance": ("recordedDate", "onsetDateTime", "lastOccurrence"),
    "DocumentReference": ("date", "context.period.start"),
    "Specimen": ("collection.collectedDateTime", "receivedTime"),
    "ServiceRequest": ("authoredOn",),
    "CarePlan": ("created", "period.start"),
    "Goal": ("startDate", "statusDate"),
    "QuestionnaireResponse": ("authored",),
    "Provenance": ("recorded", "occurredDateTime"),
    "Media": ("createdDateTime",),
    "ExplanationOfBenefit": (
        "created",
        "billablePeriod.start",
        "billablePeriod.end",
        "payment.date",
        "item.servicedDate",
        "item.servicedPeriod.start",
    ),
    "Device": ("manufactureDate",),
    "ClaimResponse": ("created",),
}
# Of these the papers, which may come after death and are of no treatment.
PAPERS = ("Provenance", "ExplanationOfBenefit", "ClaimResponse", "Device", "DocumentReference")


def events(resource):
    """(path, text) of the dates of a resource at which something happened; of a prior authorization, its making."""
    paths = EVENTS.get(resource["resourceType"], ())
    for path in ("created",) if resource.get("use") == "preauthorization" else paths:
        for text in each(resource, *path.split(".")):
            if type(text) is str:
                yield path, text


def life(record):
    """Nothing is done to the member before birth or after death; an abatement is not before the onset."""
    born = first_day(record.member.get("birthDate"))
    died = last_day(record.member.get("deceasedDateTime"))
    yield born is not None, record.member_key, "has no birth date"
    for resource in record.resources:
        if resource["resourceType"] in PAPERS:
            continue
        for path, text in events(resource):
            yield (
                within(text, born, died),
                record.key(resource),
                f"{path} {text} is outside of the member's life",
            )


def order_in_resource(record):
    """Ends are not before starts, results not before specimens, records not before onsets."""
    pairs = (
        ("period.start", "period.end"),
        ("onsetDateTime", "abatementDateTime"),
        ("onsetDateTime", "recordedDate"),
        ("effectiveDateTime", "issued"),
        ("effectivePeriod.start", "issued"),
        ("performedPeriod.start", "performedPeriod.end"),
        ("whenPrepared", "whenHandedOver"),
        ("billablePeriod.start", "billablePeriod.end"),
        ("collection.collectedDateTime", "receivedTime"),
        ("startDate", "target.dueDate"),
        ("manufactureDate", "expirationDate"),
    )
    for resource in record.resources:
        for first, second in pairs:
            for start in each(resource, *first.split(".")):
                for end in each(resource, *second.split(".")):
                    if days(start) and days(end):
                        good = days(start)[0] <= days(end)[1] and not (
                            len(start) == len(end) and start[19:] == end[19:] and start > end
                        )
                        yield good, record.key(resource), f"{second} {end} is before {first} {start}"


def visits_covered(record):
    """Every visit starts within the period of some coverage of the member."""
    coverages = record.by_type["Coverage"]
    for encounter in record.by_type["Encounter"]:
        day = first_day(get(encounter, "period", "start"))
        if encounter.get("status") in ("finished", "in-progress") and day is not None:
            yield (
                any(covers(c, day) for c in coverages),
                record.key(encounter),
                "starts on a day without coverage",
            )


def _span(encounter):
    start = first_day(get(encounter, "period", "start"))
    return start, last_day(get(encounter, "period", "end")) or start


def findings_in_visit(record):
    """An Observation of a visit is of its days; one of a laboratory or of imaging at most 45 days later.

    A Procedure of a visit is done on its days. A longer circumstance, as an occupation, is left aside.
    """
    for observation in record.by_type["Observation"]:
        encounter = record.at(observation.get("encounter"))
        text = observation.get("effectiveDateTime") or get(observation, "effectivePeriod", "start")
        if encounter is None or text is None:
            continue
        start, end = _span(encounter)
        category = {c for one in each(observation, "category") for c in codes(one)}
        late = 45 if category & {"laboratory", "imaging"} else 0
        if "effectivePeriod" in observation and "social-history" in category:
            continue  # an occupation or the like is older than the visit that tells of it
        yield (
            within(text, start, end + late),
            record.key(observation),
            f"{text} is not in {record.key(encounter)}",
        )
    for procedure in record.by_type["Procedure"]:
        encounter = record.at(procedure.get("encounter"))
        text = procedure.get("performedDateTime") or get(procedure, "performedPeriod", "start")
        if encounter is not None and text is not None:
            start, end = _span(encounter)
            yield within(text, start, end), record.key(procedure), f"{text} is not in {record.key(encounter)}"


def reports(record):
    """The results of a report are Observations of the same patient and day, and not issued after it."""
    for report in record.by_type["DiagnosticReport"]:
        own = report.get("effectiveDateTime") or get(report, "effectivePeriod", "start")
        for one in each(report, "result"):
            result = record.at(one)
            if result is None or result["resourceType"] != "Observation":
                yield False, record.key(report), f"{reference(one)} is no Observation of the record"
                continue
            yield (
                reference(result.get("subject")) == reference(report.get("subject")),
                record.key(report),
                f"{record.key(result)} is another person's",
            )
            taken = result.get("effectiveDateTime") or get(result, "effectivePeriod", "start")
            if own and taken:
                yield (
                    days(own) == days(taken),
                    record.key(report),
                    f"{record.key(result)} is of {taken}, the report of {own}",
                )


def conditions(record):
    """A problem begins by the day of the visit that it was found or recorded at."""
    for condition in record.by_type["Condition"]:
        encounter = record.at(condition.get("encounter"))
        onset = condition.get("onsetDateTime") or get(condition, "onsetPeriod", "start")
        if encounter is not None and onset is not None and days(onset):
            _, end = _span(encounter)
            yield (
                days(onset)[0] <= end,
                record.key(condition),
                f"onset {onset} is after {record.key(encounter)}",
            )
    for encounter in record.by_type["Encounter"]:
        _, end = _span(encounter)
        for one in each(encounter, "diagnosis", "condition"):
            condition = record.at(one)
            onset = get(condition, "onsetDateTime")
            if onset and days(onset):
                yield (
                    days(onset)[0] <= end,
                    record.key(encounter),
                    f"{record.key(condition)} begins after the visit",
                )


def _medication(record, order):
    concept = order.get("medicationCodeableConcept")
    if concept is None:
        concept = get(record.at(order.get("medicationReference")), "code")
    words = [get(concept, "text") or ""] + [c.get("display", "") for c in each(concept, "coding")]
    return " ".join(words).lower()


def _steps(record):
    """Ordinal days of the first order of each glucose-lowering drug, and the first day from which they are known.

    A prescription is valid for a year, so in a record that begins in the midst of a treatment an order of
    the first 400 days may be a renewal: before that day nothing is said.
    """
    first, known = {}, None
    for order in record.by_type["MedicationRequest"]:
        if order.get("status") in ("entered-in-error", "cancelled", "draft"):
            continue
        words = _medication(record, order)
        day = first_day(order.get("authoredOn"))
        if day is None or order.get("intent") not in ("order", "original-order"):
            continue
        known = min(day + 400, known or day + 400)
        for name in GLUCOSE_LOWERING:
            if name in words:
                first[name] = min(day, first.get(name, day))
    return sorted({day for day in first.values() if day >= known}), known


def _a1c(record):
    found = []
    for observation in record.by_type["Observation"]:
        if set(codes(observation.get("code"), LOINC)) & set(A1C) and observation.get("status") in (
            "final",
            "amended",
            "corrected",
        ):
            day, value = (
                first_day(observation.get("effectiveDateTime")),
                get(observation, "valueQuantity", "value"),
            )
            if day is not None and value is not None and get(observation, "valueQuantity", "code") == "%":
                found.append((day, float(value), record.key(observation)))
    return sorted(found)


def a1c(record):
    """HbA1c answers to treatment.

    A new glucose-lowering drug: the first value 60 to 300 days after is below the last one of the 200 days
    before. No new drug for a year: over that year the values do not fall by more than 0.4 points.
    """
    values = _a1c(record)
    steps, known = _steps(record)
    for step in steps:
        before = [v for v in values if step - 200 <= v[0] <= step]
        after = [v for v in values if step + 60 <= v[0] <= step + 300]
        if before and after:
            yield (
                after[0][1] < before[-1][1],
                after[0][2],
                f"{before[-1][1]} before a new drug, {after[0][1]} after",
            )
    for place, (day, value, _) in enumerate(values):
        later = [v for v in values[place + 1 :] if 300 <= v[0] - day <= 430]
        if (
            later
            and known is not None
            and day >= known
            and not any(day - 300 <= s <= later[0][0] for s in steps)
        ):
            good = later[0][1] >= value - 0.4
            yield good, later[0][2], f"falls from {value} to {later[0][1]} in a year without a new drug"


CHECKS = {
    "life": life,
    "order-in-resource": order_in_resource,
    "visit-covered": visits_covered,
    "finding-in-visit": findings_in_visit,
    "report-results": reports,
    "condition-onset": conditions,
    "a1c-answers-treatment": a1c,
}
