//! Unix time and the canonical timestamp of a signed request.

/// A moment in whole seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixSeconds(u64);

impl UnixSeconds {
    /// The moment `seconds` after the epoch.
    pub const fn new(seconds: u64) -> Self {
        Self(seconds)
    }

    /// The moment a millisecond clock shows, such as JavaScript's `Date.now()`, rounded down.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis / 1000)
    }

    /// Seconds since the epoch.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// How many seconds `self` is ahead of `earlier`; negative where it is behind.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        let distance = i64::try_from(self.0.abs_diff(earlier.0)).unwrap_or(i64::MAX);
        if self.0 >= earlier.0 { distance } else { distance.saturating_neg() }
    }

    /// Whether `other` lies at most `tolerance` seconds before or after.
    pub(crate) fn is_within(self, tolerance: u32, other: Self) -> bool {
        self.0.abs_diff(other.0) <= u64::from(tolerance)
    }
}

/// Why a timestamp text was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimestampError {
    /// Thirteen digits: what a clock in milliseconds writes at present.
    LooksLikeMilliseconds,
    /// Anything else that is not exactly ten ASCII digits, the first not zero.
    NotCanonical,
}

/// Digits of a Unix timestamp in seconds, from September 2001 until November 2286.
const DIGITS_OF_SECONDS: usize = 10;
/// The same moments in milliseconds.
const DIGITS_OF_MILLISECONDS: usize = 13;

/// Reads unix seconds written as exactly ten ASCII digits, the first of them not zero.
///
/// One text for each moment: the signature covers the text, so a second spelling (`+1`, a
/// leading zero, a space, other digits) would be a second valid request.
pub(crate) fn parse_timestamp(text: &[u8]) -> Result<UnixSeconds, TimestampError> {
    let canonical = text.iter().all(u8::is_ascii_digit) && text.first() != Some(&b'0');
    match (canonical, text.len()) {
        (true, DIGITS_OF_SECONDS) => str::from_utf8(text)
            .ok()
            .and_then(|digits| digits.parse().ok())
            .map(UnixSeconds)
            .ok_or(TimestampError::NotCanonical),
        (true, DIGITS_OF_MILLISECONDS) => Err(TimestampError::LooksLikeMilliseconds),
        _ => Err(TimestampError::NotCanonical),
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn ten_digits_are_read_as_they_are() {
        assert_eq!(parse_timestamp(b"1760000000"), Ok(UnixSeconds(1_760_000_000)));
        assert_eq!(parse_timestamp(b"9999999999"), Ok(UnixSeconds(9_999_999_999)));
    }

    #[test]
    fn thirteen_digits_are_taken_for_milliseconds() {
        let milliseconds = Err(TimestampError::LooksLikeMilliseconds);
        assert_eq!(parse_timestamp(b"1760000000123"), milliseconds);
    }

    #[test]
    fn every_other_spelling_is_refused() {
        for text in [
            "",
            "0",
            "+176000000",
            "-176000000",
            " 176000000",
            "176000000 ",
            "1_76000000",
            "0176000000",
            "17600000000",
            "176000000",
            "1760000.00",
            "1.76000e9",
            "٠٠٠٠٠",
            "0760000000123",
            "176000000\n",
            "176000000\0",
        ] {
            let refused = Err(TimestampError::NotCanonical);
            assert_eq!(parse_timestamp(text.as_bytes()), refused, "{text:?}");
        }
    }

    #[test]
    fn the_distance_has_a_sign_and_does_not_overflow() {
        let (early, late) = (UnixSeconds(0), UnixSeconds(u64::MAX));
        assert_eq!(late.seconds_since(early), i64::MAX);
        assert_eq!(early.seconds_since(late), -i64::MAX);
        assert_eq!(UnixSeconds(7).seconds_since(UnixSeconds(9)), -2);
    }
}
