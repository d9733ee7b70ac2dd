//! Bytes written so that no two of them look alike.

/// Bytes shown of the start and of the end of a long text.
const SHOWN_START: usize = 1536;
const SHOWN_END: usize = 512;

/// Every byte but printable ASCII as an escape: `\n`, `\r`, `\t`, `\u{feff}` for a character outside
/// ASCII, `\xff` for what is no UTF-8, and `\\` for a backslash. A space at either end is `\x20`. Of
/// a long text the middle is left out, and how many bytes it has is said.
pub(super) fn visible(bytes: &[u8]) -> String {
    let left_out = bytes.len().saturating_sub(SHOWN_START.saturating_add(SHOWN_END));
    let middle = bytes
        .split_at_checked(SHOWN_START)
        .and_then(|(start, rest)| Some((start, rest.get(left_out..)?)))
        .filter(|_| left_out > 0);
    match middle {
        Some((start, end)) => {
            format!("{}\u{2026} {left_out} bytes left out \u{2026}{}", escaped(start), escaped(end))
        }
        None => escaped(bytes),
    }
}

fn escaped(bytes: &[u8]) -> String {
    let inner = bytes.trim_ascii_start();
    let leading = bytes.len().saturating_sub(inner.len());
    let core = inner.trim_ascii_end();
    let (before, rest) = bytes.split_at_checked(leading).unwrap_or((bytes, &[]));
    let (core, after) = rest.split_at_checked(core.len()).unwrap_or((rest, &[]));
    let mut text = String::with_capacity(bytes.len());
    before.iter().for_each(|byte| push_edge(&mut text, *byte));
    for chunk in core.utf8_chunks() {
        chunk.valid().chars().for_each(|character| push(&mut text, character));
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    after.iter().for_each(|byte| push_edge(&mut text, *byte));
    text
}

fn push_edge(text: &mut String, byte: u8) {
    if byte == b' ' { text.push_str("\\x20") } else { push(text, char::from(byte)) }
}

fn push(text: &mut String, character: char) {
    match character {
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        '\\' => text.push_str("\\\\"),
        ' '..='~' => text.push(character),
        _ if character.is_ascii() => text.push_str(&format!("\\x{:02x}", u32::from(character))),
        _ => text.push_str(&format!("\\u{{{:x}}}", u32::from(character))),
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        for (bytes, text) in [
            (&b"{\"a\": 1}\n"[..], r#"{"a": 1}\n"#),
            (b"a\r\n\tb\\n\0", r"a\r\n\tb\\n\x00"),
            ("\u{feff}caf\u{e9}\u{200b}".as_bytes(), r"\u{feff}caf\u{e9}\u{200b}"),
            (b" a b ", r"\x20a b\x20"),
            (b"\xff\xc3(", r"\xff\xc3("),
            (b"", ""),
            (b" \n", r"\x20\n"),
        ] {
            assert_eq!(visible(bytes), text);
        }
    }

    #[test]
    fn of_a_long_text_the_middle_is_left_out() {
        let long = [vec![b'a'; 2048], vec![b'z'; 512]].concat();
        let shown = visible(&long);
        assert!(shown.starts_with("aaaa") && shown.ends_with("zzzz"));
        assert!(shown.contains("a\u{2026} 512 bytes left out \u{2026}z"), "{shown}");
        assert_eq!(visible(&[b'a'; 2048]), "a".repeat(2048));
    }
}
