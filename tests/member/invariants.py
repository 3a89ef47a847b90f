"""FHIRPath invariants of R4 types, written out by hand.

BASE_RULES holds, by type or backbone path, pairs of a rule's key and a test that takes the JSON value
and the Run. A test may raise on a value of a wrong type: such a value has a fault of its own.
"""


def listed(value, name):
    found = value.get(name)
    return found if type(found) is list else []


def has(value, *names):
    """Whether a member, as a value or as the extension half of a primitive, is there."""
    return any(n in value or "_" + n in value for n in names)


def has_choice(value, stem):
    """Whether any form of a choice element is there: `value` for valueQuantity, valueString..."""
    size = len(stem)
    for key in value:
        bare = key[1:] if key[:1] == "_" else key
        if bare.startswith(stem) and bare[size : size + 1].isupper():
            return True
    return False


def codings(concept):
    found = concept.get("coding") if type(concept) is dict else None
    return found if type(found) is list else []


def has_code(concept, codes, system=None):
    return any(
        c.get("code") in codes and (system is None or c.get("system") == system) for c in codings(concept)
    )


VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
ALLERGY = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
MEALS = ("C", "CM", "CD", "CV")


def _before(start, end):
    """Whether two FHIR times are in order as far as both say; zones are compared when both have one."""
    size = min(len(start), len(end), 10)
    if start[:size] != end[:size]:
        return start[:size] < end[:size]
    if "T" in start and "T" in end and start[19:] == end[19:]:
        return start <= end
    return True


def _extension(value, run):
    return has(value, "extension") != has_choice(value, "value")


def _reference(value, run):
    return has(value, "reference", "identifier", "display", "extension", "type")


def _period(value, run):
    return "start" not in value or "end" not in value or _before(value["start"], value["end"])


def _ratio(value, run):
    return ("numerator" in value) == ("denominator" in value)


def _range(value, run):
    low, high = value.get("low", {}).get("value"), value.get("high", {}).get("value")
    return low is None or high is None or low <= high


def _dispensed(value, run):
    handed, prepared = value.get("whenHandedOver"), value.get("whenPrepared")
    return handed is None or prepared is None or _before(prepared, handed)


def _component_codes(value, run):
    if not has_choice(value, "value"):
        return True
    own = {(c.get("system"), c.get("code")) for c in codings(value.get("code"))}
    return not any(
        (c.get("system"), c.get("code")) in own
        for part in listed(value, "component")
        for c in codings(part.get("code"))
    )


def _contained_used(value, run):
    """Every contained resource is referred to, or refers to its container."""
    inner = listed(value, "contained")
    if not inner:
        return True
    used = set()
    _uses(value, used)
    return all("#" + c.get("id", "") in used or _refers_out(c) for c in inner)


def _uses(value, used):
    if type(value) is dict:
        for key, member in value.items():
            if type(member) is str:
                if member[:1] == "#":
                    used.add(member)
            else:
                _uses(member, used)
    elif type(value) is list:
        for member in value:
            if type(member) is str:
                if member[:1] == "#":
                    used.add(member)
            else:
                _uses(member, used)


def _refers_out(value):
    used = set()
    _uses(value, used)
    return "#" in used


def _contained_plain(value, run):
    return not any("contained" in c for c in listed(value, "contained"))


def _contained_meta(value, run):
    return not any(
        has(c.get("meta", {}), "versionId", "lastUpdated", "security") for c in listed(value, "contained")
    )


def _offset(value, run):
    when = value.get("when")
    return "offset" not in value or (bool(when) and not any(w in MEALS for w in when))


def _not_home(value, run):
    return not any(x.get("use") == "home" for n in ("telecom", "address") for x in listed(value, n))


def _condition_over(value, run):
    return not has_choice(value, "abatement") or has_code(
        value.get("clinicalStatus"), ("resolved", "remission", "inactive"), CLINICAL
    )


def _only_error(system):
    """clinicalStatus is absent exactly when the entry is an error; the first half as a test."""

    def test(value, run):
        wrong = has_code(value.get("verificationStatus"), ("entered-in-error",), system)
        return not (wrong and "clinicalStatus" in value)

    return test


def _needs_clinical(value, run):
    wrong = has_code(value.get("verificationStatus"), ("entered-in-error",), ALLERGY)
    return wrong or "clinicalStatus" in value


def _any(*names):
    return lambda value, run: has(value, *names)


def _needs(name, other):
    """Where `name` is there, `other` is too."""
    return lambda value, run: not has(value, name) or has(value, other)


def _not_both(name, other):
    return lambda value, run: not (has(value, name) and has(value, other))


def _at_least_zero(name):
    return lambda value, run: value.get(name, 0) >= 0


QUANTITY = (("qty-3", _needs("code", "system")),)
COUNTED = (("qty-3", _needs("code", "system")), ("qty-units", _needs("value", "code")))

DOMAIN = (
    ("dom-2", _contained_plain),
    ("dom-3", _contained_used),
    ("dom-4", _contained_meta),
)

BASE_RULES = {
    "Extension": (("ext-1", _extension),),
    "Reference": (("ref-1", _reference),),
    "Period": (("per-1", _period),),
    "Ratio": (("rat-1", _ratio),),
    "Range": (("rng-2", _range),),
    "Quantity": QUANTITY,
    "Duration": COUNTED,
    "Age": COUNTED,
    "Distance": COUNTED,
    "Attachment": (("att-1", _needs("data", "contentType")),),
    "ContactPoint": (("cpt-2", _needs("value", "system")),),
    "Timing.repeat": (
        ("tim-1", _needs("duration", "durationUnit")),
        ("tim-2", _needs("period", "periodUnit")),
        ("tim-4", _at_least_zero("duration")),
        ("tim-5", _at_least_zero("period")),
        ("tim-6", _needs("periodMax", "period")),
        ("tim-7", _needs("durationMax", "duration")),
        ("tim-8", _needs("countMax", "count")),
        ("tim-9", _offset),
        ("tim-10", _not_both("timeOfDay", "when")),
    ),
    "AllergyIntolerance": (("ait-1", _needs_clinical), ("ait-2", _only_error(ALLERGY))),
    "CarePlan.activity": (("cpl-3", _not_both("detail", "reference")),),
    "Condition": (("con-4", _condition_over), ("con-5", _only_error(VERIFICATION))),
    "Condition.stage": (("con-1", _any("summary", "assessment")),),
    "Condition.evidence": (("con-2", _any("code", "detail")),),
    "Consent": (("ppc-1", _any("policy", "policyRule")),),
    "Goal.target": (("gol-1", lambda v, run: has_choice(v, "detail") <= has(v, "measure")),),
    "Group": (("grp-1", lambda v, run: "member" not in v or v.get("actual") is True),),
    "Immunization.education": (("imm-1", _any("documentType", "reference")),),
    "InsurancePlan": (("ipn-1", _any("identifier", "name")),),
    "MedicationDispense": (("mdd-1", _dispensed),),
    "Observation": (
        ("obs-6", lambda v, run: not ("dataAbsentReason" in v and has_choice(v, "value"))),
        ("obs-7", _component_codes),
    ),
    "Observation.referenceRange": (("obs-3", _any("low", "high", "text")),),
    "Organization": (("org-1", _any("identifier", "name")), ("org-2", _not_home)),
    "Patient.contact": (("pat-1", _any("name", "telecom", "address", "organization")),),
    "QuestionnaireResponse.item": (("qrs-1", _not_both("answer", "item")),),
    "ServiceRequest": (("prr-1", _needs("orderDetail", "code")),),
}


def add_domain(resources):
    """Puts the rules of DomainResource on every resource that has contained resources."""
    for name in resources:
        if name not in ("Bundle", "Binary", "Parameters"):
            BASE_RULES[name] = BASE_RULES.get(name, ()) + DOMAIN
