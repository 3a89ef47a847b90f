//! The parent's problems, medicines, vaccinations, visits and plan of care.

use super::{Lines, PARENT, concept, hl7, rxnorm, snomed, us_core};

pub(super) fn write(out: &mut Lines) {
    conditions(out);
    encounters(out);
    medications(out);
    prevention(out);
    plan(out);
}

fn subject() -> String {
    format!(r#""subject":{{"reference":"Patient/{PARENT}","display":"Maren Tolvik"}}"#)
}

fn conditions(out: &mut Lines) {
    for (id, code, display, onset, status) in [
        ("con-diabetes", "44054006", "Diabetes mellitus type 2", "2016-05-09", "active"),
        ("con-hypertension", "59621000", "Essential hypertension", "2013-11-20", "active"),
        ("con-lipids", "55822004", "Hyperlipidemia", "2017-02-02", "active"),
        ("con-wrist", "70704007", "Sprain of wrist", "2022-01-17", "resolved"),
    ] {
        let abatement = match status {
            "resolved" => r#","abatementDateTime":"2022-04-05""#,
            _ => "",
        };
        let members = format!(
            r#""clinicalStatus":{},"verificationStatus":{},"category":[{}],"code":{},{},"onsetDateTime":"{onset}"{abatement},"recordedDate":"{onset}","recorder":{{"reference":"Practitioner/prac-ovesen"}}"#,
            hl7("condition-clinical", status),
            hl7("condition-ver-status", "confirmed"),
            hl7("condition-category", "problem-list-item"),
            snomed(code, display),
            subject(),
        );
        let profile = us_core("condition-problems-health-concerns");
        out.add("Condition", id, &profile, &members);
    }
}

fn encounters(out: &mut Lines) {
    for (id, date, code, text, practitioner) in [
        ("enc-2021-05", "2021-05-11", "185349003", "Encounter for check up", "prac-ovesen"),
        ("enc-2022-01", "2022-01-17", "50849002", "Emergency room admission", "prac-quillan"),
        ("enc-2022-06", "2022-06-08", "185349003", "Encounter for check up", "prac-ovesen"),
        ("enc-2023-03", "2023-03-22", "11429006", "Consultation", "prac-dallimore"),
        ("enc-2023-10", "2023-10-04", "185349003", "Encounter for check up", "prac-ovesen"),
        ("enc-2024-06", "2024-06-19", "185349003", "Encounter for check up", "prac-ovesen"),
        ("enc-2025-02", "2025-02-26", "11429006", "Consultation", "prac-dallimore"),
        ("enc-2025-08", "2025-08-13", "185349003", "Encounter for check up", "prac-ovesen"),
    ] {
        let class = if code == "50849002" { "EMER" } else { "AMB" };
        let members = format!(
            r#""status":"finished","class":{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"{class}"}},"type":[{}],{},"participant":[{{"individual":{{"reference":"Practitioner/{practitioner}"}}}}],"period":{{"start":"{date}T09:00:00-05:00","end":"{date}T09:40:00-05:00"}},"location":[{{"location":{{"reference":"Location/loc-harbor"}}}}],"serviceProvider":{{"reference":"Organization/org-clinic"}}"#,
            snomed(code, text),
            subject(),
        );
        out.add("Encounter", id, &us_core("encounter"), &members);
    }
}

fn medications(out: &mut Lines) {
    for (id, code, display) in [
        ("med-metformin", "861007", "metformin hydrochloride 500 MG Oral Tablet"),
        ("med-lisinopril", "314076", "lisinopril 10 MG Oral Tablet"),
        ("med-atorvastatin", "617310", "atorvastatin 20 MG Oral Tablet"),
    ] {
        let members = format!(r#""status":"active","code":{}"#, rxnorm(code, display));
        out.add("Medication", id, &us_core("medication"), &members);
    }
    let request = |medication: &str, date: &str, status: &str, dose: &str, role: &str| {
        format!(
            r#""status":"{status}","intent":"order",{medication},{},"authoredOn":"{date}","requester":{{"reference":"{role}"}},"dosageInstruction":[{{"text":"{dose}","timing":{{"repeat":{{"frequency":1,"period":1.0,"periodUnit":"d"}}}}}}],"dispenseRequest":{{"numberOfRepeatsAllowed":3,"quantity":{{"value":90,"unit":"tablet"}},"expectedSupplyDuration":{{"value":90,"unit":"days","system":"http://unitsofmeasure.org","code":"d"}}}}"#,
            subject(),
        )
    };
    let by_reference =
        |id: &str| format!(r#""medicationReference":{{"reference":"Medication/{id}"}}"#);
    let azithromycin = rxnorm("308460", "azithromycin 250 MG Oral Tablet");
    for (id, medication, date, status, dose, role) in [
        (
            "mr-metformin",
            by_reference("med-metformin"),
            "2024-06-19",
            "active",
            "One tablet twice a day with meals",
            "PractitionerRole/role-dallimore",
        ),
        (
            "mr-lisinopril",
            by_reference("med-lisinopril"),
            "2024-06-19",
            "active",
            "One tablet in the morning",
            "PractitionerRole/role-ovesen",
        ),
        (
            "mr-atorvastatin",
            by_reference("med-atorvastatin"),
            "2023-10-04",
            "active",
            "One tablet in the evening",
            "PractitionerRole/role-ovesen",
        ),
        (
            "mr-azithromycin",
            format!("\"medicationCodeableConcept\":{azithromycin}"),
            "2022-06-08",
            "completed",
            "Two tablets on the first day, then one a day for four days",
            "Practitioner/prac-ovesen",
        ),
    ] {
        let members = request(&medication, date, status, dose, role);
        out.add("MedicationRequest", id, &us_core("medicationrequest"), &members);
    }
}

fn prevention(out: &mut Lines) {
    for (id, code, display, date) in [
        ("imm-flu-2021", "140", "Influenza, seasonal, injectable, preservative free", "2021-10-12"),
        ("imm-flu-2022", "140", "Influenza, seasonal, injectable, preservative free", "2022-10-18"),
        ("imm-flu-2023", "140", "Influenza, seasonal, injectable, preservative free", "2023-10-04"),
        ("imm-flu-2024", "140", "Influenza, seasonal, injectable, preservative free", "2024-10-09"),
        ("imm-tdap", "115", "Tdap", "2019-03-05"),
        ("imm-zoster", "187", "Zoster recombinant", "2023-10-04"),
    ] {
        let members = format!(
            r#""status":"completed","vaccineCode":{},"patient":{{"reference":"Patient/{PARENT}"}},"occurrenceDateTime":"{date}","primarySource":true,"location":{{"reference":"Location/loc-harbor"}}"#,
            concept("http://hl7.org/fhir/sid/cvx", code, display),
        );
        out.add("Immunization", id, &us_core("immunization"), &members);
    }
    for (id, code, display, reaction, criticality) in [
        ("all-penicillin", "91936005", "Allergy to penicillin", "Skin rash", "high"),
        ("all-pollen", "418689008", "Allergy to grass pollen", "Sneezing", "low"),
    ] {
        let members = format!(
            r#""clinicalStatus":{},"verificationStatus":{},"type":"allergy","criticality":"{criticality}","code":{},"patient":{{"reference":"Patient/{PARENT}"}},"recordedDate":"2014-02-11","reaction":[{{"manifestation":[{{"text":"{reaction}"}}]}}]"#,
            hl7("allergyintolerance-clinical", "active"),
            hl7("allergyintolerance-verification", "confirmed"),
            snomed(code, display),
        );
        out.add("AllergyIntolerance", id, &us_core("allergyintolerance"), &members);
    }
    for (id, code, display, date, encounter) in [
        ("pro-eye", "722161008", "Diabetic retinal eye examination", "2023-03-22", "enc-2023-03"),
        ("pro-cast", "274474001", "Bone immobilization", "2022-01-17", "enc-2022-01"),
    ] {
        let members = format!(
            r#""status":"completed","code":{},{},"encounter":{{"reference":"Encounter/{encounter}"}},"performedDateTime":"{date}T10:15:00-05:00","performer":[{{"actor":{{"reference":"Practitioner/prac-quillan"}}}}]"#,
            snomed(code, display),
            subject(),
        );
        out.add("Procedure", id, &us_core("procedure"), &members);
    }
    let members = format!(
        r#""status":"active","type":{},"patient":{{"reference":"Patient/{PARENT}"}},"manufacturer":"Lumen Instruments","modelNumber":"BG-20""#,
        snomed("337414009", "Blood glucose meter"),
    );
    out.add("Device", "dev-meter", "", &members);
}

fn plan(out: &mut Lines) {
    for (id, text, start) in [
        ("goal-hba1c", "HbA1c below 7 %", "2023-03-22"),
        ("goal-walk", "Walk for half an hour on five days a week", "2024-06-19"),
    ] {
        let members = format!(
            r#""lifecycleStatus":"active","description":{{"text":"{text}"}},{},"startDate":"{start}""#,
            subject(),
        );
        out.add("Goal", id, &us_core("goal"), &members);
    }
    let members = format!(
        r#""status":"active","name":"Diabetes care",{},"participant":[{{"role":[{{"text":"Family physician"}}],"member":{{"reference":"Practitioner/prac-ovesen"}}}},{{"role":[{{"text":"Endocrinologist"}}],"member":{{"reference":"PractitionerRole/role-dallimore"}}}}],"managingOrganization":[{{"reference":"Organization/org-clinic"}}]"#,
        subject(),
    );
    out.add("CareTeam", "team-diabetes", &us_core("careteam"), &members);
    let category = concept(
        "http://hl7.org/fhir/us/core/CodeSystem/careplan-category",
        "assess-plan",
        "Assessment and Plan of Treatment",
    );
    let members = format!(
        r#""text":{{"status":"additional","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Keep metformin, check HbA1c every three months, look at eyes and feet every year.</p></div>"}},"status":"active","intent":"plan","category":[{category}],"title":"Diabetes care",{},"period":{{"start":"2023-03-22"}},"careTeam":[{{"reference":"CareTeam/team-diabetes"}}],"addresses":[{{"reference":"Condition/con-diabetes"}}],"goal":[{{"reference":"Goal/goal-hba1c"}},{{"reference":"Goal/goal-walk"}}]"#,
        subject(),
    );
    out.add("CarePlan", "plan-diabetes", &us_core("careplan"), &members);
}
