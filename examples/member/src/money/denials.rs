//! Why a payer does not pay: claim adjustment reason codes and remark codes (X12, CMS) and reject codes
//! of pharmacies (NCPDP), each with who bears the amount and what the member is told. Facts only.

use super::adjudicate::Burden;
use super::claim::Denial;

/// Part of another service of the day.
pub(super) static BUNDLED: Denial = Denial {
    reason: "97",
    remark: Some("M15"),
    note: "This service is part of another service of the same day and is not paid separately. You owe nothing for it.",
    burden: Burden::Provider,
};

/// Not covered by the contract.
pub(super) static NOT_COVERED: Denial = Denial {
    reason: "96",
    remark: Some("N130"),
    note: "Your plan does not cover this service. See the exclusions in your benefit booklet.",
    burden: Burden::Member,
};

/// Not shown to be necessary.
pub(super) static NOT_NECESSARY: Denial = Denial {
    reason: "50",
    remark: Some("N115"),
    note: "We did not find this service medically necessary. Your doctor can send us records, and you can appeal within 180 days.",
    burden: Burden::Provider,
};

/// Billed too late.
pub(super) static UNTIMELY: Denial = Denial {
    reason: "29",
    remark: None,
    note: "The provider sent this claim after the time limit for filing. You owe nothing.",
    burden: Burden::Provider,
};

/// Something is missing on the claim.
pub(super) static INCOMPLETE: Denial = Denial {
    reason: "16",
    remark: Some("MA130"),
    note: "The claim lacked information. We asked the provider to send a corrected claim.",
    burden: Burden::Provider,
};

/// Sent twice.
pub(super) static DUPLICATE: Denial = Denial {
    reason: "18",
    remark: Some("N522"),
    note: "This is a duplicate of a claim that we already processed.",
    burden: Burden::Provider,
};

/// Outside the network of a plan that pays nothing there.
pub(super) static OUT_OF_NETWORK: Denial = Denial {
    reason: "242",
    remark: Some("N130"),
    note: "Your plan pays only for providers of its network, except in an emergency.",
    burden: Burden::Member,
};

/// The dental maximum of the year is used up.
pub(super) static MAXIMUM_REACHED: Denial = Denial {
    reason: "119",
    remark: None,
    note: "The maximum your dental plan pays in a year has been reached.",
    burden: Burden::Member,
};

/// The pharmacy must ask before (NCPDP reject 75).
pub(super) static PRIOR_AUTHORIZATION: Denial = Denial {
    reason: "75",
    remark: None,
    note: "This drug needs prior authorization. We have asked your prescriber for details.",
    burden: Burden::Provider,
};

/// Refill too soon (NCPDP reject 79).
pub(super) static TOO_SOON: Denial = Denial {
    reason: "79",
    remark: None,
    note: "It is too soon for this refill.",
    burden: Burden::Provider,
};

/// Not in the formulary (NCPDP reject 70).
pub(super) static NOT_IN_FORMULARY: Denial = Denial {
    reason: "70",
    remark: None,
    note: "This drug is not in your plan's formulary. Ask your prescriber for another, or for an exception.",
    burden: Burden::Member,
};

/// Name of a reason code as the payer prints it.
pub(super) fn reason_display(denial: &Denial) -> &'static str {
    match denial.reason {
        "97" => "Benefit for this service is included in another service already adjudicated",
        "96" => "Non-covered charge(s)",
        "50" => "Not deemed a medical necessity by the payer",
        "29" => "The time limit for filing has expired",
        "16" => "Claim/service lacks information or has submission/billing error(s)",
        "18" => "Exact duplicate claim/service",
        "242" => "Services not provided by network/primary care providers",
        "119" => "Benefit maximum for this time period or occurrence has been reached",
        "75" => "Prior Authorization Required",
        "79" => "Fill Too Soon",
        _ => "Product/Service Not Covered",
    }
}
