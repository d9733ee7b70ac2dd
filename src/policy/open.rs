//! What a valid signature leaves open on a route.

use core::fmt;

/// One thing that a valid signature does not prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// Everything: the route is public.
    Everything,
    /// The body.
    Body,
    /// The method.
    Method,
    /// Path and query.
    Target,
    /// The host that was called, of a request whose path and query are bound.
    Host,
    /// That the request is the first of its kind: it can be sent again.
    Replay {
        /// Nothing ends that; else it ends with the window.
        for_ever: bool,
    },
    /// What only this scheme leaves open, in words.
    Other(&'static str),
}

impl Open {
    /// A name for programs. `open-body`, `open-method` and `open-target` are warned of where the route's
    /// `accept_open` does not have them.
    pub fn code(self) -> &'static str {
        match self {
            Self::Everything => "public",
            Self::Body => "open-body",
            Self::Method => "open-method",
            Self::Target => "open-target",
            Self::Host => "open-host",
            Self::Replay { for_ever: true } => "open-replay-for-ever",
            Self::Replay { for_ever: false } => "open-replay",
            Self::Other(_) => "open-other",
        }
    }

    /// The same in a word, such as `body`, as `accept_open` and the table of `check` have it.
    pub(crate) fn word(self) -> &'static str {
        self.code().trim_start_matches("open-")
    }
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Everything => "public: nothing is verified",
            Self::Body => "the body is not signed",
            Self::Method => "the method is not signed",
            Self::Target => "path and query are not signed: good on every route of the sender",
            Self::Host => "the host is not signed",
            Self::Replay { for_ever: true } => "can be sent again for ever",
            Self::Replay { for_ever: false } => "can be sent again within the window",
            Self::Other(what) => return write!(f, "not protected: {what}"),
        })
    }
}

/// What a route can say that it accepts open, by its [word](Open::word).
pub(super) const ACCEPTED: [Open; 3] = [Open::Body, Open::Method, Open::Target];
