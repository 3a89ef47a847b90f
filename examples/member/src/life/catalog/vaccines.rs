//! Vaccines: CVX, the product, what it protects from.

use crate::life::code::{Act, Code, System};

use super::acts;

/// A vaccine product.
#[derive(Debug)]
pub struct Vaccine {
    /// CVX code and name.
    pub cvx: Code,
    /// NDC of the product, 11 digits.
    pub ndc: Option<&'static str>,
    /// Manufacturer.
    pub maker: &'static str,
    /// Disease: SNOMED CT code and term.
    pub target: (&'static str, &'static str),
    /// What is billed for the product.
    pub act: &'static Act,
    /// Letters that its lots begin with.
    pub lot: &'static str,
}

const FLU: (&str, &str) = ("6142004", "Influenza");
const CORONA: (&str, &str) =
    ("840539006", "Disease caused by Severe acute respiratory syndrome coronavirus 2");

macro_rules! vaccines {
    ($($name:ident $cvx:literal $display:literal, $ndc:expr, $maker:literal, $target:expr, $act:ident, $lot:literal;)*) => {
        $(
            #[doc = concat!("`", $display, "`")]
            pub static $name: Vaccine = Vaccine {
                cvx: Code::new(System::Cvx, $cvx, $display), ndc: $ndc, maker: $maker,
                target: $target, act: &acts::$act, lot: $lot,
            };
        )*
    };
}

vaccines! {
    FLU_TRI_OLD "140" "Influenza, split virus, trivalent, PF", None, "Sanofi Pasteur Inc.", FLU, FLU_TRIVALENT, "UH";
    FLU_QUAD "150" "Influenza, split virus, quadrivalent, PF", Some("49281041950"), "Sanofi Pasteur Inc.", FLU, FLU_QUADRIVALENT, "UJ";
    COVID_FIRST "208" "COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose", Some("59267100001"), "Pfizer-BioNTech", CORONA, COVID_VACCINE, "EN";
    COVID_2023 "309" "COVID-19, mRNA, LNP-S, PF, tris-sucrose, 30 mcg/0.3 mL", Some("00069236210"), "Pfizer-BioNTech", CORONA, COVID_SEASONAL, "HK";
    TDAP "115" "Tdap", Some("58160084211"), "GlaxoSmithKline", ("76902006", "Tetanus"), TDAP_VACCINE, "C5";
    PCV20 "216" "Pneumococcal conjugate PCV20, polysaccharide CRM197 conjugate, adjuvant, PF", Some("00005200010"), "Wyeth Pharmaceuticals LLC", ("16814004", "Pneumococcal infectious disease"), PNEUMO_VACCINE, "FM";
    ZOSTER "187" "zoster recombinant", Some("58160082311"), "GlaxoSmithKline", ("4740000", "Herpes zoster"), ZOSTER_VACCINE, "7B";
}
