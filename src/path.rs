//! Which route a request belongs to: whole path segments and a method, nothing else.
//!
//! A path is matched as the bytes that are asked of the origin. Nothing is decoded or
//! normalised: a path with a second spelling of a delimiter is not matched at all.
//!
//! A router such as `matchit` does not serve: it gives one pattern for a path, of `/a/{x}` and `/a/b` the
//! more literal one. Here no two routes may share a path and a method, and of the routes that share a path
//! all are found, for their methods stand in `Allow`.

use crate::message::decode;

/// The largest number of segments in a pattern.
const MAX_SEGMENTS: usize = 32;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(Box<str>),
    /// `{name}`: one segment that is not empty.
    One,
    /// `{*rest}`: everything that is left, at least one byte.
    Rest,
}

/// A path as a route writes it: `/v1/infer`, `/users/{id}`, `/files/{*rest}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    text: Box<str>,
    segments: Vec<Segment>,
}

impl PathPattern {
    /// Reads a pattern. It starts with `/`; its literal segments are written as they stand in a
    /// request, percent-encoding included; `{*rest}` may only be the last one. A `/` at the end
    /// counts: `/v1` and `/v1/` are two paths.
    ///
    /// Gives nothing where no acceptable request path could match, or the braces do not fit.
    pub fn parse(text: &str) -> Option<Self> {
        let mut segments = Vec::new();
        let mut parts = text.strip_prefix('/')?.split('/').peekable();
        while let Some(part) = parts.next() {
            let last = parts.peek().is_none();
            let inner = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            segments.push(match inner {
                Some(name) => match name.strip_prefix('*') {
                    Some(name) if last && is_name(name) => Segment::Rest,
                    None if is_name(name) => Segment::One,
                    _ => return None,
                },
                None if part.is_empty() && !last => return None,
                None if is_plain_segment(part) => Segment::Literal(part.into()),
                None => return None,
            });
        }
        (segments.len() <= MAX_SEGMENTS).then(|| Self { text: text.into(), segments })
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether some path matches both.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let (mut ours, mut theirs) = (self.segments.iter(), other.segments.iter());
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (None, Some(_)) | (Some(_), None) => return false,
                (Some(Segment::Rest), Some(segment)) => {
                    return may_be_rest(segment, theirs.as_slice());
                }
                (Some(segment), Some(Segment::Rest)) => {
                    return may_be_rest(segment, ours.as_slice());
                }
                (Some(Segment::Literal(a)), Some(Segment::Literal(b))) if a != b => return false,
                (Some(Segment::Literal(text)), Some(Segment::One))
                | (Some(Segment::One), Some(Segment::Literal(text)))
                    if text.is_empty() =>
                {
                    return false;
                }
                _ => {}
            }
        }
    }
}

/// Whether what is left of a path, this segment and those behind it, holds at least one byte.
fn may_be_rest(segment: &Segment, behind: &[Segment]) -> bool {
    !behind.is_empty() || *segment != Segment::Literal("".into())
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Whether a request path can be matched at all: absolute, no empty segment but the last, and
/// every segment free of what another reader could take for a delimiter or a dot segment.
fn is_plain_path(path: &str) -> bool {
    let Some(mut rest) = path.strip_prefix('/') else { return false };
    while let Some((segment, behind)) = split_segment(rest) {
        if segment.is_empty() || !is_plain_segment(segment) {
            return false;
        }
        rest = behind;
    }
    is_plain_segment(rest)
}

/// The first segment of what is left of a path, and what is behind its `/`; nothing where it is the last.
/// `str::split_once` looks for a character as in long texts: segments are short.
fn split_segment(left: &str) -> Option<(&str, &str)> {
    let end = left.bytes().position(|byte| byte == b'/')?;
    Some((left.get(..end)?, left.get(end.saturating_add(1)..)?))
}

/// RFC 3986 section 3.3 `segment`, less what readers differ on: `.` and `..` (also before a `;`,
/// where some servers cut), and the escapes of `/`, `\`, `.` and NUL.
fn is_plain_segment(segment: &str) -> bool {
    let is_dots = |name: &[u8]| matches!(name, b"." | b"..");
    if segment.as_bytes().split(|byte| *byte == b';').next().is_some_and(is_dots) {
        return false;
    }
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        let plain = match byte {
            b'%' => match (bytes.next(), bytes.next()) {
                (Some(high), Some(low)) => {
                    high.is_ascii_hexdigit()
                        && low.is_ascii_hexdigit()
                        && !matches!(
                            [high, low.to_ascii_lowercase()],
                            [b'2', b'f' | b'e'] | [b'5', b'c'] | [b'0', b'0']
                        )
                }
                _ => false,
            },
            b'-' | b'.' | b'_' | b'~' | b':' | b'@' => true,
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' => true,
            _ => byte.is_ascii_alphanumeric(),
        };
        if !plain {
            return false;
        }
    }
    true
}

/// Whether some readers see another path than others: by decoding a second time, or by decoding what is
/// no UTF-8, such as an overlong `/` (RFC 3629 section 10).
pub(crate) fn has_ambiguous_escapes(path: &str) -> bool {
    if memchr::memchr(b'%', path.as_bytes()).is_none() {
        return false;
    }
    let once = decode(path.as_bytes(), &|_| true);
    str::from_utf8(&once).is_err() || decode(&once, &|_| true) != once
}

#[derive(Debug, Default)]
struct Node {
    /// By their texts, in order.
    literals: Vec<(Box<str>, Node)>,
    one: Option<Box<Node>>,
    /// Routes whose pattern ends here.
    ends: Vec<RouteIndex>,
    /// Routes whose pattern goes on with `{*rest}` from here.
    rests: Vec<RouteIndex>,
}

impl Node {
    fn find(&self, text: &str) -> Result<usize, usize> {
        self.literals.binary_search_by(|(own, _)| (**own).cmp(text))
    }

    fn literal(&self, text: &str) -> Option<&Self> {
        self.literals.get(self.find(text).ok()?).map(|(_, node)| node)
    }

    #[allow(clippy::indexing_slicing, reason = "it was found there, or has just been put there")]
    fn literal_mut(&mut self, text: &str) -> &mut Self {
        let place = self.find(text).unwrap_or_else(|place| {
            self.literals.insert(place, (text.into(), Self::default()));
            place
        });
        &mut self.literals[place].1
    }
}

/// The place of a route in the policy's list.
pub(crate) type RouteIndex = usize;

/// All patterns of a policy as a tree of segments: finding the routes of a path takes a step a
/// segment, however many routes there are.
#[derive(Debug, Default)]
pub(crate) struct RouteTree {
    root: Node,
}

impl RouteTree {
    /// Adds a route's pattern.
    pub(crate) fn insert(&mut self, pattern: &PathPattern, route: RouteIndex) {
        let mut node = &mut self.root;
        for segment in &pattern.segments {
            node = match segment {
                Segment::Literal(text) => node.literal_mut(text),
                Segment::One => node.one.get_or_insert_default(),
                Segment::Rest => {
                    node.rests.push(route);
                    return;
                }
            };
        }
        node.ends.push(route);
    }

    /// Calls `found` with every route whose pattern matches the path, whatever its methods.
    pub(crate) fn matches(&self, path: &str, found: &mut impl FnMut(RouteIndex)) {
        if is_plain_path(path)
            && let Some(rest) = path.strip_prefix('/')
        {
            visit(&self.root, Some(rest), found);
        }
    }
}

/// Walks the nodes that fit what is left of a path; `None` is a path used up. A node has one
/// way from the root, so no node is seen twice; the depth is bounded by [`MAX_SEGMENTS`].
fn visit(node: &Node, left: Option<&str>, found: &mut impl FnMut(RouteIndex)) {
    let Some(left) = left else {
        node.ends.iter().copied().for_each(found);
        return;
    };
    let (segment, behind) = match split_segment(left) {
        Some((segment, behind)) => (segment, Some(behind)),
        None => (left, None),
    };
    if let Some(next) = node.literal(segment) {
        visit(next, behind, found);
    }
    if segment.is_empty() {
        return;
    }
    if let Some(next) = &node.one {
        visit(next, behind, found);
    }
    node.rests.iter().copied().for_each(found);
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    const NONE: [RouteIndex; 0] = [];

    fn matched(patterns: &[&str], path: &str) -> Vec<RouteIndex> {
        let mut tree = RouteTree::default();
        for (index, pattern) in patterns.iter().enumerate() {
            tree.insert(&PathPattern::parse(pattern).unwrap(), index);
        }
        let mut found = Vec::new();
        tree.matches(path, &mut |route| found.push(route));
        found
    }

    #[test]
    fn patterns_match_whole_segments() {
        let patterns = ["/", "/v1/infer", "/v1/infer/", "/v1/{model}/run", "/files/{*rest}"];
        for (path, route) in [
            ("/", 0),
            ("/v1/infer", 1),
            ("/v1/infer/", 2),
            ("/v1/gpt/run", 3),
            ("/files/a", 4),
            ("/files/a/b/", 4),
        ] {
            assert_eq!(matched(&patterns, path), [route], "{path}");
        }
        for path in [
            "",
            "/v1",
            "/v1/inferx",
            "/V1/infer",
            "/v1/infer/x",
            "/v1//run",
            "/files/",
            "/files",
            "v1/infer",
            "*",
        ] {
            assert_eq!(matched(&patterns, path), NONE, "{path}");
        }
    }

    #[test]
    fn row_27_a_path_with_a_second_spelling_matches_nothing() {
        for path in [
            "/admin%2f..",
            "/admin%2F",
            "/%5cadmin",
            "/%2e%2e/admin",
            "/a/%2E",
            "/a%00",
            "//admin",
            "/a//b",
            "/a/../b",
            "/a/.",
            "/..;/admin",
            "/.;x=1/a",
            "/a\\b",
            "/a%",
            "/a%2",
            "/a%zz",
            "/a b",
            "/ä",
            "/a\u{7f}",
            "/a\"",
            "/a#b",
        ] {
            assert_eq!(matched(&["/{*rest}"], path), NONE, "{path}");
        }
        for path in ["/admin", "/%61dmin", "/a%20b", "/a;v=1", "/a..b", "/...", "/a:b@c"] {
            assert_eq!(matched(&["/{*rest}"], path), [0], "{path}");
        }
    }

    #[test]
    fn patterns_that_no_request_could_match_are_refused() {
        for pattern in [
            "", "v1", "//", "/a//b", "/a/../b", "/.", "/a%2fb", "/a b", "/{", "/{}", "/{a", "/a}",
            "/x{a}", "/{*}", "/{*a}/b", "/{a-b}", "/?q", "/a#b",
        ] {
            assert_eq!(PathPattern::parse(pattern), None, "{pattern}");
        }
        assert!(PathPattern::parse(&"/a".repeat(MAX_SEGMENTS)).is_some());
        assert_eq!(PathPattern::parse(&"/a".repeat(MAX_SEGMENTS + 1)), None);
    }

    #[test]
    fn overlap_is_a_path_in_common() {
        for (a, b, overlap) in [
            ("/a", "/a", true),
            ("/a", "/a/", false),
            ("/a", "/{x}", true),
            ("/a/", "/a/{x}", false),
            ("/a/b", "/a/{x}", true),
            ("/a/{x}", "/{x}/b", true),
            ("/a/{*r}", "/a", false),
            ("/a/{*r}", "/a/", false),
            ("/a/{*r}", "/a/b/", true),
            ("/a/{*r}", "/{x}/b", true),
            ("/a/{*r}", "/b/{*r}", false),
            ("/{*r}", "/a/{*r}", true),
            ("/{*r}", "/", false),
        ] {
            let pattern = |text| PathPattern::parse(text).unwrap();
            assert_eq!(pattern(a).overlaps(&pattern(b)), overlap, "{a} {b}");
            assert_eq!(pattern(b).overlaps(&pattern(a)), overlap, "{b} {a}");
        }
    }
}
