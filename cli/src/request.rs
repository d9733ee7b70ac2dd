//! A request that was received: read from a file as it came over the wire, or from its parts.

use countersign::UnixSeconds;

use crate::failure::Failure;

/// A request as the gate would see it.
pub(crate) struct Received {
    pub(crate) method: String,
    /// Absolute.
    pub(crate) url: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// When it was made, where the file says so.
    pub(crate) at: Option<UnixSeconds>,
}

/// Reads an HTTP/1.1 message (RFC 9112). `scheme` is that of the URL, which the message does not
/// have. The body ends where `Content-Length` or the last chunk says; an editor's line end behind it
/// does not count.
pub(crate) fn from_message(message: &[u8], scheme: &str) -> Result<Received, Failure> {
    let (head, rest) = split_head(message)
        .ok_or_else(|| Failure::usage("the request has no empty line behind its fields"))?;
    let head =
        str::from_utf8(head).map_err(|_| Failure::usage("the request's head is not UTF-8"))?;
    let mut lines = head.lines();
    let mut start = lines.next().unwrap_or_default().split_ascii_whitespace();
    let (method, target) = match (start.next(), start.next(), start.next()) {
        (Some(method), Some(target), Some(version)) if version.starts_with("HTTP/") => {
            (method, target)
        }
        _ => return Err(Failure::usage("the first line must be such as POST /path HTTP/1.1")),
    };
    let mut fields = Vec::new();
    for line in lines {
        let (name, value) =
            line.split_once(':').ok_or_else(|| Failure::usage(format!("no field: {line}")))?;
        fields.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    let field = |wanted: &str| {
        let found = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.as_str())
    };
    let url = match (target.starts_with('/'), field("host")) {
        (false, _) => target.to_owned(),
        (true, Some(host)) => format!("{scheme}://{host}{target}"),
        (true, None) => return Err(Failure::usage("the request has no Host field")),
    };
    let chunked =
        field("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
    let body = match field("content-length").and_then(|digits| digits.parse::<usize>().ok()) {
        _ if chunked => dechunked(rest).ok_or_else(|| Failure::usage("the chunks break off"))?,
        Some(length) => rest
            .get(..length)
            .ok_or_else(|| {
                let there = rest.len();
                Failure::usage(format!("Content-Length is {length}, and {there} bytes follow"))
            })?
            .to_vec(),
        None => rest.to_vec(),
    };
    Ok(Received { method: method.to_owned(), url, fields, body, at: None })
}

fn split_head(message: &[u8]) -> Option<(&[u8], &[u8])> {
    for end in [&b"\r\n\r\n"[..], b"\n\n"] {
        if let Some(at) = message.windows(end.len()).position(|window| window == end) {
            let (head, rest) = message.split_at_checked(at)?;
            return Some((head, rest.strip_prefix(end)?));
        }
    }
    None
}

/// RFC 9112 section 7.1.
fn dechunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let (line, behind) = rest.split_at_checked(end)?;
        let size = str::from_utf8(line).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        let (chunk, next) = behind.strip_prefix(b"\n")?.split_at_checked(size)?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(chunk);
        rest = next.strip_prefix(b"\r\n").or_else(|| next.strip_prefix(b"\n"))?;
    }
}
