"""Checks of the money of every claim: the identities of the CARIN adjudication categories.

Every check is a generator of (holds, who, what was wrong); a category that is not given counts as 0.
"""

from decimal import Decimal

from record import codes, denied, each, get, kind, network, sums, totals

ZERO = Decimal(0)
# No standard code system has these: the codes of the generator's payer.
DRUG_PARTS = {"ingredientcost", "dispensingfee", "salestax", "vaccineadministration"}


def item_totals(record):
    """For every category: the sum over the lines, or over the header where lines have no amounts, is the total."""
    for eob in record.claims:
        lines = sums(a for name in ("item", "addItem") for a in each(eob, name, "adjudication"))
        found = lines or sums(each(eob, "adjudication"))
        total = totals(eob)
        for name in sorted(set(found) | set(total)):
            if name.startswith("paidbypatient"):
                continue  # paid at the counter for the whole claim
            good = found.get(name, ZERO) == total.get(name, ZERO) and name in total
            yield good, record.key(eob), f"{name}: parts {found.get(name)}, total {total.get(name)}"


def _parts(record):
    """(eob, where, amounts) of every level of a claim that has a submitted amount."""
    for eob in record.claims:
        yield eob, "total", totals(eob)
        for item in each(eob, "item"):
            found = sums(each(item, "adjudication"))
            if "submitted" in found:
                yield eob, f"item {item.get('sequence')}", found


def member_liability(record):
    """memberliability = deductible + coinsurance + copay + noncovered."""
    for eob, where, m in _parts(record):
        owed = sum((m.get(n, ZERO) for n in ("deductible", "coinsurance", "copay", "noncovered")), ZERO)
        yield (
            m.get("memberliability", ZERO) == owed,
            record.key(eob),
            f"{where}: {m.get('memberliability')}, parts {owed}",
        )


def discount(record):
    """In network discount = submitted - noncovered - eligible; out of network and else 0."""
    for eob, where, m in _parts(record):
        status = network(eob)
        if status is None:
            yield False, record.key(eob), "says no benefit payment status"
            continue
        rest = m.get("submitted", ZERO) - m.get("noncovered", ZERO) - m.get("eligible", ZERO)
        wanted = rest if status == "innetwork" else ZERO
        given = m.get("discount", ZERO)
        yield given == wanted, record.key(eob), f"{where}, {status}: discount {given}, expected {wanted}"


def submitted(record):
    """submitted = discount + noncovered + eligible, in and out of network."""
    for eob, where, m in _parts(record):
        rest = sum((m.get(n, ZERO) for n in ("discount", "noncovered", "eligible")), ZERO)
        yield m.get("submitted") == rest, record.key(eob), f"{where}: {m.get('submitted')}, parts {rest}"


def payer_payment(record):
    """eligible - priorpayerpaid - (memberliability - noncovered) = paidtoprovider + paidtopatient = benefit."""
    for eob, where, m in _parts(record):
        share = m.get("memberliability", ZERO) - m.get("noncovered", ZERO)
        wanted = m.get("eligible", ZERO) - m.get("priorpayerpaid", ZERO) - share
        paid = m.get("paidtoprovider", ZERO) + m.get("paidtopatient", ZERO)
        good = paid == wanted and m.get("benefit", paid) == paid
        yield (
            good,
            record.key(eob),
            f"{where}: eligible less shares {wanted}, paid {paid}, benefit {m.get('benefit')}",
        )


def payment(record):
    """payment.amount is what was paid to provider and patient together; a payment of nothing has none or 0."""
    for eob in record.claims:
        m = totals(eob)
        paid = m.get("paidtoprovider", ZERO) + m.get("paidtopatient", ZERO)
        given = get(eob, "payment", "amount", "value")
        good = Decimal(given) == paid if given is not None else paid == 0
        yield good, record.key(eob), f"payment {given}, paid {paid}"


def paid_by_patient(record):
    """What the patient has paid is not more than the liability, and its parts make it up."""
    for eob in record.claims:
        m = totals(eob)
        parts = [m[n] for n in m if n.startswith("paidbypatient") and n != "paidbypatient"]
        paid = m.get("paidbypatient", sum(parts, ZERO))
        if "paidbypatient" in m or parts:
            good = paid <= m.get("memberliability", ZERO) and (not parts or sum(parts, ZERO) == paid)
            yield good, record.key(eob), f"paid {paid}, liability {m.get('memberliability')}"


def pharmacy_cost(record):
    """On a pharmacy claim that was not denied, eligible = drugcost > 0.

    Where its parts are told, drugcost = ingredient + dispensing fee + tax + administration.
    """
    for eob in record.claims:
        if kind(eob) == "pharmacy" and not denied(eob):
            m = totals(eob)
            good = m.get("drugcost") is not None and m.get("drugcost") == m.get("eligible") > 0
            yield good, record.key(eob), f"drugcost {m.get('drugcost')}, eligible {m.get('eligible')}"
            parts = [
                a for a in each(eob, "item", "adjudication") if DRUG_PARTS & set(codes(a.get("category")))
            ]
            if parts:
                made = sum((Decimal(get(a, "amount", "value")) for a in parts), ZERO)
                yield (
                    made == m.get("drugcost"),
                    record.key(eob),
                    f"parts {made}, drugcost {m.get('drugcost')}",
                )


def not_negative(record):
    """No amount is below 0, and none has more than two places."""
    for eob in record.claims:
        for one in each(eob, "total") + each(eob, "item", "adjudication") + each(eob, "adjudication"):
            value = get(one, "amount", "value")
            if value is not None:
                good = value >= 0 and Decimal(value) == round(Decimal(value), 2)
                yield good, record.key(eob), f"{codes(one.get('category'))}: {value}"


def denied_pays_nothing(record):
    """A denied claim has nothing eligible and nothing paid, and says why."""
    for eob in record.claims:
        m = totals(eob)
        if denied(eob):
            zero = all(
                m.get(n, ZERO) == 0
                for n in (
                    "eligible",
                    "benefit",
                    "paidtoprovider",
                    "paidtopatient",
                    "copay",
                    "coinsurance",
                    "deductible",
                )
            )
            reasons = [
                a
                for a in each(eob, "item", "adjudication") + each(eob, "adjudication")
                if {"adjustmentreason", "rejectreason"} & set(codes(a.get("category")))
                and codes(a.get("reason"))
            ]
            yield (
                zero and bool(reasons),
                record.key(eob),
                f"eligible {m.get('eligible')}, {len(reasons)} reasons",
            )
        elif m.get("submitted", ZERO) > 0:  # a code that only counts a visit costs nothing
            yield m["eligible"] > 0, record.key(eob), "nothing is eligible, but the claim is not denied"


CHECKS = {
    "money-item-totals": item_totals,
    "money-member-liability": member_liability,
    "money-discount": discount,
    "money-submitted": submitted,
    "money-payer-payment": payer_payment,
    "money-payment": payment,
    "money-paid-by-patient": paid_by_patient,
    "money-pharmacy-cost": pharmacy_cost,
    "money-not-negative": not_negative,
    "money-denied": denied_pays_nothing,
}
