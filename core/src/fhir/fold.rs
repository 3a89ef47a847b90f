//! Folding of text for search that minds neither case nor accents.

use std::borrow::Cow;

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text without case, accents and compatibility forms. Folding twice changes nothing.
pub(crate) fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.bytes().any(|b| b.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    let mut folded = String::with_capacity(text.len());
    // The second decomposition takes apart what case folding put together.
    for c in text.nfkd().default_case_fold().nfkd() {
        match c {
            'ø' => folded.push('o'),
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'đ' | 'ð' => folded.push('d'),
            'ł' => folded.push('l'),
            'þ' => folded.push_str("th"),
            'ı' => folded.push('i'),
            c if is_combining_mark(c) => {}
            c => folded.push(c),
        }
    }
    Cow::Owned(folded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::fold;

    #[test]
    fn folds_case_accents_and_letters_without_decomposition() {
        for (text, folded) in [
            ("", ""),
            ("plain text 1", "plain text 1"),
            ("O'Brien-SMITH", "o'brien-smith"),
            ("Müller", "muller"),
            ("Mu\u{308}ller", "muller"),
            ("STRASSE", "strasse"),
            ("Straße", "strasse"),
            ("Σίσυφος", "σισυφοσ"),
            ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
            ("Ørsted Œuvre Ærø Đặng Łódź Þór Ðdr", "orsted oeuvre aero dang lodz thor ddr"),
            ("İstanbul ISTANBUL ıstanbul", "istanbul istanbul istanbul"),
            ("ﬁne ① Ｗｉｄｅ", "fine 1 wide"),
            ("日本語", "日本語"),
            ("한국", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}"),
            ("ガ", "カ"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once.as_ref());
        }

        #[test]
        fn ascii_and_unicode_paths_agree(text in "[ -~]{0,40}") {
            let marked = format!("{text}ö");
            prop_assert_eq!(format!("{}o", fold(&text)), fold(&marked));
        }
    }
}
