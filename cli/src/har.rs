//! HTTP archives, as browsers and proxies export them (HAR 1.2).

use base64ct::{Base64, Encoding};
use countersign::UnixSeconds;
use serde::Deserialize;

use crate::failure::Failure;
use crate::request::Received;

#[derive(Deserialize)]
struct Archive {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    started_date_time: Option<String>,
    request: Request,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    url: String,
    headers: Vec<Header>,
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct PostData {
    #[serde(default)]
    text: String,
    encoding: Option<String>,
}

/// Reads one entry of an archive, counted from 0.
pub(crate) fn from_archive(json: &[u8], entry: usize) -> Result<Received, Failure> {
    let archive: Archive = serde_json::from_slice(json)
        .map_err(|error| Failure::usage(format!("no HTTP archive: {error}")))?;
    let count = archive.log.entries.len();
    let entry = archive.log.entries.into_iter().nth(entry).ok_or_else(|| {
        Failure::usage(format!("the archive has {count} entries, counted from 0"))
    })?;
    let Request { method, url, headers, post_data } = entry.request;
    let body = match post_data {
        Some(PostData { text, encoding: Some(coding) }) if coding == "base64" => {
            Base64::decode_vec(&text)
                .map_err(|_| Failure::usage("the archive's body is not base64"))?
        }
        Some(PostData { text, .. }) => text.into_bytes(),
        None => Vec::new(),
    };
    // HTTP/2's pseudo-fields are in method and URL already; a fragment is never sent.
    let fields = headers.into_iter().filter(|header| !header.name.starts_with(':'));
    let fields = fields.map(|header| (header.name, header.value)).collect();
    let url = url.split('#').next().unwrap_or_default().to_owned();
    let at = entry.started_date_time.as_deref().and_then(UnixSeconds::from_rfc3339);
    Ok(Received { method, url, fields, body, at })
}
