//! Drugs: RxNorm clinical or branded drug, NDC of a package, how it is taken.

use crate::life::code::{Code, System};
use crate::life::drug::Drug;

const ORAL: (&str, &str) = ("26643006", "Oral route");
const SUBCUTANEOUS: (&str, &str) = ("34206005", "Subcutaneous route");
const INHALED: (&str, &str) = ("447694001", "Respiratory tract route");
const TABLET: (&str, &str) = ("tablet", "{tbl}");
const CAPSULE: (&str, &str) = ("capsule", "{capsule}");

macro_rules! drugs {
    ($($name:ident $rxnorm:literal $display:literal, $ndc:literal, $short:literal, $unit:expr, $route:expr, $form:literal $(, $flag:ident)*;)*) => {
        $(
            #[doc = concat!("`", $display, "`")]
            pub static $name: Drug = {
                #[allow(unused_mut, reason = "most drugs carry no flag")]
                let mut drug = Drug {
                    rxnorm: Code::new(System::RxNorm, $rxnorm, $display), ndc: $ndc, name: $short,
                    brand: false, prior_authorization: false, specialty: false,
                    unit: $unit, route: $route, form: $form,
                };
                $(drug.$flag = true;)*
                drug
            };
        )*
        /// Every drug of the table.
        pub static ALL: &[&Drug] = &[$(&$name),*];
    };
}

drugs! {
    METFORMIN_500 "861007" "metformin hydrochloride 500 MG Oral Tablet", "65862000801", "metformin 500 mg", TABLET, ORAL, "oral tablet";
    METFORMIN_1000 "861004" "metformin hydrochloride 1000 MG Oral Tablet", "65862001001", "metformin 1,000 mg", TABLET, ORAL, "oral tablet";
    LISINOPRIL "314076" "lisinopril 10 MG Oral Tablet", "68180098001", "lisinopril 10 mg", TABLET, ORAL, "oral tablet";
    LOSARTAN "979492" "losartan potassium 50 MG Oral Tablet", "65862020290", "losartan 50 mg", TABLET, ORAL, "oral tablet";
    AMLODIPINE "197361" "amlodipine 5 MG Oral Tablet", "68180075109", "amlodipine 5 mg", TABLET, ORAL, "oral tablet";
    ATORVASTATIN_20 "617310" "atorvastatin 20 MG Oral Tablet", "60505257909", "atorvastatin 20 mg", TABLET, ORAL, "oral tablet";
    ATORVASTATIN_40 "617311" "atorvastatin 40 MG Oral Tablet", "60505258009", "atorvastatin 40 mg", TABLET, ORAL, "oral tablet";
    EMPAGLIFLOZIN "1545653" "empagliflozin 10 MG Oral Tablet", "00597015230", "empagliflozin (Jardiance) 10 mg", TABLET, ORAL, "oral tablet", brand;
    SEMAGLUTIDE_START "2619154" "0.25 MG, 0.5 MG Dose 3 ML semaglutide 0.68 MG/ML Pen Injector [Ozempic]", "00169418113", "semaglutide (Ozempic) 0.25-0.5 mg pen", ("mg", "mg"), SUBCUTANEOUS, "pen injector", brand, prior_authorization;
    SEMAGLUTIDE "2398842" "3 ML semaglutide 1.34 MG/ML Pen Injector [Ozempic]", "00169413013", "semaglutide (Ozempic) 1 mg pen", ("mg", "mg"), SUBCUTANEOUS, "pen injector", brand, prior_authorization;
    GLARGINE "847232" "3 ML insulin glargine 100 UNT/ML Pen Injector [Lantus]", "00088221905", "insulin glargine (Lantus) 100 units/mL pen", ("unit", "[iU]"), SUBCUTANEOUS, "pen injector", brand;
    SERTRALINE_50 "312941" "sertraline 50 MG Oral Tablet", "65862001290", "sertraline 50 mg", TABLET, ORAL, "oral tablet";
    SERTRALINE_100 "312938" "sertraline 100 MG Oral Tablet", "65862001390", "sertraline 100 mg", TABLET, ORAL, "oral tablet";
    IBUPROFEN "197806" "ibuprofen 600 MG Oral Tablet", "65162046510", "ibuprofen 600 mg", TABLET, ORAL, "oral tablet";
    HYDROCODONE "857002" "acetaminophen 325 MG / hydrocodone bitartrate 5 MG Oral Tablet", "00406012301", "hydrocodone-acetaminophen 5-325 mg", TABLET, ORAL, "oral tablet";
    AZITHROMYCIN "308460" "azithromycin 250 MG Oral Tablet", "00093714656", "azithromycin 250 mg", TABLET, ORAL, "oral tablet";
    AMOXICILLIN "308191" "amoxicillin 500 MG Oral Capsule", "00093310905", "amoxicillin 500 mg", CAPSULE, ORAL, "oral capsule";
    LEVOFLOXACIN "311296" "levofloxacin 750 MG Oral Tablet", "65862053820", "levofloxacin 750 mg", TABLET, ORAL, "oral tablet";
    NITROFURANTOIN "1648755" "nitrofurantoin, macrocrystals 25 MG / nitrofurantoin, monohydrate 75 MG Oral Capsule", "47781030301", "nitrofurantoin 100 mg", CAPSULE, ORAL, "oral capsule";
    PREDNISONE "198145" "prednisone 10 MG Oral Tablet", "00054001725", "prednisone 10 mg", TABLET, ORAL, "oral tablet";
    ALBUTEROL "745679" "200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler", "59310057922", "albuterol inhaler", ("puff", "{puff}"), INHALED, "metered dose inhaler";
    CETIRIZINE "1014678" "cetirizine hydrochloride 10 MG Oral Tablet", "00113945866", "cetirizine 10 mg", TABLET, ORAL, "oral tablet";
    ASPIRIN "243670" "aspirin 81 MG Oral Tablet", "00113041778", "aspirin 81 mg", TABLET, ORAL, "oral tablet";
}
