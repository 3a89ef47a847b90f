use proptest::prelude::*;

use super::*;

fn d(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

fn key(decimal: &Decimal) -> Vec<u8> {
    let mut out = Vec::new();
    decimal.order_key(&mut out);
    out
}

#[test]
fn reads_what_fhir_writes() {
    for text in ["0", "-0", "1.00", "-1e245", "1.000000000000000000E-245", "1E+2", "0.001"] {
        assert!(Decimal::parse(text).is_some(), "{text}");
    }
    let long = "9".repeat(64);
    assert!(Decimal::parse(&long).is_some());
    assert!(Decimal::parse(&format!("{long}9")).is_none());
    for text in
        ["", "-", "+1", "01", "1.", ".5", "1e", "1e+", "0x1", "1 ", "NaN", "1e1.5", "1e9999999999"]
    {
        assert!(Decimal::parse(text).is_none(), "{text}");
    }
}

#[test]
fn compares_by_value() {
    assert_eq!(d("1.0"), d("1.000"));
    assert_eq!(d("100"), d("1e2"));
    assert_eq!(d("-0"), d("0.00"));
    let ascending = [
        "-1e245", "-100.5", "-100", "-1.5", "-1.45", "-1", "-0.01", "-1e-245", "0", "1e-245",
        "0.0099", "0.01", "0.1", "1", "1.05", "1.5", "9", "10", "10.5", "99.99", "100", "1e99",
        "1e100", "1e101", "1e102", "1e245",
    ];
    for (i, a) in ascending.iter().enumerate() {
        for (j, b) in ascending.iter().enumerate() {
            assert_eq!(d(a).cmp(&d(b)), i.cmp(&j), "{a} {b}");
            assert_eq!(key(&d(a)).cmp(&key(&d(b))), i.cmp(&j), "keys of {a} {b}");
        }
    }
}

#[test]
fn the_written_digits_make_the_range() {
    for (value, low, high) in [
        ("100", "99.5", "100.5"),
        ("100.00", "99.995", "100.005"),
        ("1e2", "50", "150"),
        ("1.0e2", "95", "105"),
        ("-5.4", "-5.45", "-5.35"),
        ("0", "-0.5", "0.5"),
        ("0.00", "-0.005", "0.005"),
        ("9.99", "9.985", "9.995"),
        ("1", "0.5", "1.5"),
    ] {
        let (a, b) = d(value).implicit_range();
        assert_eq!((a, b), (d(low), d(high)), "{value}");
    }
    let long = "9".repeat(64);
    let (low, high) = d(&long).implicit_range();
    assert!(low < d(&long) && d(&long) < high);
}

#[test]
fn arithmetic() {
    assert_eq!(d("0.1").add(&d("0.2")), d("0.3"));
    assert_eq!(d("1").add(&d("-1")), Decimal::zero());
    assert_eq!(d("-1.5").add(&d("1")), d("-0.5"));
    assert_eq!(d("999.9").add(&d("0.1")), d("1000"));
    assert_eq!(d("1e245").add(&d("1e-245")), d("1e245"));
    assert_eq!(d("120").mul(&d("0.45359237")), d("54.4310844"));
    assert_eq!(d("-2").mul(&d("-0.5")), d("1"));
    assert_eq!(d("0").mul(&d("-5")), d("0"));
    assert_eq!(d("1.4999").round(2), d("1.5"));
    assert_eq!(d("9.99").round(2), d("10"));
    assert_eq!(d("-110").tenth(), d("11"));
}

#[test]
fn ends_of_the_line_enclose_all() {
    let mut low = Vec::new();
    Bound::Lowest.order_key(&mut low);
    let mut high = Vec::new();
    Bound::Highest.order_key(&mut high);
    for text in ["-1e999999", "0", "1e999999"] {
        assert!(low < key(&d(text)) && key(&d(text)) < high);
    }
    for bytes in [&low, &high] {
        let bound = Bound::from_key(&mut bytes.as_slice()).unwrap();
        assert!(matches!(bound, Bound::Lowest | Bound::Highest));
    }
    assert!(Bound::from_key(&mut [].as_slice()).is_none());
    assert!(Bound::from_key(&mut [POSITIVE, 120, 3].as_slice()).is_none());
}

/// Numbers of few digits and small powers, whose values fit `i128` at a common scale.
fn small() -> impl Strategy<Value = (String, i128)> {
    (-99_999_i64..=99_999, 0_usize..6, -6_i32..=6).prop_map(|(digits, fraction, power)| {
        let padded = format!("{:0width$}", digits.unsigned_abs(), width = fraction + 1);
        let (whole, rest) = padded.split_at(padded.len() - fraction);
        let sign = if digits < 0 { "-" } else { "" };
        let dot = if fraction == 0 { "" } else { "." };
        let text = format!("{sign}{whole}{dot}{rest}e{power}");
        let scale = u32::try_from(power - i32::try_from(fraction).unwrap() + 16).unwrap();
        (text, i128::from(digits) * 10_i128.pow(scale))
    })
}

proptest! {
    #[test]
    fn agrees_with_integers_at_a_common_scale((a, x) in small(), (b, y) in small()) {
        let (a, b) = (d(&a), d(&b));
        prop_assert_eq!(a.cmp(&b), x.cmp(&y));
        prop_assert_eq!(key(&a).cmp(&key(&b)), x.cmp(&y));
        let at_scale = |value: i128| d(&format!("{value}e-16"));
        prop_assert_eq!(a.add(&b), at_scale(x + y));
        prop_assert_eq!(a.mul(&b), d(&format!("{x}e-16")).mul(&d(&format!("{y}e-16"))));
    }

    #[test]
    fn keys_end_by_themselves_and_read_back(
        digits in "-?[1-9][0-9]{0,40}", power in -300_i32..300, rest in any::<Vec<u8>>()
    ) {
        let value = d(&format!("{digits}e{power}"));
        let mut bytes = key(&value);
        let length = bytes.len();
        bytes.extend(&rest);
        let mut left = bytes.as_slice();
        prop_assert_eq!(Bound::from_key(&mut left), Some(Bound::At(value)));
        prop_assert_eq!(left.len(), bytes.len() - length);
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in any::<Vec<u8>>()) {
        let _ = Bound::from_key(&mut bytes.as_slice());
    }
}
