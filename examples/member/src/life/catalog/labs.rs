//! Laboratory tests: LOINC, UCUM, reference ranges of adults as laboratories print them.

use crate::life::lab::{Analyte, PanelKind, Unit};

macro_rules! units {
    ($($name:ident $printed:literal $ucum:literal;)*) => {
        $(#[doc = concat!("UCUM `", $ucum, "`")] pub static $name: Unit = Unit { printed: $printed, ucum: $ucum };)*
    };
}

units! {
    PERCENT "%" "%";
    MG_DL "mg/dL" "mg/dL";
    G_DL "g/dL" "g/dL";
    MMOL_L "mmol/L" "mmol/L";
    MMOL_MOL "mmol/mol" "mmol/mol";
    U_L "U/L" "U/L";
    FILTRATION "mL/min/1.73m2" "mL/min/{1.73_m2}";
    THOUSAND "10*3/uL" "10*3/uL";
    MILLION "10*6/uL" "10*6/uL";
    FEMTOLITER "fL" "fL";
    PICOGRAM "pg" "pg";
    MG_L "mg/L" "mg/L";
    MG_G "mg/g creat" "mg/g{creat}";
    MIU_L "mIU/L" "m[IU]/L";
    NG_ML "ng/mL" "ng/mL";
    PH "pH" "[pH]";
    RELATIVE "1" "1";
    BEATS "beats/min" "/min";
    BREATHS "breaths/min" "/min";
    CELSIUS "Cel" "Cel";
    FAHRENHEIT "degF" "[degF]";
    MMHG "mmHg" "mm[Hg]";
    KILOGRAM "kg" "kg";
    POUND "lb" "[lb_av]";
    CENTIMETER "cm" "cm";
    INCH "in" "[in_i]";
    BODY_MASS "kg/m2" "kg/m2";
    STEPS "steps/day" "{steps}/d";
    HOURS "h" "h";
    SCORE "score" "{score}";
    PEOPLE "people" "{people}";
    LITERS_MINUTE "L/min" "L/min";
}

macro_rules! analytes {
    ($($name:ident $loinc:literal $display:literal, $short:literal, $unit:ident, $places:literal, $low:expr, $high:expr;)*) => {
        $(
            #[doc = concat!("`", $display, "`")]
            pub static $name: Analyte = Analyte {
                loinc: $loinc, display: $display, name: $short, unit: $unit, places: $places,
                range: ($low, $high),
            };
        )*
    };
}

analytes! {
    A1C "4548-4" "Hemoglobin A1c/Hemoglobin.total in Blood", "Hemoglobin A1c", PERCENT, 1, Some(40), Some(56);
    A1C_IFCC "59261-8" "Hemoglobin A1c/Hemoglobin.total in Blood by IFCC protocol", "Hemoglobin A1c (IFCC)", MMOL_MOL, 0, Some(20), Some(38);
    GLUCOSE "2345-7" "Glucose [Mass/volume] in Serum or Plasma", "Glucose", MG_DL, 0, Some(70), Some(99);
    GLUCOSE_SI "14749-6" "Glucose [Moles/volume] in Serum or Plasma", "Glucose", MMOL_L, 1, Some(39), Some(55);
    UREA "3094-0" "Urea nitrogen [Mass/volume] in Serum or Plasma", "BUN", MG_DL, 0, Some(6), Some(20);
    CREATININE "2160-0" "Creatinine [Mass/volume] in Serum or Plasma", "Creatinine", MG_DL, 2, Some(57), Some(117);
    EGFR "98979-8" "Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or Blood by Creatinine-based formula (CKD-EPI 2021)", "eGFR", FILTRATION, 0, Some(60), None;
    CALCIUM "17861-6" "Calcium [Mass/volume] in Serum or Plasma", "Calcium", MG_DL, 1, Some(86), Some(102);
    SODIUM "2951-2" "Sodium [Moles/volume] in Serum or Plasma", "Sodium", MMOL_L, 0, Some(135), Some(145);
    POTASSIUM "2823-3" "Potassium [Moles/volume] in Serum or Plasma", "Potassium", MMOL_L, 1, Some(35), Some(51);
    CHLORIDE "2075-0" "Chloride [Moles/volume] in Serum or Plasma", "Chloride", MMOL_L, 0, Some(98), Some(107);
    BICARBONATE "2028-9" "Carbon dioxide, total [Moles/volume] in Serum or Plasma", "CO2", MMOL_L, 0, Some(22), Some(29);
    PROTEIN "2885-2" "Protein [Mass/volume] in Serum or Plasma", "Total protein", G_DL, 1, Some(60), Some(83);
    ALBUMIN "1751-7" "Albumin [Mass/volume] in Serum or Plasma", "Albumin", G_DL, 1, Some(35), Some(52);
    BILIRUBIN "1975-2" "Bilirubin.total [Mass/volume] in Serum or Plasma", "Total bilirubin", MG_DL, 1, Some(1), Some(12);
    ALP "6768-6" "Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma", "ALP", U_L, 0, Some(40), Some(129);
    ALT "1742-6" "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "ALT", U_L, 0, Some(7), Some(41);
    AST "1920-8" "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "AST", U_L, 0, Some(8), Some(40);
    CHOLESTEROL "2093-3" "Cholesterol [Mass/volume] in Serum or Plasma", "Total cholesterol", MG_DL, 0, None, Some(199);
    TRIGLYCERIDE "2571-8" "Triglyceride [Mass/volume] in Serum or Plasma", "Triglycerides", MG_DL, 0, None, Some(149);
    HDL "2085-9" "Cholesterol in HDL [Mass/volume] in Serum or Plasma", "HDL cholesterol", MG_DL, 0, Some(40), None;
    LDL "13457-7" "Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation", "LDL cholesterol", MG_DL, 0, None, Some(99);
    WBC "6690-2" "Leukocytes [#/volume] in Blood by Automated count", "WBC", THOUSAND, 1, Some(38), Some(108);
    RBC "789-8" "Erythrocytes [#/volume] in Blood by Automated count", "RBC", MILLION, 2, Some(380), Some(580);
    HEMOGLOBIN "718-7" "Hemoglobin [Mass/volume] in Blood", "Hemoglobin", G_DL, 1, Some(117), Some(175);
    HEMATOCRIT "4544-3" "Hematocrit [Volume Fraction] of Blood by Automated count", "Hematocrit", PERCENT, 1, Some(350), Some(500);
    MCV "787-2" "MCV [Entitic mean volume] in Red Blood Cells by Automated count", "MCV", FEMTOLITER, 1, Some(800), Some(1000);
    PLATELETS "777-3" "Platelets [#/volume] in Blood by Automated count", "Platelets", THOUSAND, 0, Some(140), Some(400);
    URINE_ALBUMIN "14957-5" "Microalbumin [Mass/volume] in Urine", "Urine albumin", MG_L, 0, None, None;
    URINE_CREATININE "2161-8" "Creatinine [Mass/volume] in Urine", "Urine creatinine", MG_DL, 0, None, None;
    ALBUMIN_RATIO "9318-7" "Albumin/Creatinine [Mass Ratio] in Urine", "Albumin/creatinine ratio", MG_G, 0, None, Some(29);
    TSH "3016-3" "Thyrotropin [Units/volume] in Serum or Plasma", "TSH", MIU_L, 2, Some(40), Some(450);
    CRP "1988-5" "C reactive protein [Mass/volume] in Serum or Plasma", "CRP", MG_L, 1, None, Some(50);
    PROCALCITONIN "33959-8" "Procalcitonin [Mass/volume] in Serum or Plasma", "Procalcitonin", NG_ML, 2, None, Some(9);
    TROPONIN "10839-9" "Troponin I.cardiac [Mass/volume] in Serum or Plasma", "Troponin I", NG_ML, 2, None, Some(4);
    CORONAVIRUS "94500-6" "SARS-CoV-2 (COVID-19) RNA [Presence] in Respiratory system specimen by NAA with probe detection", "SARS-CoV-2 RNA", RELATIVE, 0, None, None;
    BLOOD_CULTURE "600-7" "Bacteria identified in Blood by Culture", "Blood culture", RELATIVE, 0, None, None;
    GLUCOSE_CHALLENGE "20438-8" "Glucose [Mass/volume] in Serum or Plasma --1 hour post dose glucose", "Glucose, 1 hour", MG_DL, 0, None, Some(139);
    URINE_PH "5803-2" "pH of Urine by Test strip", "pH", PH, 1, Some(50), Some(80);
    URINE_GRAVITY "5811-5" "Specific gravity of Urine by Test strip", "Specific gravity", RELATIVE, 3, Some(1005), Some(1030);
    URINE_LEUKOCYTES "5799-2" "Leukocyte esterase [Presence] in Urine by Test strip", "Leukocyte esterase", RELATIVE, 0, None, None;
    URINE_NITRITE "5802-4" "Nitrite [Presence] in Urine by Test strip", "Nitrite", RELATIVE, 0, None, None;
    URINE_COLOR "5778-6" "Color of Urine", "Color", RELATIVE, 0, None, None;
    METER_GLUCOSE "41653-7" "Glucose [Mass/volume] in Capillary blood by Glucometer", "Glucose (meter)", MG_DL, 0, Some(70), Some(180);
    SENSOR_GLUCOSE "99504-3" "Glucose [Mass/volume] in Interstitial fluid", "Glucose (sensor)", MG_DL, 0, Some(70), Some(180);
}

const BLOOD: (&str, &str) = ("122555007", "Venous blood specimen");
const SERUM: (&str, &str) = ("119364003", "Serum specimen");
const URINE: (&str, &str) = ("122575003", "Urine specimen");
const SWAB: (&str, &str) = ("258500001", "Nasopharyngeal swab");

macro_rules! panels {
    ($($name:ident $loinc:literal $display:literal, $cpt:literal $cpt_display:literal, $text:literal, $specimen:expr;)*) => {
        $(
            #[doc = concat!("`", $display, "`")]
            pub static $name: PanelKind = PanelKind {
                loinc: $loinc, display: $display, cpt: $cpt, cpt_display: $cpt_display, text: $text,
                specimen: $specimen,
            };
        )*
        /// Every panel of the table.
        pub static PANELS: &[&PanelKind] = &[$(&$name),*];
    };
}

panels! {
    A1C_PANEL "4548-4" "Hemoglobin A1c/Hemoglobin.total in Blood", "83036" "Hemoglobin A1c", "Hemoglobin A1c", BLOOD;
    METABOLIC "24323-8" "Comprehensive metabolic 2000 panel - Serum or Plasma", "80053" "Comprehensive metabolic panel", "Comprehensive metabolic panel", SERUM;
    LIPIDS "24331-1" "Lipid 1996 panel - Serum or Plasma", "80061" "Lipid panel", "Lipid panel", SERUM;
    BLOOD_COUNT "58410-2" "CBC panel - Blood by Automated count", "85027" "Complete blood count, automated", "Complete blood count", BLOOD;
    KIDNEY "34535-5" "Microalbumin/Creatinine panel - Urine", "82043" "Urine albumin, quantitative", "Urine albumin and creatinine", URINE;
    THYROID "3016-3" "Thyrotropin [Units/volume] in Serum or Plasma", "84443" "Thyroid stimulating hormone", "TSH", SERUM;
    INFLAMMATION "1988-5" "C reactive protein [Mass/volume] in Serum or Plasma", "86140" "C-reactive protein", "CRP and procalcitonin", SERUM;
    HEART "10839-9" "Troponin I.cardiac [Mass/volume] in Serum or Plasma", "84484" "Troponin, quantitative", "Troponin I", SERUM;
    VIRUS "94500-6" "SARS-CoV-2 (COVID-19) RNA [Presence] in Respiratory system specimen by NAA with probe detection", "87635" "SARS-CoV-2 detection, amplified probe", "SARS-CoV-2 PCR", SWAB;
    CULTURE "600-7" "Bacteria identified in Blood by Culture", "87040" "Blood culture for bacteria", "Blood culture", BLOOD;
    CHALLENGE "20438-8" "Glucose [Mass/volume] in Serum or Plasma --1 hour post dose glucose", "82950" "Glucose, post dose", "Glucose challenge test", SERUM;
    URINALYSIS "24356-8" "Urinalysis complete panel - Urine", "81001" "Urinalysis, automated with microscopy", "Urinalysis", URINE;
}
