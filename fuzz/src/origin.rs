use countersign::{Head, Origin};

/// An origin is kept as it is written, ends with its authority, and is one exactly where a head
/// takes a URL that starts with it.
pub fn origin(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let origin = Origin::parse(text);
    let authority = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    if let Ok(origin) = &origin {
        assert_eq!(origin.as_str(), text);
        let authority = authority.expect("a scheme");
        assert!(!authority.is_empty());
        assert!(authority.bytes().all(|b| b.is_ascii_graphic() && !b"/?#@\\%,".contains(&b)));
    }
    if authority.is_some_and(|authority| !authority.contains('/')) {
        let url = format!("{text}/a?b");
        let head = Head::new("GET", &url, Vec::new());
        assert_eq!(head.map(|head| head.target().to_owned()), origin.ok().map(|_| "/a?b".into()));
    }
}
