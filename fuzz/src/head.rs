use countersign::Head;

/// A head that is read prints back to the text it was read from.
pub fn head(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Some(head) = Head::from_lines(text) else { return };
    let mut lines = vec![head.method().as_bytes(), head.url().as_bytes()];
    for field in head.fields() {
        lines.extend([field.name().as_bytes(), field.value()]);
    }
    assert_eq!(lines.join(&b'\n'), data);
    assert!(head.url().ends_with(head.target()));
    assert!(head.path().starts_with('/') && head.target().starts_with(head.path()));
    assert!(!head.path().contains('?'));
}
