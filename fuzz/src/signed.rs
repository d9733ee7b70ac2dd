use countersign::replay::Verdict;
use countersign::scheme::Scheme;
use countersign::{Admission, Field, Head, Outcome, UnixSeconds, Unsigned};

use crate::gate::{GATE, Route};

const METHODS: [&str; 5] = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/// What a query may hold: where the URL is signed, only this is told apart from a body.
const URL_BYTES: &[u8] =
    b"-._~:/?#@!$&'()*+,;=%0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ID_BYTES: &[u8] = b"-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A request as it is sent.
#[derive(Clone)]
struct Sent {
    method: &'static str,
    /// What follows `/in?` in the URL.
    query: String,
    fields: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
}

/// What was signed verifies as long as its time lasts; with one bit changed it does not.
///
/// Eleven bytes choose the preset, the time (4), the method, what is changed, at which bit (2), and
/// how long the id and the query are; id, query and body follow.
pub fn signed(data: &[u8]) {
    let Some((&[preset, t3, t2, t1, t0, method, changed, b1, b0, id_bytes, query_bytes], rest)) =
        data.split_first_chunk()
    else {
        return;
    };
    let routes: Vec<&Route> = GATE.routes.iter().filter(|route| route.signer.is_some()).collect();
    let route = routes[usize::from(preset) % routes.len()];
    let (Some(signer), Some(scheme)) = (&route.signer, route.scheme) else { return };
    let now = 1_000_000_000 + u64::from(u32::from_be_bytes([t3, t2, t1, t0]));
    let (id, rest) = rest.split_at(rest.len().min(id_bytes.into()).min(48));
    let (query, body) = rest.split_at(rest.len().min(query_bytes.into()));
    let id = format!("{:-<16}", written(id, ID_BYTES));
    let sent = Sent {
        method: METHODS[usize::from(method) % METHODS.len()],
        query: written(query, URL_BYTES),
        fields: Vec::new(),
        body: if route.is_origin { [b"{", body, b"}"].concat() } else { body.to_vec() },
    };

    let as_sent = route.is_origin || scheme.signs_components();
    let url = if as_sent { sent.url(route) } else { route.url("/in") };
    let request = Unsigned {
        method: sent.method,
        url: &url,
        body: &sent.body,
        now: UnixSeconds::new(now),
        id: scheme.signs_id().then_some(&id),
    };
    let fields = signer.sign(&request).expect("it can be signed");
    let fields = fields.into_iter().map(|(name, value)| (name, value.into_bytes())).collect();
    let sent = Sent { fields, ..sent };

    assert!(verifies(route, &sent, now), "{}: what was signed is refused", route.name);
    if scheme.signs_time() {
        let tolerance = u64::from(scheme.tolerance());
        for (time, fresh) in [
            (now + tolerance, true),
            (now - tolerance, true),
            (now + tolerance + 1, false),
            (now - tolerance - 1, false),
        ] {
            assert_eq!(
                verifies(route, &sent, time),
                fresh,
                "{} at {time}, signed at {now}",
                route.name
            );
        }
    }
    let bit = usize::from(u16::from_be_bytes([b1, b0]));
    if let Some(other) = sent.changed(route, scheme, changed.into(), bit) {
        assert!(!verifies(route, &other, now), "{}: a changed request is accepted", route.name);
    }
}

/// Each byte as one of these.
fn written(bytes: &[u8], alphabet: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])).collect()
}

impl Sent {
    /// Where the policy says which URL is signed, the request's own must be that.
    fn url(&self, route: &Route) -> String {
        let is_told = !route.is_origin && route.scheme.is_some_and(Scheme::signs_url);
        if is_told { route.url("/in") } else { route.url(&["/in?", &self.query].concat()) }
    }

    /// The request with one bit of something that is signed changed; nothing where that makes no
    /// difference to what it says.
    fn changed(&self, route: &Route, scheme: &Scheme, what: usize, bit: usize) -> Option<Self> {
        let mut other = self.clone();
        let what = what % (self.fields.len() + 3);
        if let Some((_, value)) = other.fields.get_mut(what) {
            flip(value, bit);
            let (_, before) = &self.fields[what];
            let same = !scheme.name().starts_with("x-hmac") && is_same_hex(before, value);
            return (!same).then_some(other);
        }
        match what - self.fields.len() {
            0 if scheme.signs_body() && self.body.is_empty() => other.body.push(b'0'),
            0 if scheme.signs_body() => flip(&mut other.body, bit),
            1 if scheme.signs_method() => {
                other.method = METHODS[(bit % (METHODS.len() - 1)) + 1];
                return (other.method != self.method).then_some(other);
            }
            2 if route.is_origin && !self.query.is_empty() => {
                let mut query = self.query.clone().into_bytes();
                flip(&mut query, bit);
                other.query = String::from_utf8(query).ok()?;
                // HubSpot signs some characters as if they were not escaped.
                let escaped = self.query.contains('%') || other.query.contains('%');
                return (!escaped).then_some(other);
            }
            _ => return None,
        }
        Some(other)
    }
}

fn flip(bytes: &mut [u8], bit: usize) {
    let count = bytes.len() * 8;
    bytes[bit % count / 8] ^= 1 << (bit % 8);
}

/// Whether two values differ in the case of the hexadecimal digits they end with: of these, either
/// case is read.
fn is_same_hex(one: &[u8], other: &[u8]) -> bool {
    let split = |value: &[u8]| {
        let digits = value.iter().rev().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let (start, digits) = value.split_at(value.len() - digits);
        (start.to_vec(), digits.to_ascii_lowercase())
    };
    split(one) == split(other)
}

fn verifies(route: &Route, sent: &Sent, now: u64) -> bool {
    let url = sent.url(route);
    let fields = sent.fields.iter().map(|(name, value)| Field::new(name, value)).collect();
    let head = Head::new(sent.method, &url, fields).expect("a head");
    let admission = match GATE.verifier.begin(&head, UnixSeconds::new(now)) {
        Ok(Admission::Signed(pending)) => pending,
        Ok(admission) => panic!("{}: {admission:?}", route.name),
        Err(_) => return false,
    };
    let Ok(verified) = admission.finish(&sent.body, UnixSeconds::new(now)) else { return false };
    assert_eq!(verified.sender(), route.name);
    let cleared = match verified.into_outcome() {
        Outcome::Forward(cleared) => cleared,
        Outcome::Claim(unclaimed) => unclaimed.settle(Verdict::Claimed).expect("it is the first"),
        Outcome::Answer(_) => return true,
    };
    let (plan, body) = cleared.into_forward("r-1").expect("it is forwarded");
    assert!(plan.set().contains(&("countersign-sender", route.name.clone())));
    assert_eq!(body, &sent.body);
    true
}
