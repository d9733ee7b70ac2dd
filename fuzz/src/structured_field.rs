use countersign::fuzz;

/// What is read prints in one form: that form is read again, as the same, and is the text itself
/// where it was written so. A text that is read as a dictionary and as a list prints alike as both.
pub fn structured_field(data: &[u8]) {
    let as_dictionary = fuzz::dictionary(data);
    let as_list = fuzz::list(data);
    for (read, form) in
        [(fuzz::dictionary as fn(&[u8]) -> Option<String>, &as_dictionary), (fuzz::list, &as_list)]
    {
        let Some(form) = form else { continue };
        assert!(form.is_ascii());
        // A number may be written with more zeros than it needs, so the form is no longer.
        assert!(form.len() <= data.len().saturating_mul(2));
        assert_eq!(read(form.as_bytes()).as_ref(), Some(form));
    }
    if let (Some(dictionary), Some(list)) = (as_dictionary, as_list) {
        assert_eq!(dictionary, list);
    }
}
