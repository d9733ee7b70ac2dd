//! Keys that everybody knows, for a document or a library shows them: they are used by whoever copies
//! an example and leaves it so. A public key counts where its private one is shown.

/// Each by its [fingerprint](super::Fingerprints), so that none is in the program.
pub(super) const KEYS: [u64; 37] = [
    // GitHub's page on validating deliveries.
    0x2f88_94d9_0ffb_7560,
    // Slack's page on verifying requests.
    0x6adb_fd17_8516_c8ef,
    // Standard Webhooks' and Svix' libraries.
    0xf74e_1720_b761_4881,
    // Svix' page on verifying by hand.
    0x26bc_179e_eed9_133f,
    // Standard Webhooks' reference.
    0x640b_cf02_0faf_995f,
    // Standard Webhooks' reference, a public key.
    0x3500_7591_2e20_9ac6,
    // Stripe's libraries.
    0x7a20_0eb8_9adb_0904,
    // Adyen's page on verifying signatures.
    0x1f1d_54cc_7e57_10d7,
    // Adyen's libraries.
    0x6352_7ff4_5b61_0134,
    0xfff0_48ba_5f80_177a,
    0xfd38_ed78_5ae1_6da8,
    // Paddle's libraries.
    0x6d02_3110_3632_4a0c,
    0xb6ef_6f63_3396_9b13,
    0x796d_ece1_3743_b6c9,
    0xe888_232d_73dd_94cf,
    0xe4c4_aa49_874d_373f,
    0x8cf2_79ba_acb5_e2df,
    // Mailgun's page on webhooks.
    0x9c84_6fdf_0fa8_955c,
    // Square's libraries.
    0x0998_29be_ec92_e555,
    0x9454_ba92_6dac_bd96,
    // Drone's page on its secret.
    0x87cb_ebfe_ebc0_5f7c,
    // RFC 9421 appendix B.1.5.
    0x57ca_14d5_20f8_89be,
    // RFC 9421 appendix B.1.1.
    0x6a6a_bb24_2d0d_7aef,
    // RFC 9421 appendix B.1.2.
    0x3be3_79e8_92d7_1d72,
    // RFC 9421 appendix B.1.3.
    0x91e8_15b8_f2f7_b656,
    // RFC 9421 appendix B.1.4.
    0xb16c_2d1b_ead1_2626,
    // RFC 9421 appendix B.1.4, the private key.
    0xafeb_8935_663e_61e5,
    // RFC 8032 section 7.1, test 1.
    0x21fe_31df_a154_a261,
    // RFC 8032 section 7.1, test 1, the private key.
    0x644d_50ab_6486_4c20,
    // RFC 8032 section 7.1, test 2.
    0x39f7_13d0_a644_253f,
    // RFC 8032 section 7.1, test 2, the private key.
    0x3d2d_9682_cdba_5296,
    // RFC 8032 section 7.1, test 3.
    0xdac0_73e0_123b_dea5,
    // RFC 8032 section 7.1, test 3, the private key.
    0xd8ec_a0cc_a720_d33b,
    // RFC 8032 section 7.1, test 1024.
    0x9138_4c41_1e5a_f296,
    // RFC 8032 section 7.1, test 1024, the private key.
    0x2802_4a74_9434_22cc,
    // RFC 8032 section 7.1, test SHA(abc).
    0x5f9b_247e_2a65_4719,
    // RFC 8032 section 7.1, test SHA(abc), the private key.
    0x918a_4832_06ab_fc92,
];

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::super::{Secret, WeakSecret};
    use super::KEYS;
    use crate::scheme::Scheme;

    /// In the order of [`KEYS`]: a scheme under which it could be used, and the text as it is shown.
    const TEXTS: [(&str, &str); 37] = [
        ("github", "It's a Secret to Everybody"),
        ("github", "8f742231b10e8888abcd99yyyzzz85a5"),
        ("standard-webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("standard-webhooks", "whsec_plJ3nmyCDGBKInavdOK15jsl"),
        ("standard-webhooks", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
        ("standard-webhooks-v1a", "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="),
        ("github", "whsec_test_secret"),
        ("adyen-platforms", "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"),
        ("adyen-platforms", "DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00"),
        ("adyen-platforms", "9064450A8892A093D9E97EFCC9639DE31B74F3A7803135555A3C96F5A57915D6"),
        ("adyen-platforms", "74F490DD33F7327BAECC88B2947C011FC02D014A473AAA33A8EC93E4DC069174"),
        ("github", "pdl_ntf_01hbpjmytsa32fhr36nqgc3kgb_TjIG2BXbm83HPXqNfziwe506sBEdqL/4"),
        ("github", "pdl_ntf_01hbpjmytsa32fhr36nqgc3kgb_WvRO0eL4Bj9rgYYIBZY6wZhG4EHy9jzh"),
        ("github", "pdl_ntf_01hbpjmytsa32fhr36nqgc3kgb_vB/yIOnTOCWIvpBadM5jzBZPHc7OmdSo"),
        ("github", "pdl_ntfset_01hs0t3tw21j988db1pam5xg8m_GrOWLNef+vmtjJYq4mSnHNzvc8uWoJ1I"),
        ("github", "pdl_ntfset_01hsdn8d43dt7mezr1ef2jtbaw_hKkRiCGyyRhbFwIUuqiTBgI7gnWoV0Gr"),
        ("github", "INVALID_VALID_SECRET"),
        ("github", "key-3ax6xnjp29jd6fds4gc373sgvjxteol0"),
        ("github", "Ibxx_5AKakO-3qeNVR61Dw"),
        ("github", "MCmhFRxGX82xMwg5FsaoQA"),
        ("github", "correct-horse-battery-staple"),
        (
            "rfc9421-hmac-sha256-base64",
            "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==",
        ),
        (
            "rfc9421-rsa-v1_5-sha256",
            "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAhAKYdtoeoy8zcAcR874L8cnZxKzAGwd7v36APp7Pv6Q2jdsPBRrwWEBnez6d0UDKDwGbc6nxfEXAy5mbhgajzrw3MOEt8uA5txSKobBpKDeBLOsdJKFqMGmXCQvEG7YemcxDTRPxAleIAgYYRjTSd/QBwVW9OwNFhekro3RtlinV0a75jfZgkne/YiktSvLG34lw2zqXBDTC5NHROUqGTlML4PlNZS5Ri2U4aCNx2rUPRcKIlE0PuKxI4T+HIaFpv8+rdV6eUgOrB2xeI1dSFFn/nnv5OoZJEIB+VmuKn3DCUcCZSFlQPSXSfBDiUGhwOw76WuSSsf1D4b/vLoJ10wIDAQAB",
        ),
        (
            "rfc9421-rsa-pss-sha512",
            "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHqgDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5WUtzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI2wIDAQAB",
        ),
        (
            "rfc9421-ecdsa-p256-sha256",
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lfw0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==",
        ),
        ("rfc9421-ed25519", "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="),
        ("adyen-platforms", "9f8362f87a484a954e6e740c5b4c0e84229139a20aa8ab56ff66586f6a7d29c5"),
        ("discord", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
        ("adyen-platforms", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
        ("discord", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
        ("adyen-platforms", "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
        ("discord", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"),
        ("adyen-platforms", "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"),
        ("discord", "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e"),
        ("adyen-platforms", "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5"),
        ("discord", "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf"),
        ("adyen-platforms", "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42"),
    ];

    fn is_published(scheme: &str, text: &str) -> bool {
        let scheme = Scheme::preset(scheme).unwrap();
        let secret = Secret::new(text.into());
        secret.fingerprints(scheme.algorithm, scheme.key_of(&secret).as_ref()).are_published()
    }

    #[test]
    fn row_20_the_table_is_made_from_what_documents_show() {
        for ((scheme, text), print) in TEXTS.into_iter().zip(KEYS) {
            let (scheme, secret) = (Scheme::preset(scheme).unwrap(), Secret::new(text.into()));
            let found = secret.fingerprints(scheme.algorithm, scheme.key_of(&secret).as_ref());
            assert!(found.has(print), "{text} is not {print:#018x}");
        }
    }

    #[test]
    fn row_20_a_published_key_is_known_in_any_spelling() {
        for (scheme, text) in [
            ("stripe", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            ("svix", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            ("adyen-standard", "44782def547aaa06c910c43932b1eb0c71fc68d9d0c057550c48ec2acf6ba056"),
            (
                "x-hmac",
                "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ",
            ),
            (
                "rfc9421-ed25519",
                "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----",
            ),
            ("standard-webhooks-v1a", "whpk_JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="),
            ("discord", "26b40b8f93fff3d897112f7ebc582b232dbd72517d082fe83cfb30ddce43d1bb"),
        ] {
            assert!(is_published(scheme, text), "{scheme} {text}");
        }
        assert!(!is_published("github", "It's a Secret to Nobody, is it"));
    }

    #[test]
    fn row_20_a_text_that_holds_a_sample_is_one() {
        for text in ["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "my-secret-2f9ac51be70d48"] {
            let scheme = Scheme::preset("github").unwrap();
            let secret = Secret::new(text.into());
            let prints = secret.fingerprints(scheme.algorithm, None);
            let strength = secret.check_strength(scheme.key, Some(16), &prints);
            assert_eq!(strength, Err(WeakSecret::Sample), "{text}");
        }
    }
}
