"""Checks of a benefit year: deductible and out-of-pocket sums against the limits that the record gives."""

from collections import defaultdict
from decimal import Decimal

from record import (
    codes,
    each,
    first_day,
    get,
    kind,
    last_day,
    network,
    serviced,
    standing,
    totals,
)

ZERO = Decimal(0)


def focal(record, eob):
    """The Coverage that a claim was decided under."""
    for one in each(eob, "insurance"):
        if one.get("focal") is True:
            return record.at(one.get("coverage"))
    return None


def covers(coverage, day):
    period = coverage.get("period", {})
    start, end = first_day(period.get("start")), last_day(period.get("end"))
    return (start is None or start <= day) and (end is None or day <= end)


def payor(coverage):
    return str([p.get("reference") or p.get("display") for p in each(coverage, "payor")])


def limits(coverage):
    """Limits by (code, network) of Coverage.costToBeneficiary; in network where no word says out."""
    found = {}
    for one in each(coverage, "costToBeneficiary"):
        value = get(one, "valueMoney", "value")
        words = (get(one, "type", "text") or "").lower()
        side = "outofnetwork" if "out of network" in words or "out-of-network" in words else "innetwork"
        for code in codes(one.get("type")):
            if value is not None and code in ("deductible", "maxoutofpocket"):
                found[(code, side)] = Decimal(value)
    return found


def year_of(record, eob):
    """The coverage whose limits count for a claim: its own, or the one with limits of that day for drugs."""
    own = focal(record, eob)
    if own is None or limits(own) or not serviced(eob):
        return own
    day = first_day(serviced(eob)[0])
    for coverage in record.by_type["Coverage"]:
        if limits(coverage) and kind(eob) == "pharmacy" and covers(coverage, day):
            return coverage
    return own


def yearly(record):
    """(coverage key, network) to its standing claims in the order of adjudication, teeth apart."""
    years = defaultdict(list)
    for eob in record.claims:
        coverage = year_of(record, eob) if standing(eob) and kind(eob) != "oral" else None
        if coverage is not None:
            years[(record.key(coverage), network(eob))].append(eob)
    for claims in years.values():
        claims.sort(key=lambda eob: (eob.get("created", ""), eob.get("id", "")))
    return years


def _within(record, code, names):
    for (key, side), claims in yearly(record).items():
        limit = limits(record.by_key[key]).get((code, side))
        if limit is not None:
            spent = sum((totals(e).get(n, ZERO) for e in claims for n in names), ZERO)
            yield spent <= limit, key, f"{side}: {spent} of {limit} ({code})"


def deductible(record):
    """The deductibles of a benefit year and network are not more than Coverage.costToBeneficiary says."""
    yield from _within(record, "deductible", ("deductible",))


def out_of_pocket(record):
    """deductible + copay + coinsurance of a benefit year and network stay within maxoutofpocket."""
    yield from _within(record, "maxoutofpocket", ("deductible", "copay", "coinsurance"))


CHECKS = {
    "year-deductible": deductible,
    "year-out-of-pocket": out_of_pocket,
}
