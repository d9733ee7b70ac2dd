//! Compressed bodies, unpacked: gzip (RFC 1952) and zlib, which HTTP calls deflate (RFC 1950).

/// What a gzip or zlib body holds, of at most so many bytes; nothing for any other body, and in a
/// build without the feature `inflate`.
#[cfg(feature = "inflate")]
pub(super) fn inflate(body: &[u8], limit: usize) -> Option<Vec<u8>> {
    use miniz_oxide::inflate::{decompress_to_vec_with_limit, decompress_to_vec_zlib_with_limit};
    if body.starts_with(&[0x1f, 0x8b, 8]) {
        return decompress_to_vec_with_limit(behind_gzip_header(body)?, limit).ok();
    }
    decompress_to_vec_zlib_with_limit(body, limit).ok()
}

#[cfg(not(feature = "inflate"))]
pub(super) fn inflate(_body: &[u8], _limit: usize) -> Option<Vec<u8>> {
    None
}

/// The compressed blocks (RFC 1952 section 2.3).
#[cfg(feature = "inflate")]
fn behind_gzip_header(body: &[u8]) -> Option<&[u8]> {
    let flags = *body.get(3)?;
    let mut rest = body.get(10..)?;
    let has = |bit: u8| flags & bit != 0;
    if has(4) {
        let [low, high, behind @ ..] = rest else { return None };
        rest = behind.get(usize::from(u16::from_le_bytes([*low, *high]))..)?;
    }
    for text in [8, 16] {
        if has(text) {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = rest.get(end.checked_add(1)?..)?;
        }
    }
    if has(2) { rest.get(2..) } else { Some(rest) }
}
