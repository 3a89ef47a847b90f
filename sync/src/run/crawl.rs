//! What the person's resources refer to and the vault does not have: read one by one, the most wanted
//! first. What is not there is not asked for again for a while.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chartkeep::{ConnectionId, Vault};

use super::ask::{Run, Stop};
use super::cycle::{self, Absent};
use super::person::{self, Person, Target};
use super::report::Stage;
use super::stream::count;
use super::wait::DAY;
use crate::error::SyncError;
use crate::origin::Base;

/// Steps away from the person's own resources.
const DEPTH: u32 = 3;

/// Reads until nothing more is referred to, or too far away.
pub(crate) async fn crawl(run: &mut Run) -> Result<(), Stop> {
    let (vault, connection) = (run.session.vault().clone(), run.session.connection().id);
    let base = run.session.base().clone();
    let now = run.now();
    let mut absent: Absent = cycle::load(&vault, connection, cycle::ABSENT)?;
    absent.retain(|_, until| *until > now);
    let mut asked = HashSet::new();
    run.progress.stage = Stage::References;
    for _ in 0..DEPTH {
        let (vault, base) = (vault.clone(), base.clone());
        let looked = tokio::task::spawn_blocking(move || wanted(&vault, connection, &base));
        let wanted = looked.await.map_err(|_| chartkeep::Error::Inconsistent("sync"))??;
        let mut targets: Vec<(Target, u32)> = wanted.into_iter().collect();
        targets.retain(|(target, _)| {
            !absent.contains_key(&target.path()) && !asked.contains(&target.path())
        });
        if targets.is_empty() {
            break;
        }
        targets.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let all = targets.len();
        for (at, (target, _)) in targets.into_iter().enumerate() {
            run.progress.fraction = Some(at as f64 / all as f64);
            asked.insert(target.path());
            read(run, &target, &mut absent).await?;
        }
    }
    run.progress.fraction = None;
    Ok(())
}

/// What current resources refer to, that is neither stored nor somebody's, each with how often.
fn wanted(
    vault: &Vault,
    connection: ConnectionId,
    base: &Base,
) -> Result<BTreeMap<Target, u32>, SyncError> {
    let mut targets: BTreeMap<Target, u32> = BTreeMap::new();
    let mut stored = BTreeSet::new();
    vault.snapshot()?.each_of(connection, |one| {
        let (resource_type, id) = (one.id().resource_type.clone(), one.id().id.clone());
        stored.insert(Target { resource_type, id });
        let found = person::references(one.bytes(), base);
        found.into_iter().for_each(|target| *targets.entry(target).or_default() += 1);
        Ok(())
    })?;
    targets.retain(|target, _| target.resource_type != "Patient" && !stored.contains(target));
    Ok(targets)
}

async fn read(run: &mut Run, target: &Target, absent: &mut Absent) -> Result<(), Stop> {
    let url = run.session.base().below(&target.path()).map_err(SyncError::BaseUrl)?;
    let answer = run.ask(&format!("{}/{{id}}", target.resource_type), &url).await?;
    let days = match answer.status {
        200..=299 => None,
        401 => return Err(run.session.needs_authorization().into()),
        404 | 410 => Some(30),
        403 => Some(7),
        _ => Some(1),
    };
    if let Some(days) = days {
        absent.insert(target.path(), run.now().saturating_add(days * DAY));
    }
    let body = (days.is_none()).then_some(answer.body).filter(|body| is(body, target));
    if days.is_none() && body.is_none() {
        // An answer that is something else is no better than none.
        absent.insert(target.path(), run.now().saturating_add(DAY));
    }
    let (vault, connection) = (run.session.vault().clone(), run.session.connection().id);
    let patients = vault.subjects(connection)?;
    let (base, absent) = (run.session.base().clone(), absent.clone());
    let mut ledger = std::mem::take(&mut run.unwritten);
    if let Some(last) = ledger.last_mut() {
        last.received = u32::from(body.is_some());
    }
    let written = tokio::task::spawn_blocking(move || {
        vault.write(connection, |txn| {
            if let Some(body) = &body {
                put(txn, body, &patients, &base)?;
            } else {
                cycle::store(txn, cycle::ABSENT, &absent);
            }
            ledger.into_iter().for_each(|entry| txn.ledger(entry));
            Ok::<_, SyncError>(txn.report())
        })
    });
    count(run, written.await)
}

/// Puts one resource that came by itself, unless it is another person's.
pub(crate) fn put(
    txn: &mut chartkeep::WriteTxn<'_>,
    body: &[u8],
    patients: &[String],
    base: &Base,
) -> Result<(), chartkeep::Error> {
    let body = body.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(body).trim_ascii();
    match Person::of(body).is_foreign(patients, base) {
        true => txn.quarantine(chartkeep::QuarantineReason::OtherSubject, body),
        false => txn.put(body),
    }
}

/// Whether the body is the resource that was asked for.
fn is(body: &[u8], target: &Target) -> bool {
    let body = body.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(body);
    Person::of(body).identity().as_ref() == Some(target)
}
