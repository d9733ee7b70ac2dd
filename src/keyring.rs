//! Who may sign: senders, and the keys prepared from their secrets.

use subtle::{Choice, ConditionallySelectable};

use crate::algorithm::Key;
use crate::message_signature::Requirement;
use crate::replay::{ReplayKey, ReplayRule};
use crate::scheme::{Bound, ByUrl, Scheme, SenderUrl};
use crate::secret::Secret;
use crate::time::UnixSeconds;

/// A sender with its prepared keys.
#[derive(Debug)]
pub(crate) struct Sender {
    pub(crate) id: Box<str>,
    pub(crate) scheme: &'static Scheme,
    /// Seconds a timestamp may lie before or after now.
    pub(crate) tolerance: u32,
    /// One for each secret; empty where one is missing or broken, and nothing verifies then.
    pub(crate) keys: Vec<SenderKey>,
    /// The URL that the sender calls, or its start, where the scheme signs it.
    pub(crate) url: Option<SenderUrl>,
    /// Set where the gate answers the provider's handshake.
    pub(crate) handshake: Option<HandshakeSettings>,
    /// What is asked of a signature that says itself what it covers.
    pub(crate) requirement: Option<Requirement>,
    /// Set where a request is accepted once.
    pub(crate) replay: Option<ReplayRule>,
}

/// What a sender says about the handshake.
#[derive(Debug)]
pub(crate) struct HandshakeSettings {
    /// The token that the operator chose, for a provider that asks for one; nothing where it is
    /// missing or broken, and no handshake succeeds then.
    pub(crate) verify_token: Option<Secret>,
}

impl Sender {
    /// Whether a request without a body is bound all the same: to its method and target.
    pub(crate) fn binds_bodyless_requests(&self) -> bool {
        Bound::by(self.scheme, self.url.as_ref(), self.requirement.as_ref()).without_body()
    }

    /// Whether a request must have a nonce.
    pub(crate) fn needs_nonce(&self) -> bool {
        self.replay.is_some_and(|rule| rule.key == ReplayKey::Nonce)
    }

    /// Whether each of its keys verifies while the body is elsewhere.
    pub(crate) fn verifies_by_hashes(&self) -> bool {
        self.scheme.takes_hashes() && self.keys.iter().all(|key| key.key.takes_body_elsewhere())
    }

    /// Whether this key of the sender made one of the signatures, or all of those that are to be
    /// verified together.
    pub(crate) fn has_signed<'m>(&'m self, messages: &mut ByUrl<'m>, key: &Key) -> Choice {
        messages.of(self.url.as_ref()).is_signed_with(key, self.requirement.as_ref())
    }

    /// Whether every secret was there and fit.
    pub(crate) fn is_available(&self) -> bool {
        !self.keys.is_empty()
    }
}

/// A key and when it counts.
#[derive(Debug)]
pub(crate) struct SenderKey {
    pub(crate) key: Key,
    pub(crate) valid: Validity,
}

/// The time in which a key verifies, from the first second to the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Validity {
    pub(crate) not_before: Option<UnixSeconds>,
    pub(crate) not_after: Option<UnixSeconds>,
}

impl Validity {
    pub(crate) fn includes(self, now: UnixSeconds) -> bool {
        self.not_before.is_none_or(|first| first <= now)
            && self.not_after.is_none_or(|last| now <= last)
    }
}

/// Whose key made a signature, and which one of its keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signer<'s> {
    pub(crate) sender: &'s Sender,
    /// Place in the sender's list.
    pub(crate) key_index: usize,
}

impl<'s> Signer<'s> {
    /// The key itself.
    pub(crate) fn key(&self) -> Option<&'s Key> {
        self.sender.keys.get(self.key_index).map(|key| &key.key)
    }

    /// The last second in which the key counts.
    pub(crate) fn not_after(&self) -> Option<UnixSeconds> {
        self.sender.keys.get(self.key_index)?.valid.not_after
    }
}

/// The sender whose key made the signature, out of those given, as `is_signed_with` tells of each.
///
/// Every key of every sender is tried once and in order, whichever fits and whether or not it is
/// valid now, and what is kept of each try does not depend on its outcome: the time says nothing
/// about which one matched.
pub(crate) fn find_signer<'s>(
    senders: impl Iterator<Item = &'s Sender> + Clone,
    now: UnixSeconds,
    mut is_signed_with: impl FnMut(&'s Sender, &'s Key) -> Choice,
) -> Option<Signer<'s>> {
    let mut found = Choice::from(0);
    let mut found_at = 0_u32;
    for (position, (_, sender, SenderKey { key, valid })) in
        (0_u32..).zip(all_keys(senders.clone()))
    {
        let matches = is_signed_with(sender, key) & Choice::from(u8::from(valid.includes(now)));
        found_at.conditional_assign(&position, matches);
        found |= matches;
    }
    if !bool::from(found) {
        return None;
    }
    (0_u32..).zip(all_keys(senders)).find_map(|(position, (key_index, sender, _))| {
        (position == found_at).then_some(Signer { sender, key_index })
    })
}

/// Every key, with its place in the list of its sender.
fn all_keys<'s>(
    senders: impl Iterator<Item = &'s Sender>,
) -> impl Iterator<Item = (usize, &'s Sender, &'s SenderKey)> {
    senders.flat_map(|sender| {
        sender.keys.iter().enumerate().map(move |(index, key)| (index, sender, key))
    })
}
