use countersign::{Admission, Head, PathPattern, Policy, PolicyProblem, UnixSeconds, Verifier};
use serde_json::json;

/// Three lines: two patterns and a path. Routes that a policy takes side by side never share a
/// path, each gets the paths made from its own pattern, and no path gets to a route that a plain
/// reading of the pattern would not give it.
pub fn path(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let mut lines = text.splitn(3, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (one, other, path) = (line(), line(), line());
    if let Some(pattern) = PathPattern::parse(one) {
        assert_eq!(pattern.as_str(), one);
    }
    let taken = verifier(&[one]).is_some();
    assert_eq!(taken, PathPattern::parse(one).is_some());
    let both = verifier(&[one, other]);
    assert_eq!(both.is_some(), verifier(&[other, one]).is_some());
    let patterns = if both.is_some() { &[one, other][..] } else { &[one] };
    let Some(verifier) = both.or_else(|| verifier(&[one])) else { return };
    for pattern in patterns {
        assert_eq!(route_of(&verifier, &made_from(pattern)).as_deref(), Some(*pattern));
    }
    let path = path.split('?').next().unwrap_or_default();
    let matching: Vec<&str> =
        patterns.iter().copied().filter(|pattern| fits(pattern, path)).collect();
    assert!(matching.len() <= 1 || route_of(&verifier, path).is_none());
    if let Some(route) = route_of(&verifier, path) {
        assert_eq!(matching, [route]);
    }
}

/// A verifier with a public route for each of the patterns.
fn verifier(patterns: &[&str]) -> Option<Verifier> {
    let sender = json!({"id": "app", "scheme": "x-hmac", "secrets": ["S"]});
    let mut routes = vec![json!({"path": "/app", "methods": ["POST"], "senders": ["app"]})];
    routes.extend(patterns.iter().map(|path| {
        json!({"path": path, "methods": ["GET"], "access": "public", "allow_ambiguous_escapes": true})
    }));
    match Policy::parse(&json!({"senders": [sender], "routes": routes}).to_string()) {
        Ok(policy) => Some(policy.into_verifier(|_| None).expect("no secret is there to be weak")),
        Err(errors) => {
            let of_paths = |problem| {
                matches!(problem, PolicyProblem::InvalidPath | PolicyProblem::Overlap { .. })
            };
            assert!(errors.iter().all(|error| of_paths(error.problem().clone())), "{errors}");
            None
        }
    }
}

/// The pattern of the route that a path gets to.
fn route_of(verifier: &Verifier, path: &str) -> Option<String> {
    let url = format!("https://gate.example{path}");
    let head = Head::new("GET", &url, Vec::new()).filter(|_| path.starts_with('/'))?;
    let Ok(Admission::Public(public)) = verifier.begin(&head, UnixSeconds::new(1_760_000_000))
    else {
        return None;
    };
    let cleared = public.finish(b"", UnixSeconds::new(0)).expect("nothing else is checked");
    cleared.log_line("r-1").route.map(str::to_owned)
}

/// A path for a pattern.
fn made_from(pattern: &str) -> String {
    let segment = |segment: &str| match segment.as_bytes() {
        [b'{', b'*', ..] => "~rest/of/it".to_owned(),
        [b'{', ..] => "~one".to_owned(),
        _ => segment.to_owned(),
    };
    pattern.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// Whether a path is one of a pattern's, segment by segment.
fn fits(pattern: &str, path: &str) -> bool {
    let (mut patterns, mut segments) = (pattern.split('/'), path.split('/'));
    loop {
        match (patterns.next(), segments.next()) {
            (None, None) => return true,
            (Some(pattern), Some(segment)) if pattern.starts_with("{*") => {
                return !segment.is_empty() || segments.next().is_some();
            }
            (Some(pattern), Some(segment)) if pattern.starts_with('{') => {
                if segment.is_empty() {
                    return false;
                }
            }
            (Some(pattern), Some(segment)) if pattern == segment => {}
            _ => return false,
        }
    }
}
