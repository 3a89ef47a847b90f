//! The life while it is being written: helpers that give every fact its id, time and place.

use super::course::{Course, HORIZON};
use crate::date::{Date, Moment};
use crate::life::Life;
use crate::life::code::{Act, Code, Dx, System};
use crate::life::lab::{Panel, PanelKind, Vitals};
use crate::life::provider::{OrganizationIx, OrganizationKind, PractitionerIx, Role};
use crate::life::visit::{Diagnosis, Onset, Performed, ProblemList, Setting, Topic, Visit, Weight};
use crate::rng::Rng;

/// A life being written, with its course.
pub(super) struct Draft {
    pub(super) life: Life,
    pub(super) course: Course,
}

/// What a visit needs; the rest follows.
pub(super) struct Spec<'a> {
    pub(super) topic: Topic,
    pub(super) date: Date,
    pub(super) setting: Setting,
    pub(super) role: Role,
    pub(super) reason: String,
    pub(super) dx: &'a [&'static Dx],
    pub(super) acts: &'a [&'static Act],
    pub(super) weight: Weight,
}

const CHECK_UP: Code = Code::new(System::Snomed, "185349003", "Encounter for check up");
const PROBLEM: Code = Code::new(System::Snomed, "185347001", "Encounter for problem");
const EMERGENCY: Code = Code::new(System::Snomed, "50849002", "Emergency room admission");
const ADMISSION: Code = Code::new(System::Snomed, "32485007", "Hospital admission");
const OUTPATIENT: Code = Code::new(System::Snomed, "371883000", "Outpatient procedure");
const VIDEO: Code =
    Code::new(System::Snomed, "448337001", "Telemedicine consultation with patient");
const PRENATAL: Code = Code::new(System::Snomed, "424525001", "Antenatal care");
const FOLLOW_UP: Code = Code::new(System::Snomed, "390906007", "Follow-up encounter");

impl Draft {
    /// The stream of chance of a topic and day.
    pub(super) fn rng(&self, topic: &str, date: Date) -> Rng {
        Rng::named(self.life.seed, topic).nth(u64::from(date.0.unsigned_abs()))
    }

    /// Adds a visit; returns its place in the list.
    pub(super) fn visit(&mut self, spec: Spec<'_>) -> usize {
        // Two visits of a topic on one day are told apart by their place and by who is seen.
        let key = spec.date.0.unsigned_abs() * 16 + spec.setting as u32;
        let name = format!("visit/{:?}/{:?}", spec.topic, spec.role);
        let id = self.life.id(&name, u64::from(key));
        let mut rng = Rng::named(self.life.seed, &name).nth(u64::from(key));
        let practitioner = self.life.providers.of(spec.role);
        let organization = self.organization(spec.setting, practitioner);
        let quarter = i32::try_from(rng.between(0, 30)).unwrap_or(0);
        let start = match spec.setting {
            Setting::Emergency => spec.date.at(21, 10),
            Setting::Inpatient => spec.date.at(23, 40),
            Setting::SurgeryCenter | Setting::OutpatientHospital => spec.date.at(7, 30),
            _ => spec.date.at(8, 0).plus_minutes(15 * quarter),
        };
        let minutes = match spec.setting {
            Setting::Emergency => 150,
            Setting::Inpatient => 0,
            Setting::SurgeryCenter | Setting::OutpatientHospital => 300,
            Setting::Pharmacy => 15,
            Setting::Virtual | Setting::Therapy => 45,
            _ => 20 + 5 * (quarter % 4),
        };
        let kind = match (spec.setting, spec.topic) {
            (Setting::Emergency, _) => EMERGENCY,
            (Setting::Inpatient, _) => ADMISSION,
            (Setting::SurgeryCenter | Setting::OutpatientHospital, _) => OUTPATIENT,
            (Setting::Virtual, _) => VIDEO,
            (_, Topic::Pregnancy) => PRENATAL,
            (_, Topic::Diabetes | Topic::Physiotherapy) => FOLLOW_UP,
            (
                _,
                Topic::Annual | Topic::Teeth | Topic::Eyes | Topic::Vaccination | Topic::Screening,
            ) => CHECK_UP,
            _ => PROBLEM,
        };
        let performed = spec.acts.iter().map(|act| (*act, 1)).collect::<Vec<_>>();
        let in_network = self.life.providers.practitioner(practitioner).in_network;
        self.life.visits.push(Visit {
            end: start.plus_minutes(minutes),
            id,
            start,
            setting: spec.setting,
            topic: spec.topic,
            practitioner,
            organization,
            reason: spec.reason,
            diagnoses: spec.dx.to_vec(),
            performed: Vec::new(),
            drg: None,
            kind,
            in_network,
            prior_authorization: false,
            led_to: None,
            weight: spec.weight,
        });
        let index = self.life.visits.len() - 1;
        for (act, units) in performed {
            self.perform(index, act, units);
        }
        index
    }

    /// Adds a service to a visit.
    pub(super) fn perform(&mut self, visit: usize, act: &'static Act, units: u32) {
        let seed = self.life.seed;
        let visit = &mut self.life.visits[visit];
        let n = visit.performed.len() as u64;
        let id = crate::life::id(seed, &format!("procedure/{}", visit.id), n);
        let date = visit.start.date;
        visit.performed.push(Performed { id, act, date, units, tooth: None, by: None });
    }

    fn organization(&self, setting: Setting, practitioner: PractitionerIx) -> OrganizationIx {
        let kind = match setting {
            Setting::Emergency | Setting::Inpatient | Setting::OutpatientHospital => {
                OrganizationKind::Hospital
            }
            Setting::SurgeryCenter => OrganizationKind::SurgeryCenter,
            Setting::Imaging => OrganizationKind::Imaging,
            Setting::Pharmacy => OrganizationKind::Pharmacy,
            _ => return self.life.providers.practitioner(practitioner).organization,
        };
        self.life.providers.kind(kind)
    }

    /// Vital signs of a visit, from the course.
    pub(super) fn vitals(&mut self, visit: usize) {
        let (id, when, by, setting, tier, topic) = {
            let visit = &self.life.visits[visit];
            (
                visit.id.clone(),
                visit.start.plus_minutes(6),
                visit.practitioner,
                visit.setting,
                visit.weight,
                visit.topic,
            )
        };
        let mut rng = self.rng(&format!("vitals/{topic:?}"), when.date);
        let ill =
            topic == Topic::Pneumonia && matches!(setting, Setting::Emergency | Setting::Inpatient);
        let systolic = rng.around(self.course.systolic.at(when.date), 7) - if ill { 24 } else { 0 };
        let diastolic = systolic * 58 / 100 + rng.between(-3, 5);
        let heart = if ill { rng.between(108, 122) } else { rng.around(74, 8) };
        let brief = matches!(topic, Topic::Acute | Topic::Skin | Topic::Feet | Topic::Knee);
        let weight = rng.around(self.course.weight.at(when.date), 6);
        let annual = matches!(topic, Topic::Annual);
        self.life.vitals.push(Vitals {
            n: self.life.vitals.len() as u64,
            visit: id,
            when,
            by,
            pressure: Some((systolic, diastolic)),
            heart_rate: Some(heart),
            respiratory_rate: (ill || annual)
                .then(|| if ill { rng.between(24, 28) } else { rng.between(14, 18) }),
            temperature: (ill || annual || topic == Topic::Acute)
                .then(|| if ill { rng.between(388, 394) } else { rng.between(364, 371) }),
            saturation: (ill || annual)
                .then(|| if ill { rng.between(88, 91) } else { rng.between(96, 99) }),
            weight: (!brief).then_some(weight),
            height: annual.then_some(self.course.height),
            // The hospital reports in metric units, the clinic does not.
            customary_units: !matches!(setting, Setting::Emergency | Setting::Inpatient),
            tier,
        });
    }

    /// A laboratory panel of a visit, reported by the clinic's laboratory or the hospital.
    pub(super) fn panel(&mut self, visit: usize, kind: &'static PanelKind) {
        let seed = self.life.seed;
        let (id, start, orderer, setting, weight) = {
            let visit = &self.life.visits[visit];
            (visit.id.clone(), visit.start, visit.practitioner, visit.setting, visit.weight)
        };
        let hospital = matches!(setting, Setting::Emergency | Setting::Inpatient);
        let at = |kind| self.life.providers.kind(kind);
        let laboratory =
            at(if hospital { OrganizationKind::Hospital } else { OrganizationKind::Laboratory });
        let n = self.life.panels.iter().filter(|panel| panel.visit == id).count() as u64;
        let of = |part: &str| crate::life::id(seed, &format!("{part}/{id}"), n);
        let collected = start.plus_minutes(if hospital { 20 } else { 25 });
        let slow = kind.loinc == "600-7";
        let issued = match (slow, hospital) {
            (true, _) => collected.plus_minutes(5 * 1_440),
            (false, true) => collected.plus_minutes(55),
            (false, false) => collected.date.plus(1).at(6, 30).plus_minutes(7),
        };
        let mut rng = self.rng(&format!("lab/{}/{hospital}", kind.loinc), collected.date);
        let results = super::labs::results(&self.course, kind, collected.date, hospital, &mut rng)
            .into_iter()
            .enumerate()
            .map(|(nth, (analyte, found, amended))| crate::life::lab::LabResult {
                id: crate::life::id(seed, &format!("result/{id}/{n}"), nth as u64),
                analyte,
                found,
                amended,
            })
            .collect();
        let (report, order, specimen) = (of("report"), of("order"), of("specimen"));
        self.life.panels.push(Panel {
            id: report,
            order_id: order,
            specimen_id: specimen,
            kind,
            visit: id,
            orderer,
            laboratory,
            collected,
            issued,
            results,
            // Blood counts are left out first.
            weight: if kind.loinc == "58410-2" && !hospital { Weight::Usual } else { weight },
        });
    }

    /// A problem of the list.
    pub(super) fn problem(
        &mut self,
        dx: &'static Dx,
        onset: Onset,
        recorded: Date,
        abatement: Option<Date>,
        role: Role,
        list: ProblemList,
    ) {
        let n = self.life.diagnoses.iter().filter(|known| known.dx == dx).count() as u64;
        self.life.diagnoses.push(Diagnosis {
            id: self.life.id(&format!("problem/{}", dx.icd10), n),
            dx,
            onset,
            abatement,
            recorded,
            by: self.life.providers.of(role),
            list,
            mistake: false,
        });
    }

    /// Moves the days on which treatment changes to the visits at which that is decided.
    pub(super) fn begin_at_visits(&mut self) {
        let turns = self.course.turns.clone();
        let moved = |day| self.visit_after(day);
        let (metformin, statin) = (moved(turns.metformin), moved(turns.statin));
        let (losartan, amlodipine) = (moved(turns.losartan), moved(turns.amlodipine));
        let statin_more = moved(turns.statin_more);
        let (empagliflozin, semaglutide) = (moved(turns.empagliflozin), moved(turns.semaglutide));
        self.course.turns = super::course::Turns {
            metformin,
            statin,
            losartan,
            amlodipine,
            statin_more,
            empagliflozin,
            semaglutide,
            ..turns
        };
    }

    /// The day of the first visit about lasting problems in the two months from a day, or that day.
    pub(super) fn visit_after(&self, day: Date) -> Date {
        let visits = self.life.visits.iter();
        visits
            .filter(|visit| matches!(visit.topic, Topic::Annual | Topic::Diabetes))
            .map(Visit::date)
            .filter(|date| (day..day.plus(60)).contains(date))
            .min()
            .unwrap_or(day)
    }

    /// Whether a day belongs to the record at all.
    pub(super) fn within(date: Date) -> bool {
        date >= super::course::START && date <= HORIZON
    }

    /// The start of a visit in the list, for facts that happen at it.
    pub(super) fn moment(&self, visit: usize) -> Moment {
        self.life.visits[visit].start
    }
}
