//! Commands that send a signed request, byte for byte.

use crate::inputs::SignedRequest;

/// For a POSIX shell with curl. A body that is no plain text is written by `printf`.
pub(crate) fn curl(request: &SignedRequest) -> String {
    let mut lines =
        vec![format!("curl -sS -i -X {} {}", shell(&request.method), shell(&request.url))];
    let typed = request.fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    lines.extend(
        request
            .fields
            .iter()
            .map(|(name, value)| format!("-H {}", shell(&format!("{name}: {value}")))),
    );
    if request.body.is_empty() {
        return format!("{}\n", lines.join(" \\\n  "));
    }
    if !typed {
        // Else curl calls it a form.
        lines.push("-H 'Content-Type: application/octet-stream'".to_owned());
    }
    match str::from_utf8(&request.body) {
        Ok(text) if !text.contains('\0') && !text.starts_with('@') => {
            lines.push(format!("--data-binary {}", shell(text)));
            format!("{}\n", lines.join(" \\\n  "))
        }
        _ => {
            lines.push("--data-binary @-".to_owned());
            let octal: String = request.body.iter().map(|byte| format!("\\{byte:03o}")).collect();
            format!("printf '{octal}' | {}\n", lines.join(" \\\n  "))
        }
    }
}

/// A word in single quotes.
fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// For Python 3 without packages.
pub(crate) fn python(request: &SignedRequest) -> String {
    let fields: String = request
        .fields
        .iter()
        .map(|(name, value)| format!("    {}: {},\n", json(name), json(value)))
        .collect();
    let body =
        if request.body.is_empty() { "None".to_owned() } else { python_bytes(&request.body) };
    format!(
        "import urllib.error\nimport urllib.request\n\n\
         request = urllib.request.Request(\n    {},\n    data={body},\n    method={},\n    headers={{\n{}    }},\n)\n\
         try:\n    answer = urllib.request.urlopen(request)\nexcept urllib.error.HTTPError as error:\n    answer = error\n\
         print(answer.status)\nprint(answer.read().decode())\n",
        json(&request.url),
        json(&request.method),
        fields.replace("    \"", "        \""),
    )
}

fn python_bytes(bytes: &[u8]) -> String {
    let text: String = bytes
        .iter()
        .map(|byte| match byte {
            b'"' => "\\\"".to_owned(),
            b'\\' => "\\\\".to_owned(),
            b' '..=b'~' => char::from(*byte).to_string(),
            _ => format!("\\x{byte:02x}"),
        })
        .collect();
    format!("b\"{text}\"")
}

/// For Node 20 or later, and every other runtime with `fetch`.
pub(crate) fn javascript(request: &SignedRequest) -> String {
    let fields: String = request
        .fields
        .iter()
        .map(|(name, value)| format!("    {}: {},\n", json(name), json(value)))
        .collect();
    let body = match str::from_utf8(&request.body) {
        Ok("") => String::new(),
        Ok(text) => format!("  body: new TextEncoder().encode({}),\n", json(text)),
        Err(_) => {
            let bytes: Vec<String> = request.body.iter().map(u8::to_string).collect();
            format!("  body: new Uint8Array([{}]),\n", bytes.join(", "))
        }
    };
    format!(
        "const answer = await fetch({}, {{\n  method: {},\n  headers: {{\n{fields}  }},\n{body}  redirect: \"manual\",\n}});\n\
         console.log(answer.status);\nconsole.log(await answer.text());\n",
        json(&request.url),
        json(&request.method),
    )
}

/// A text as JSON writes it, which Python and JavaScript read alike.
fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
