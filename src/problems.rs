//! What can be wrong, one row each: its meaning, its code and its words.
//!
//! `thiserror` writes the words beside a variant, but has no place for its code.

/// An enum of what can be wrong. A row is a variant with its documentation, the values it holds, its
/// code, and its words, a format string that may be followed by what is not a value itself.
macro_rules! problems {
    (
        $(#[$about:meta])*
        $visibility:vis enum $Problem:ident;

        $(
            $(#[$meaning:meta])*
            $Name:ident
            $(($($value:ident: $Value:ty),+))?
            $({$($(#[$field_meaning:meta])* $field:ident: $Field:ty),+ $(,)?})?
            => $code:expr, $words:literal $(, $argument:expr)*;
        )+
    ) => {
        $(#[$about])*
        $visibility enum $Problem {
            $(
                $(#[$meaning])*
                $Name $(($($Value),+))? $({$($(#[$field_meaning])* $field: $Field),+})?,
            )+
        }

        impl $Problem {
            /// A word that stays the same, to be looked up and compared.
            #[allow(unused_variables, reason = "few codes depend on a value")]
            pub fn code(&self) -> &'static str {
                match self {
                    $(Self::$Name $(($($value),+))? $({$($field),+})? => $code,)+
                }
            }
        }

        impl core::fmt::Display for $Problem {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self {
                    $(
                        Self::$Name $(($($value),+))? $({$($field),+})? => {
                            write!(f, $words $(, $argument)*)
                        }
                    )+
                }
            }
        }
    };
}
pub(crate) use problems;
