//! What keeps the command from doing what it was asked.

/// A sentence for the person, and the exit status.
pub(crate) struct Failure {
    pub(crate) exit: u8,
    pub(crate) text: String,
}

/// What a subcommand gives: whether all is well, or why it could not be done.
pub(crate) type Done = Result<bool, Failure>;

impl Failure {
    /// An argument or a file that cannot be used.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self { exit: 2, text: text.into() }
    }

    /// A server that cannot be reached.
    pub(crate) fn unreachable(text: impl Into<String>) -> Self {
        Self { exit: 3, text: text.into() }
    }
}
