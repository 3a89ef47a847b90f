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
use crate::http::RawBinary;
use crate::origin::Base;

/// Steps away from the person's own resources.
const DEPTH: u32 = 3;

/// Reads until nothing more is referred to, or too far away; documents at the end, if they are wanted.
pub(crate) async fn crawl(run: &mut Run, attachments: bool) -> Result<(), Stop> {
    let (vault, connection) = (run.session.vault().clone(), run.session.connection().id);
    let base = run.session.base().clone();
    let now = run.now();
    let mut absent: Absent = cycle::load(&vault, connection, cycle::ABSENT)?;
    absent.retain(|_, until| *until > now);
    let mut asked = HashSet::new();
    run.progress.stage = Stage::References;
    let mut depth = 0;
    loop {
        let (vault, base) = (vault.clone(), base.clone());
        let looked = tokio::task::spawn_blocking(move || wanted(&vault, connection, &base));
        let wanted = looked.await.map_err(|_| chartkeep::Error::Inconsistent("sync"))??;
        let mut targets: Vec<(Target, Wanted)> = wanted.into_iter().collect();
        targets.retain(|(target, _)| {
            !absent.contains_key(&target.path()) && !asked.contains(&target.path())
        });
        let (documents, mut others): (Vec<_>, Vec<_>) =
            targets.into_iter().partition(|(target, _)| target.is_binary());
        if others.is_empty() || depth == DEPTH {
            if !attachments || documents.is_empty() {
                break;
            }
            run.progress.stage = Stage::Attachments;
            read_all(run, documents, &mut absent).await?;
            break;
        }
        others.sort_by(|a, b| b.1.times.cmp(&a.1.times).then_with(|| a.0.cmp(&b.0)));
        asked.extend(others.iter().map(|(target, _)| target.path()));
        read_all(run, others, &mut absent).await?;
        depth += 1;
    }
    run.progress.fraction = None;
    Ok(())
}

async fn read_all(
    run: &mut Run,
    targets: Vec<(Target, Wanted)>,
    absent: &mut Absent,
) -> Result<(), Stop> {
    let all = targets.len();
    for (at, (target, wanted)) in targets.into_iter().enumerate() {
        run.progress.fraction = Some(at as f64 / all as f64);
        read(run, &target, wanted.kind.as_deref(), absent).await?;
    }
    Ok(())
}

/// How often something is referred to, and its media type, where one is told.
#[derive(Default)]
struct Wanted {
    times: u32,
    kind: Option<String>,
}

/// What current resources refer to, that is neither stored nor somebody's, each with how often.
fn wanted(
    vault: &Vault,
    connection: ConnectionId,
    base: &Base,
) -> Result<BTreeMap<Target, Wanted>, SyncError> {
    let mut targets: BTreeMap<Target, Wanted> = BTreeMap::new();
    let mut stored = BTreeSet::new();
    vault.snapshot()?.each_of(connection, |one| {
        let (resource_type, id) = (one.id().resource_type.clone(), one.id().id.clone());
        stored.insert(Target { resource_type, id });
        let found = person::references(one.bytes(), base);
        for (target, kind) in found {
            let wanted = targets.entry(target).or_default();
            wanted.times += 1;
            wanted.kind = wanted.kind.take().or(kind);
        }
        Ok(())
    })?;
    targets.retain(|target, _| target.resource_type != "Patient" && !stored.contains(target));
    Ok(targets)
}

/// `kind`: the media type of a document, where it is told.
async fn read(
    run: &mut Run,
    target: &Target,
    kind: Option<&str>,
    absent: &mut Absent,
) -> Result<(), Stop> {
    let url = run.session.base().below(&target.path()).map_err(SyncError::BaseUrl)?;
    let (vault, connection) = (run.session.vault().clone(), run.session.connection().id);
    let raw = RawBinary { vault: &vault, id: &target.id, kind };
    let what = format!("{}/{{id}}", target.resource_type);
    let answer = run.ask_for(&what, &url, target.is_binary().then_some(&raw)).await?;
    let raw = answer.raw.transpose()?;
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
    let found = body.is_some() || raw.is_some();
    if days.is_none() && !found {
        // An answer that is something else is no better than none.
        absent.insert(target.path(), run.now().saturating_add(DAY));
    }
    let patients = vault.subjects(connection)?;
    let (base, absent) = (run.session.base().clone(), absent.clone());
    let mut ledger = std::mem::take(&mut run.unwritten);
    if let Some(last) = ledger.last_mut() {
        last.received = u32::from(found);
    }
    let written = tokio::task::spawn_blocking(move || {
        vault.write(connection, |txn| {
            if let Some(raw) = raw {
                txn.put_binary(raw)?;
            } else if let Some(body) = &body {
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
