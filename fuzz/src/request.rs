use countersign::{Field, Head, Outcome, Refusal, UnixSeconds};

use crate::gate::{GATE, NOW};

/// Presets whose handshake is not signed. All that it yields is an answer.
const UNSIGNED_HANDSHAKES: [&str; 3] = ["dropbox", "trello", "woocommerce"];

/// Whoever has no key gets no request through, and no error that is the gate's own.
///
/// Lines: a route's name; method and unix time; what follows the name in the URL; then fields as
/// `name: value`, where a digit stands for a field of the route's scheme. An empty line ends them,
/// and what follows is the body.
pub fn request(data: &[u8]) {
    let mut lines = Lines(data);
    let route = GATE.route(lines.next());
    let (method, now) = match str::from_utf8(lines.next()).map(|line| line.split_once(' ')) {
        Ok(Some((method, now))) => (method, now.parse().unwrap_or(NOW)),
        _ => ("POST", NOW),
    };
    let Ok(rest) = str::from_utf8(lines.next()) else { return };
    let url = route.url(rest);
    let mut fields = Vec::new();
    loop {
        let line = lines.next();
        if line.is_empty() {
            break;
        }
        let mut halves = line.splitn(2, |byte| *byte == b':');
        let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
        let own = match name {
            [digit @ b'0'..=b'9'] => route.fields.get(usize::from(digit - b'0')).copied(),
            _ => None,
        };
        if let Some(name) = own.or_else(|| str::from_utf8(name).ok()) {
            fields.push(Field::new(name, value.trim_ascii()));
        }
    }
    let Some(head) = Head::new(method, &url, fields) else { return };

    let admission = GATE.verifier.begin(&head, UnixSeconds::new(now));
    match admission.and_then(|admission| admission.finish(lines.0, UnixSeconds::new(now))) {
        Ok(Outcome::Answer(handshaken)) => {
            let scheme = handshaken.log_line("r-1").scheme.unwrap_or_default();
            assert!(
                UNSIGNED_HANDSHAKES.contains(&scheme),
                "{scheme} answered an unsigned handshake"
            );
        }
        Ok(outcome) => panic!("accepted without a key: {:?}", outcome.log_line("r-1")),
        Err(refusal) => check_refusal(&refusal),
    }
}

fn check_refusal(refusal: &Refusal<'_>) {
    let line = refusal.log_line("r-1").to_json();
    assert!(!line.contains('\n'));
    let problem = refusal.problem("r-1");
    assert_eq!(problem.status, refusal.rejection().status());
    assert!((400..500).contains(&problem.status), "{line}");
}

/// What is left of the input; each line is taken without its LF.
struct Lines<'a>(&'a [u8]);

impl<'a> Lines<'a> {
    fn next(&mut self) -> &'a [u8] {
        let mut halves = self.0.splitn(2, |byte| *byte == b'\n');
        let line = halves.next().unwrap_or_default();
        self.0 = halves.next().unwrap_or_default();
        line
    }
}
