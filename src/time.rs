//! Unix time and the canonical timestamp of a signed request.
//!
//! RFC 3339 is read and written here: the crate `time` adds 3 KB to the compressed Worker and `jiff` 47,
//! and both read other spellings as well, such as a space for the `T`.

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

    /// The moment of a text as RFC 3339 section 5.6 has it, from 1970 on, fractions of a second
    /// dropped.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        parse_rfc3339(text.as_bytes()).ok()
    }

    /// The moment in UTC as RFC 3339 writes it: `2026-11-22T08:30:00Z`.
    pub(crate) fn to_rfc3339(self) -> String {
        let seconds = i64::try_from(self.0).unwrap_or(i64::MAX);
        let (mut days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (mut year, mut month) = (1970, 1);
        while days >= days_of_year(year) && year < 9999 {
            days = days.saturating_sub(days_of_year(year));
            year = i64::saturating_add(year, 1);
        }
        while days >= days_of(year, month) && month < 12 {
            days = days.saturating_sub(days_of(year, month));
            month = i64::saturating_add(month, 1);
        }
        let day = days.saturating_add(1);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }

    /// How many seconds `self` is ahead of `earlier`; negative where it is behind.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        let distance = i64::try_from(self.0.abs_diff(earlier.0)).unwrap_or(i64::MAX);
        if self.0 >= earlier.0 { distance } else { distance.saturating_neg() }
    }

    /// The moment so many seconds later.
    pub(crate) const fn plus(self, seconds: u32) -> Self {
        Self(self.0.saturating_add(seconds as u64))
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
pub(crate) fn parse_seconds(text: &[u8]) -> Result<UnixSeconds, TimestampError> {
    match digits(text, DIGITS_OF_SECONDS) {
        Some(seconds) => Ok(UnixSeconds(seconds)),
        None if digits(text, DIGITS_OF_MILLISECONDS).is_some() => {
            Err(TimestampError::LooksLikeMilliseconds)
        }
        None => Err(TimestampError::NotCanonical),
    }
}

/// Reads unix milliseconds written as exactly thirteen ASCII digits, the first of them not zero.
pub(crate) fn parse_milliseconds(text: &[u8]) -> Result<UnixSeconds, TimestampError> {
    digits(text, DIGITS_OF_MILLISECONDS)
        .map(UnixSeconds::from_millis)
        .ok_or(TimestampError::NotCanonical)
}

/// The number that exactly so many ASCII digits stand for, the first of them not zero.
fn digits(text: &[u8], count: usize) -> Option<u64> {
    let canonical =
        text.len() == count && text.iter().all(u8::is_ascii_digit) && text.first() != Some(&b'0');
    str::from_utf8(text).ok().filter(|_| canonical)?.parse().ok()
}

/// Reads a moment written as RFC 3339 section 5.6 has it, `2026-11-22T08:30:00.123+01:00`, from
/// 1970 on. A fraction of a second is dropped, and a leap second counts as the one after it.
pub(crate) fn parse_rfc3339(text: &[u8]) -> Result<UnixSeconds, TimestampError> {
    rfc3339(text).ok_or(TimestampError::NotCanonical)
}

fn rfc3339(text: &[u8]) -> Option<UnixSeconds> {
    let (date_time, behind) = text.split_at_checked(19)?;
    let number = |from: usize, to: usize, least: i64, most: i64| {
        let digits = date_time.get(from..to)?;
        let value =
            str::from_utf8(digits).ok().filter(|_| digits.iter().all(u8::is_ascii_digit))?;
        value.parse::<i64>().ok().filter(|value| (least..=most).contains(value))
    };
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if separators.into_iter().any(|(at, byte)| date_time.get(at) != Some(&byte)) {
        return None;
    }
    let (year, month) = (number(0, 4, 1970, 9999)?, number(5, 7, 1, 12)?);
    let day = number(8, 10, 1, days_of(year, month))?;
    let (hour, minute, second) =
        (number(11, 13, 0, 23)?, number(14, 16, 0, 59)?, number(17, 19, 0, 60)?);
    let offset = offset_seconds(after_fraction(behind)?)?;
    let days = days_since_1970(year, month).saturating_add(day).saturating_sub(1);
    let minutes =
        days.saturating_mul(24).saturating_add(hour).saturating_mul(60).saturating_add(minute);
    let seconds = minutes.saturating_mul(60).saturating_add(second).saturating_sub(offset);
    u64::try_from(seconds).ok().map(UnixSeconds)
}

/// What stands behind a fraction of a second of 1 to 9 digits, where there is one.
fn after_fraction(text: &[u8]) -> Option<&[u8]> {
    let Some(fraction) = text.strip_prefix(b".") else { return Some(text) };
    let count = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (1..=9).contains(&count).then(|| fraction.get(count..)).flatten()
}

/// `Z`, or hours and minutes ahead of UTC.
fn offset_seconds(text: &[u8]) -> Option<i64> {
    if text == b"Z" {
        return Some(0);
    }
    let [sign @ (b'+' | b'-'), h1, h0, b':', m1, m0] = *text else { return None };
    let two = |tens: u8, ones: u8, most: i64| {
        let text = [tens, ones];
        let value: i64 = str::from_utf8(&text)
            .ok()
            .filter(|_| text.iter().all(u8::is_ascii_digit))?
            .parse()
            .ok()?;
        (value <= most).then_some(value)
    };
    let seconds =
        two(h1, h0, 23)?.saturating_mul(3600).saturating_add(two(m1, m0, 59)?.saturating_mul(60));
    Some(if sign == b'-' { seconds.saturating_neg() } else { seconds })
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_of_year(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

const fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to the first of a month (the Gregorian calendar, from 1970 on).
fn days_since_1970(year: i64, month: i64) -> i64 {
    let years: i64 = (1970..year).map(days_of_year).sum();
    (1..month).map(|month| days_of(year, month)).fold(years, i64::saturating_add)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn ten_digits_are_read_as_they_are() {
        assert_eq!(parse_seconds(b"1760000000"), Ok(UnixSeconds(1_760_000_000)));
        assert_eq!(parse_seconds(b"9999999999"), Ok(UnixSeconds(9_999_999_999)));
    }

    #[test]
    fn thirteen_digits_are_taken_for_milliseconds() {
        let milliseconds = Err(TimestampError::LooksLikeMilliseconds);
        assert_eq!(parse_seconds(b"1760000000123"), milliseconds);
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
            assert_eq!(parse_seconds(text.as_bytes()), refused, "{text:?}");
        }
    }

    #[test]
    fn milliseconds_are_thirteen_digits() {
        assert_eq!(parse_milliseconds(b"1760000000999"), Ok(UnixSeconds(1_760_000_000)));
        for text in ["1760000000", "+760000000123", "0760000000123", "17600000001234", ""] {
            assert_eq!(
                parse_milliseconds(text.as_bytes()),
                Err(TimestampError::NotCanonical),
                "{text}"
            );
        }
    }

    /// The moments are those that Python's `datetime.fromisoformat(…).timestamp()` gives.
    #[test]
    fn rfc_3339_moments() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2025-10-09T08:53:20Z", 1_760_000_000),
            ("2025-10-09T08:53:20.999999999Z", 1_760_000_000),
            ("2025-10-09T10:53:20+02:00", 1_760_000_000),
            ("2025-10-08T21:23:20.5-11:30", 1_760_000_000),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("2016-12-31T23:59:60Z", 1_483_228_800),
        ] {
            assert_eq!(parse_rfc3339(text.as_bytes()), Ok(UnixSeconds(seconds)), "{text}");
        }
        for text in [
            "",
            "2025-10-09",
            "2025-10-09T08:53:20",
            "2025-10-09 08:53:20Z",
            "2025-10-09t08:53:20z",
            "2025-10-09T08:53:20.Z",
            "2025-10-09T08:53:20,5Z",
            "2025-10-09T08:53:20.0000000001Z",
            "2025-13-09T08:53:20Z",
            "2025-00-09T08:53:20Z",
            "2025-02-29T08:53:20Z",
            "2025-10-00T08:53:20Z",
            "2025-10-09T24:00:00Z",
            "2025-10-09T08:60:20Z",
            "2025-10-09T08:53:61Z",
            "2025-10-09T08:53:20+0200",
            "2025-10-09T08:53:20+24:00",
            "2025-10-09T08:53:20+02:60",
            "2025-10-09T08:53:20Z ",
            "+025-10-09T08:53:20Z",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+00:01",
            "２025-10-09T08:53:20Z",
        ] {
            assert_eq!(parse_rfc3339(text.as_bytes()), Err(TimestampError::NotCanonical), "{text}");
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
