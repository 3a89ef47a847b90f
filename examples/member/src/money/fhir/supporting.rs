//! Supporting information of a claim: when it came, what kind of bill, the stay, the prescription.

use super::eob::sequence;
use super::{C4BB_CODES, bare, refer};
use crate::fhir::parts::{TERMINOLOGY, coding};
use crate::json::{Obj, Raw, Value};
use crate::life::Life;
use crate::money::claim::{Claim, Kind, Script, Stay};

/// Medicare severity diagnosis related groups.
const MS_DRG: &str = "https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/\
                      MS-DRG-Classifications-and-Software";

/// One piece: category, field of the value, value.
type Info = (&'static str, &'static str, Raw<String>);

/// A piece.
fn info(category: &'static str, field: &'static str, value: impl Value) -> Info {
    let mut text = String::new();
    value.write(&mut text);
    (category, field, Raw(text))
}

/// All of a claim, numbered.
pub(super) fn all(life: &Life, claim: &Claim) -> Vec<Obj> {
    let mut infos: Vec<Info> = Vec::new();
    if let Some(stay) = &claim.stay {
        of_stay(claim, stay, &mut infos);
    }
    if let Some(script) = &claim.script {
        of_script(script, &mut infos);
    }
    infos.push(info("clmrecvddate", "timingDate", claim.received.to_string()));
    let on_form = matches!(claim.kind, Kind::Professional | Kind::Vision | Kind::Oral);
    if let Some((reference, name)) = claim.facility.as_ref().filter(|_| on_form) {
        infos.push(info("servicefacility", "valueReference", refer(reference, name)));
    }
    if claim.kind != Kind::Pharmacy {
        // The providers of this life use the contract number as medical record number.
        let record = life.member.member_number.split('-').next().unwrap_or_default();
        infos.push(info("medicalrecordnumber", "valueString", record));
        let account = format!("ACCT-{}", &claim.uc[..8]);
        infos.push(info("patientaccountnumber", "valueString", account));
    }
    let system = format!("{C4BB_CODES}C4BBSupportingInfoType");
    infos
        .into_iter()
        .enumerate()
        .map(|(n, (category, field, value))| {
            Obj::new()
                .put("sequence", sequence(n))
                .put("category", bare(&system, category))
                .put(field, value)
        })
        .collect()
}

/// What only a hospital's claim says.
fn of_stay(claim: &Claim, stay: &Stay, infos: &mut Vec<Info>) {
    let nubc = |category, system: &str, code: &str| {
        info(category, "code", bare(&format!("https://www.nubc.org/CodeSystem/{system}"), code))
    };
    if claim.kind == Kind::Inpatient {
        let period = Obj::new().text("start", claim.service.0).text("end", claim.service.1);
        infos.push(info("admissionperiod", "timingPeriod", period));
    }
    infos.push(nubc("typeofbill", "TypeOfBill", &stay.bill_type));
    infos.push(nubc("pointoforigin", "PointOfOrigin", stay.origin));
    infos.push(nubc("admtype", "PriorityTypeOfAdmitOrVisit", stay.admission_type));
    infos.push(nubc("discharge-status", "PatDischargeStatus", stay.discharge));
    if let Some((code, display)) = stay.drg {
        let drg = Obj::new().one("coding", coding(MS_DRG, code, display));
        infos.push(info("drg", "code", drg));
    }
}

/// What only a pharmacy's claim says.
fn of_script(script: &Script, infos: &mut Vec<Info>) {
    let ncpdp = |category, system: &str, code: &str| {
        info(category, "code", bare(&format!("{TERMINOLOGY}{system}"), code))
    };
    let number =
        |category, value: i64| info(category, "valueQuantity", Obj::new().put("value", value));
    let days = Obj::new()
        .put("value", script.days_supply)
        .put("unit", "day")
        .put("system", "http://unitsofmeasure.org")
        .put("code", "d");
    infos.push(info("dayssupply", "valueQuantity", days));
    infos.push(ncpdp("dawcode", "NCPDPDispensedAsWrittenOrProductSelectionCode", script.daw));
    infos.push(number("refillnum", script.refill));
    infos.push(number("refillsauthorized", script.refills_authorized));
    let brand = if script.brand { "1" } else { "2" };
    infos.push(ncpdp("brandgenericindicator", "NCPDPBrandGenericIndicator", brand));
    infos.push(ncpdp("rxorigincode", "NCPDPPrescriptionOriginCode", script.origin));
    infos.push(ncpdp("compoundcode", "NCPDPCompoundCode", "1"));
}
