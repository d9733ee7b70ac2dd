//! What a sender says about replays.

use super::reader::{Value, word};
use crate::policy_error::PolicyProblem;
use crate::replay::{Release, ReplayKey, ReplayRule};
use crate::scheme::Scheme;

/// The most objects that a sender's claims may be spread over.
const MOST_SHARDS: u64 = 1024;
/// Claims that a sender may have at a time, where it does not say.
const DEFAULT_CAPACITY: u64 = 1_000_000;
/// The most claims a sender may be given; each takes about a hundred bytes of storage.
const LARGEST_CAPACITY: u64 = 1_000_000_000;
/// The shortest and the longest time to remember a request that has none, in seconds.
const RETENTION: core::ops::RangeInclusive<u64> = 60..=2_592_000;

const RELEASES: [(&str, Release); 3] =
    [("never", Release::Never), ("unreached", Release::Unreached), ("5xx", Release::ServerError)];

/// Reads `"off"`, `"nonce"`, `"signature"`, or a table with one of the latter two and more.
///
/// The outer result is nothing where there was an error, the inner where replays are not kept out.
pub(super) fn read(
    value: &mut Value<'_, '_>,
    scheme: Option<&'static Scheme>,
) -> Option<Option<ReplayRule>> {
    if !value.is_table() {
        let key = read_key(value)?;
        let Some(key) = key else { return Some(None) };
        check(value, key, scheme)?;
        if scheme.is_some_and(|scheme| !scheme.signs_time()) {
            return value.or_report(None, PolicyProblem::RetentionRequired);
        }
        let (shards, capacity) = (1, u32::try_from(DEFAULT_CAPACITY).ok()?);
        let rule =
            ReplayRule { key, shards, capacity, retention: None, release: Release::Unreached };
        return Some(Some(rule));
    }
    let mut table = value.again().into_table()?;
    let key = table.required("by", |value| match read_key(value)? {
        Some(key) => check(value, key, scheme),
        None => value.or_report(None, PolicyProblem::Expected("\"nonce\" or \"signature\"")),
    });
    let shards = table.integer("shards", 1..=MOST_SHARDS, 1);
    let capacity = table.integer("capacity", 1..=LARGEST_CAPACITY, DEFAULT_CAPACITY);
    let release = word(&mut table, "release", &RELEASES, Release::Unreached);
    let retention = if scheme.is_some_and(|scheme| !scheme.signs_time()) {
        let retention = table.required("retention", |value| value.integer(RETENTION));
        Some(Some(u32::try_from(retention?).ok()?))
    } else {
        table.forbid(&["retention"], PolicyProblem::RetentionFollowsTime);
        Some(None)
    };
    table.end();
    Some(Some(ReplayRule {
        key: key?,
        shards: u32::try_from(shards?).ok()?,
        capacity: u32::try_from(capacity?).ok()?,
        retention: retention?,
        release: release?,
    }))
}

fn read_key(value: &mut Value<'_, '_>) -> Option<Option<ReplayKey>> {
    match value.string()?.as_str() {
        "off" => Some(None),
        "nonce" => Some(Some(ReplayKey::Nonce)),
        "signature" => Some(Some(ReplayKey::Signature)),
        _ => value.or_report(
            None,
            PolicyProblem::NotOneOf(vec!["\"off\"", "\"nonce\"", "\"signature\""]),
        ),
    }
}

/// Whether the scheme signs what requests are to be remembered by.
fn check(
    value: &mut Value<'_, '_>,
    key: ReplayKey,
    scheme: Option<&'static Scheme>,
) -> Option<ReplayKey> {
    let Some(scheme) = scheme else { return Some(key) };
    match key {
        ReplayKey::Nonce if !scheme.signs_id() => {
            value.or_report(None, PolicyProblem::NoNonceInScheme)
        }
        ReplayKey::Signature if !scheme.signs_a_request() => {
            value.or_report(None, PolicyProblem::SignatureOfNoRequest)
        }
        _ => Some(key),
    }
}
