//! The Durable Object's half in Rust: claims in its SQLite database. The other half,
//! `js/replay_store.js`, is what the runtime calls.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker_sys::{DurableObjectState, SqlStorage, SqlStorageCursor};

use super::unix_seconds;
use crate::UnixSeconds;
use crate::replay::{ClaimId, ClaimStore, ClaimTable, Claimant, Row, Verdict};

/// Milliseconds until the next purge while claims are there, and while one left ended claims.
const PURGE_EVERY: f64 = 60_000.0;
const PURGE_AGAIN: f64 = 100.0;

/// The claims of one object.
#[wasm_bindgen]
pub struct ReplayStore {
    store: ClaimStore<SqlTable>,
}

#[wasm_bindgen]
impl ReplayStore {
    /// Opens the object's database, and makes its table where it is new.
    #[wasm_bindgen(constructor)]
    pub fn new(state: DurableObjectState) -> Result<Self, JsValue> {
        let table = SqlTable { sql: state.storage()?.sql() };
        table.run(CREATE, &[])?;
        if table.number(HAS_RELEASES, &[])? == Some(0.0) {
            table.run(ADD_RELEASES, &[])?;
        }
        Ok(Self { store: ClaimStore::new(table)? })
    }

    /// Decides about a claim; the time is in milliseconds, the rest as `js/claims.js` was told it.
    ///
    /// Gives 0 where the request is the first, 1 where it was claimed before, 2 where it is too
    /// old, and 3 where the object is full.
    pub fn claim(
        &mut self,
        id: &str,
        request_id: &str,
        expires: Option<f64>,
        retention: f64,
        capacity: u32,
        now: f64,
    ) -> Result<u8, JsValue> {
        let (id, claimant) = identify(id, request_id)?;
        let expires = unix_seconds(expires.map_or(now + retention * 1000.0, |at| at * 1000.0));
        let row = Row { id, expires, claimant, releases: 0 };
        let verdict = self.store.claim(&row, unix_seconds(now), capacity)?;
        Ok(VERDICTS.iter().position(|other| *other == verdict).unwrap_or(VERDICTS.len()) as u8)
    }

    /// Gives up the claim that this request made, which was forwarded or was not.
    pub fn release(&mut self, id: &str, request_id: &str, forwarded: bool) -> Result<(), JsValue> {
        let (id, claimant) = identify(id, request_id)?;
        self.store.release(&id, &claimant, forwarded)
    }

    /// Removes claims that have ended. Gives the milliseconds until the next time, or -1 where no
    /// claim is left.
    pub fn purge(&mut self, now: f64) -> Result<f64, JsValue> {
        let more = self.store.purge(unix_seconds(now))?;
        Ok(match self.store.count() {
            0 => -1.0,
            _ if more => PURGE_AGAIN,
            _ => PURGE_EVERY,
        })
    }
}

/// Verdicts by the numbers that cross to JavaScript.
const VERDICTS: [Verdict; 4] =
    [Verdict::Claimed, Verdict::Replayed, Verdict::Expired, Verdict::Full];

/// The verdict that a number stands for.
pub(super) fn verdict(number: u8) -> Verdict {
    VERDICTS.get(usize::from(number)).copied().unwrap_or(Verdict::Unavailable)
}

/// The bytes of a claim's id, and of a request's, which is a UUID.
fn identify(id: &str, request_id: &str) -> Result<(ClaimId, Claimant), JsValue> {
    let bytes = |text: &str| {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| JsValue::from_str("not an id"))?;
        Ok::<_, JsValue>(bytes)
    };
    Ok((bytes(id)?, bytes(&request_id.replace('-', ""))?))
}

const CREATE: &str = "CREATE TABLE IF NOT EXISTS claims \
    (id BLOB PRIMARY KEY, expires INTEGER NOT NULL, claimant BLOB NOT NULL, \
    releases INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID";
/// Objects of an earlier version have a table without this column.
const HAS_RELEASES: &str =
    "SELECT count(*) AS number FROM pragma_table_info('claims') WHERE name = 'releases'";
const ADD_RELEASES: &str = "ALTER TABLE claims ADD COLUMN releases INTEGER NOT NULL DEFAULT 0";
const FIND: &str = "SELECT expires, claimant, releases FROM claims WHERE id = ?";
const PUT: &str =
    "INSERT OR REPLACE INTO claims (id, expires, claimant, releases) VALUES (?, ?, ?, ?)";
const REMOVE: &str = "DELETE FROM claims WHERE id = ?";
/// There is no index by time: each row of one would be billed as another write.
const REMOVE_ENDED: &str =
    "DELETE FROM claims WHERE id IN (SELECT id FROM claims WHERE expires < ? LIMIT ?)";
const CHANGES: &str = "SELECT changes() AS number";
const COUNT: &str = "SELECT count(*) AS number FROM claims";

struct SqlTable {
    sql: SqlStorage,
}

impl SqlTable {
    fn run(&self, statement: &str, values: &[JsValue]) -> Result<SqlStorageCursor, JsValue> {
        self.sql.exec(statement, values.iter().collect())
    }

    /// The column `number` of the first row that a statement gives.
    fn number(&self, statement: &str, values: &[JsValue]) -> Result<Option<f64>, JsValue> {
        let row = self.run(statement, values)?.to_array().get(0);
        if row.is_undefined() {
            return Ok(None);
        }
        Reflect::get(&row, &"number".into()).map(|number| number.as_f64())
    }

    fn changed(&self) -> Result<u32, JsValue> {
        Ok(self.number(CHANGES, &[])?.unwrap_or_default() as u32)
    }
}

fn blob(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

fn seconds(moment: UnixSeconds) -> JsValue {
    JsValue::from_f64(moment.get() as f64)
}

impl ClaimTable for SqlTable {
    type Error = JsValue;

    fn find(&self, id: &ClaimId) -> Result<Option<Row>, JsValue> {
        let row = self.run(FIND, &[blob(id)])?.to_array().get(0);
        if row.is_undefined() {
            return Ok(None);
        }
        let number = |name: &str| Reflect::get(&row, &name.into()).map(|value| value.as_f64());
        let expires = UnixSeconds::new(number("expires")?.unwrap_or(f64::MAX) as u64);
        let releases = number("releases")?.unwrap_or(f64::MAX) as u32;
        // Anybody, where what is stored is no claimant: the claim then stays.
        let mut claimant = [u8::MAX; 16];
        let stored = Uint8Array::new(&Reflect::get(&row, &"claimant".into())?);
        if stored.length() == 16 {
            stored.copy_to(&mut claimant);
        }
        Ok(Some(Row { id: *id, expires, claimant, releases }))
    }

    fn put(&mut self, row: &Row) -> Result<(), JsValue> {
        let releases = row.releases.into();
        self.run(PUT, &[blob(&row.id), seconds(row.expires), blob(&row.claimant), releases])?;
        Ok(())
    }

    fn remove(&mut self, id: &ClaimId) -> Result<(), JsValue> {
        self.run(REMOVE, &[blob(id)])?;
        Ok(())
    }

    fn remove_ended(&mut self, before: UnixSeconds, most: u32) -> Result<u32, JsValue> {
        self.run(REMOVE_ENDED, &[seconds(before), most.into()])?;
        self.changed()
    }

    fn count(&self) -> Result<u32, JsValue> {
        Ok(self.number(COUNT, &[])?.unwrap_or_default() as u32)
    }
}
