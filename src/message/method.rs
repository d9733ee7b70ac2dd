//! Request methods.

use core::fmt;

/// The methods a route may list (RFC 9110 section 9.3, RFC 5789).
///
/// `CONNECT` and `TRACE` are left out: the Workers runtime forwards neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
    /// `OPTIONS`
    Options,
}

impl Method {
    /// Every method, in the order an `Allow` field lists them.
    pub const ALL: [Self; 7] =
        [Self::Get, Self::Head, Self::Post, Self::Put, Self::Patch, Self::Delete, Self::Options];

    /// The method with this name. Names are case-sensitive (RFC 9110 section 9.1).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// The name as it stands in a request line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }

    /// Whether a request with this method may carry content to the origin. For `GET` and `HEAD`
    /// content has no meaning (RFC 9110 section 9.3.1), and `fetch` refuses to send any.
    pub(crate) const fn may_have_body(self) -> bool {
        !matches!(self, Self::Get | Self::Head)
    }
}

/// A set of methods, printed as an `Allow` field lists it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Methods(u8);

impl Methods {
    const fn bit(method: Method) -> u8 {
        1 << method as u8
    }

    pub(crate) fn insert(&mut self, method: Method) {
        self.0 |= Self::bit(method);
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub(crate) const fn contains(self, method: Method) -> bool {
        self.0 & Self::bit(method) != 0
    }

    pub(crate) const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl fmt::Display for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for method in Method::ALL.into_iter().filter(|m| self.contains(*m)) {
            write!(f, "{separator}{}", method.name())?;
            separator = ", ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn an_allow_field_lists_the_methods_in_one_order() {
        let mut methods = Methods::default();
        assert_eq!(methods.to_string(), "");
        methods.insert(Method::Delete);
        methods.insert(Method::Get);
        assert_eq!(methods.to_string(), "GET, DELETE");
    }
}
