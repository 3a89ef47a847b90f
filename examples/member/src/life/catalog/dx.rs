//! Diagnoses: ICD-10-CM and SNOMED CT of the same thing, and what a clinician writes.

use crate::life::code::Dx;

macro_rules! diagnoses {
    ($($name:ident $icd:literal $icd_display:literal, $snomed:expr, $text:literal;)*) => {
        $(
            #[doc = concat!("`", $icd_display, "`")]
            pub static $name: Dx = Dx {
                icd10: $icd, icd10_display: $icd_display, snomed: $snomed, text: $text,
            };
        )*
        /// Every diagnosis of the table.
        pub static ALL: &[&Dx] = &[$(&$name),*];
    };
}

diagnoses! {
    PREDIABETES "R73.03" "Prediabetes", Some(("714628002", "Prediabetes")), "Prediabetes";
    DIABETES "E11.9" "Type 2 diabetes mellitus without complications",
        Some(("44054006", "Diabetes mellitus type 2")), "Type 2 diabetes mellitus";
    HYPERGLYCEMIA "E11.65" "Type 2 diabetes mellitus with hyperglycemia",
        Some(("368051000119109", "Hyperglycemia due to type 2 diabetes mellitus")),
        "Type 2 diabetes with hyperglycemia";
    RETINOPATHY "E11.3293"
        "Type 2 diabetes mellitus with mild nonproliferative diabetic retinopathy without macular edema, bilateral",
        Some(("1551000119108", "Nonproliferative diabetic retinopathy due to type 2 diabetes mellitus")),
        "Mild nonproliferative diabetic retinopathy, both eyes";
    ALBUMINURIA "E11.29" "Type 2 diabetes mellitus with other diabetic kidney complication",
        Some(("90781000119102", "Microalbuminuria due to type 2 diabetes mellitus")),
        "Microalbuminuria due to type 2 diabetes";
    NEUROPATHY "E11.40" "Type 2 diabetes mellitus with diabetic neuropathy, unspecified",
        Some(("368581000119106", "Neuropathy due to type 2 diabetes mellitus")),
        "Diabetic neuropathy of the feet";
    HYPERTENSION "I10" "Essential (primary) hypertension",
        Some(("59621000", "Essential hypertension")), "Hypertension";
    HYPERLIPIDEMIA "E78.2" "Mixed hyperlipidemia",
        Some(("267434003", "Mixed hyperlipidemia")), "Mixed hyperlipidemia";
    OBESITY "E66.9" "Obesity, unspecified", Some(("414916001", "Obesity")), "Obesity";
    RHINITIS "J30.2" "Other seasonal allergic rhinitis",
        Some(("367498001", "Seasonal allergic rhinitis")), "Hay fever";
    DEPRESSION "F32.1" "Major depressive disorder, single episode, moderate",
        Some(("15639000", "Moderate major depression, single episode")),
        "Major depression, single episode, moderate";
    PNEUMONIA "J18.9" "Pneumonia, unspecified organism",
        Some(("385093006", "Community acquired pneumonia")), "Community-acquired pneumonia";
    DEHYDRATION "E86.0" "Dehydration", Some(("34095006", "Dehydration")), "Dehydration";
    COVID "U07.1" "COVID-19", Some(("840539006", "Disease caused by Severe acute respiratory syndrome coronavirus 2")), "COVID-19";
    COLD "J06.9" "Acute upper respiratory infection, unspecified",
        Some(("54150009", "Upper respiratory infection")), "Upper respiratory infection";
    SINUSITIS "J01.90" "Acute sinusitis, unspecified",
        Some(("15805002", "Acute sinusitis")), "Acute sinusitis";
    CYSTITIS "N39.0" "Urinary tract infection, site not specified",
        Some(("68566005", "Urinary tract infectious disease")), "Urinary tract infection";
    BACK_PAIN "M54.50" "Low back pain, unspecified", Some(("279039007", "Low back pain")), "Low back pain";
    ANKLE_SPRAIN "S93.401A" "Sprain of unspecified ligament of right ankle, initial encounter",
        Some(("44465007", "Sprain of ankle")), "Sprain of the right ankle";
    GASTROENTERITIS "K52.9" "Noninfective gastroenteritis and colitis, unspecified",
        Some(("25374005", "Gastroenteritis")), "Gastroenteritis";
    COUGH "R05.9" "Cough, unspecified", Some(("49727002", "Cough")), "Dry cough";
    KNEE_PAIN "M25.561" "Pain in right knee", Some(("30989003", "Knee pain")), "Pain of the right knee";
    CRUCIATE "S83.511A" "Sprain of anterior cruciate ligament of right knee, initial encounter",
        Some(("444470001", "Injury of anterior cruciate ligament")),
        "Tear of the anterior cruciate ligament, right knee";
    CRUCIATE_LATER "S83.511D" "Sprain of anterior cruciate ligament of right knee, subsequent encounter",
        Some(("444470001", "Injury of anterior cruciate ligament")),
        "Right knee after reconstruction of the anterior cruciate ligament";
    MENISCUS "S83.241A" "Other tear of medial meniscus, current injury, right knee, initial encounter",
        Some(("239720000", "Tear of meniscus of knee")), "Tear of the medial meniscus, right knee";
    PREGNANCY "Z34.90" "Encounter for supervision of normal pregnancy, unspecified, unspecified trimester",
        Some(("72892002", "Normal pregnancy")), "Pregnancy";
    GESTATIONAL "O24.410" "Gestational diabetes mellitus in pregnancy, diet controlled",
        Some(("11687002", "Gestational diabetes mellitus")), "Gestational diabetes, diet controlled";
    CHILDBIRTH "O24.420" "Gestational diabetes mellitus in childbirth, diet controlled",
        Some(("11687002", "Gestational diabetes mellitus")), "Childbirth with gestational diabetes";
    LIVE_BIRTH "Z37.0" "Single live birth", Some(("281050002", "Livebirth")), "Single live birth";
    POSTPARTUM "Z39.2" "Encounter for routine postpartum follow-up", None, "Postpartum visit";
    CARIES "K02.9" "Dental caries, unspecified", Some(("80967001", "Dental caries")), "Caries";
    GINGIVITIS "K05.10" "Chronic gingivitis, plaque induced", Some(("66383009", "Gingivitis")), "Gingivitis";
    MYOPIA "H52.13" "Myopia, bilateral", Some(("57190000", "Myopia")), "Myopia";
    POLYP "K63.5" "Polyp of colon", Some(("68496003", "Polyp of colon")), "Polyp of the colon";
    KERATOSIS "L57.0" "Actinic keratosis", Some(("201101007", "Actinic keratosis")), "Actinic keratosis";
    ONYCHOMYCOSIS "B35.1" "Tinea unguium", Some(("414941008", "Onychomycosis")), "Fungal nail infection";
    FOOD "Z59.41" "Food insecurity", Some(("733423003", "Food insecurity")), "Food insecurity";
    TRANSPORT "Z59.82" "Transportation insecurity",
        Some(("713458007", "Lack of access to transportation")), "No reliable transport to appointments";
    WORK_STRESS "Z56.6" "Other physical and mental strain related to work",
        Some(("73595000", "Stress")), "Stress at work";
    ANNUAL "Z00.00" "Encounter for general adult medical examination without abnormal findings", None,
        "Annual preventive visit";
    MAMMOGRAM "Z12.31" "Encounter for screening mammogram for malignant neoplasm of breast", None,
        "Screening mammogram";
    COLON_SCREENING "Z12.11" "Encounter for screening for malignant neoplasm of colon", None,
        "Screening for colon cancer";
    VACCINATION "Z23" "Encounter for immunization", None, "Vaccination";
    CLEANING "Z01.20" "Encounter for dental examination and cleaning without abnormal findings", None,
        "Dental check-up and cleaning";
    INSULIN_USE "Z79.4" "Long term (current) use of insulin", Some(("473189005", "On subcutaneous insulin for diabetes mellitus")),
        "Long-term use of insulin";
}
