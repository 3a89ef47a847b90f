//! CareTeam, CarePlan, Goal.

use super::condition;
use super::parts::{US_CORE, concept, escape, hl7, period, quantity, reference, resource, words};
use super::{Writer, organization, patient, practitioner, role};
use crate::date::Date;
use crate::json::Obj;
use crate::life::Life;
use crate::life::code::System;
use crate::life::provider::{PractitionerIx, Role};
use crate::life::record::{Goal, Plan};

pub(super) fn write(out: &mut Writer<'_>) {
    let life = out.life;
    for goal in &life.goals {
        out.put("Goal", &goal.id, written_goal(life, goal));
    }
    for plan in &life.plans {
        out.put("CarePlan", &plan.id, written_plan(life, plan));
    }
    let id = team_id(life);
    out.put("CareTeam", &id, team(life, &id));
}

fn team_id(life: &Life) -> String {
    life.id("team", 0)
}

fn team(life: &Life, id: &str) -> Obj {
    let seen =
        |role: Role| life.visits.iter().any(|visit| visit.practitioner == life.providers.of(role));
    let members = [
        (Role::PrimaryCare, "453231000124104", "Primary care provider"),
        (Role::Endocrinology, "61894003", "Endocrinologist"),
        (Role::Optometry, "28229004", "Optometrist"),
        (Role::Podiatry, "159034004", "Podiatrist"),
        (Role::Dietitian, "159033005", "Dietitian"),
    ];
    let participant = |code: &str, display: &str, member: Obj| {
        Obj::new().one("role", concept(System::Snomed.uri(), code, display)).put("member", member)
    };
    let mut participants: Vec<Obj> = members
        .into_iter()
        .filter(|(role, ..)| *role == Role::PrimaryCare || seen(*role))
        .map(|(who, code, display)| {
            let index: PractitionerIx = life.providers.of(who);
            // The specialist takes part in the role at the hospital.
            let member = if who == Role::Endocrinology {
                role(life, index)
            } else {
                practitioner(life, index)
            };
            participant(code, display, member)
        })
        .collect();
    participants.push(participant("116154003", "Patient", patient(life)));
    let spouse =
        reference("RelatedPerson", &life.spouse.id).put("display", life.spouse.full_name());
    participants.push(participant("133932002", "Caregiver", spouse));
    resource(
        "CareTeam",
        id,
        2,
        Date::of(2021, 9, 21).at(9, 0),
        &[&format!("{US_CORE}us-core-careteam")],
    )
    .put("status", "active")
    .put("name", format!("Care team of {}", life.member.full_name()))
    .put("subject", patient(life))
    .put("period", period("2012", None::<Date>))
    .list("participant", participants)
    .one(
        "managingOrganization",
        organization(
            life,
            life.providers.practitioner(life.providers.of(Role::PrimaryCare)).organization,
        ),
    )
}

fn written_goal(life: &Life, goal: &Goal) -> Obj {
    let (lifecycle, achievement, version, updated) = match goal.reached {
        Some(day) => ("completed", ("achieved", "Achieved"), 2, day.at(14, 0)),
        None => ("active", ("in-progress", "In Progress"), 1, goal.start.at(14, 0)),
    };
    let target = goal.measure.map(|(code, value, unit)| {
        let limit = Obj::new().put("high", quantity(value, unit));
        Obj::new()
            .put("measure", super::parts::code_concept(&code))
            .put("detailRange", limit)
            .text("dueDate", goal.due)
    });
    let target = target.unwrap_or_else(|| Obj::new().text("dueDate", goal.due));
    let addresses = condition::of(life, goal.dx).map(|id| reference("Condition", id));
    resource("Goal", &goal.id, version, updated, &[&format!("{US_CORE}us-core-goal")])
        .put("lifecycleStatus", lifecycle)
        .put("achievementStatus", hl7("goal-achievement", achievement.0, achievement.1))
        .put("description", words(goal.text))
        .put("subject", patient(life))
        .text("startDate", goal.start)
        .one("target", target)
        .maybe("statusDate", goal.reached.map(|day| day.to_string()))
        .list("addresses", addresses)
}

fn written_plan(life: &Life, plan: &Plan) -> Obj {
    let ended = plan.end.filter(|end| *end <= life.today);
    let (version, updated) = match ended {
        Some(end) => (2, end.at(8, 0)),
        None => (1, plan.start.at(16, 30)),
    };
    let problems: Vec<&str> = plan.problems.iter().map(|dx| dx.text).collect();
    let steps: String =
        plan.activities.iter().map(|step| format!("<li>{}</li>", escape(step))).collect();
    let div = format!(
        "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p><b>{}</b></p><p>For: {}</p><ul>{steps}</ul></div>",
        escape(plan.title),
        escape(&problems.join(", "))
    );
    let status = if ended.is_some() { "completed" } else { "active" };
    let category = concept(
        "http://hl7.org/fhir/us/core/CodeSystem/careplan-category",
        "assess-plan",
        "Assessment and Plan of Treatment",
    );
    let addresses = plan
        .problems
        .iter()
        .filter_map(|dx| condition::of(life, dx))
        .map(|id| reference("Condition", id));
    let activities = plan.activities.iter().map(|step| {
        let detail = Obj::new()
            .put("status", if ended.is_some() { "completed" } else { "in-progress" })
            .put("description", *step);
        Obj::new().put("detail", detail)
    });
    resource("CarePlan", &plan.id, version, updated, &[&format!("{US_CORE}us-core-careplan")])
        .put("text", Obj::new().put("status", "additional").put("div", div))
        .put("status", status)
        .put("intent", "plan")
        .one("category", category)
        .put("title", plan.title)
        .put("subject", patient(life))
        .put("period", period(plan.start, plan.end))
        .text("created", plan.start)
        .put("author", practitioner(life, plan.by))
        .one("careTeam", reference("CareTeam", &team_id(life)))
        .list("addresses", addresses)
        .list("goal", plan.goals.iter().map(|id| reference("Goal", id)))
        .list("activity", activities)
}
