//! Services: CPT, HCPCS level II and CDT, with SNOMED CT where a code says the same. The texts are
//! ours, in plain words.

use crate::life::code::{Act, Code, Sort, System};

macro_rules! acts {
    ($($name:ident $system:ident $code:literal $text:literal, $snomed:expr, $sort:ident;)*) => {
        $(
            #[doc = concat!("`", $text, "`")]
            pub static $name: Act = Act {
                billing: Code::new(System::$system, $code, $text),
                snomed: $snomed,
                text: $text,
                sort: Sort::$sort,
            };
        )*
        /// Every service of the table.
        pub static ALL: &[&Act] = &[$(&$name),*];
    };
}

acts! {
    OFFICE_SHORT Cpt "99213" "Office visit, established patient, low complexity", None, Visit;
    OFFICE_LONG Cpt "99214" "Office visit, established patient, moderate complexity", None, Visit;
    OFFICE_NEW Cpt "99203" "Office visit, new patient, low complexity", None, Visit;
    PREVENTIVE_YOUNG Cpt "99395" "Preventive visit, established patient, 18 to 39 years", None, Visit;
    PREVENTIVE_ADULT Cpt "99396" "Preventive visit, established patient, 40 to 64 years", None, Visit;
    EMERGENCY_VISIT Cpt "99285" "Emergency department visit, high complexity", None, Visit;
    EMERGENCY_MODERATE Cpt "99283" "Emergency department visit, low complexity", None, Visit;
    HOSPITAL_FIRST Cpt "99223" "Initial hospital care, high complexity", None, Visit;
    HOSPITAL_NEXT Cpt "99232" "Subsequent hospital care, moderate complexity", None, Visit;
    DISCHARGE Cpt "99239" "Hospital discharge, more than 30 minutes", None, Visit;
    STAY Hcpcs "S9900" "Hospital stay, room and nursing", None, Stay;
    EDUCATION Hcpcs "G0108" "Diabetes self-management training, individual, 30 minutes",
        Some(("311401005", "Patient education")), Counselling;
    NUTRITION Cpt "97802" "Medical nutrition therapy, first assessment, 15 minutes",
        Some(("11816003", "Diet education")), Counselling;
    DEPRESSION_SCREEN Cpt "96127" "Brief emotional or behavioural assessment",
        Some(("171207006", "Depression screening")), Test;
    PSYCHIATRIC_FIRST Cpt "90791" "Psychiatric diagnostic evaluation", None, Counselling;
    PSYCHOTHERAPY Cpt "90834" "Psychotherapy, 45 minutes", Some(("75516001", "Psychotherapy")), Counselling;
    EYE_EXAM Cpt "92014" "Comprehensive eye examination, established patient", Some(("36228007", "Ophthalmic examination and evaluation")), Vision;
    FUNDUS_PHOTO Cpt "92250" "Fundus photography", None, Vision;
    REFRACTION Cpt "92015" "Determination of refractive state", Some(("252886007", "Refraction assessment")), Vision;
    FRAMES Hcpcs "V2020" "Frames", None, Supply;
    LENSES Hcpcs "V2103" "Single vision lenses", None, Supply;
    ORAL_EXAM Cdt "D0120" "Periodic oral evaluation", None, Dental;
    BITEWINGS Cdt "D0274" "Bitewings, four images", None, Dental;
    DENTAL_CLEANING Cdt "D1110" "Prophylaxis, adult", None, Dental;
    FILLING Cdt "D2391" "Resin-based composite, one surface, posterior", None, Dental;
    CROWN Cdt "D2740" "Crown, porcelain or ceramic", None, Dental;
    KNEE_XRAY Cpt "73562" "X-ray of the knee, three views", Some(("74016001", "Plain X-ray of knee")), Imaging;
    KNEE_MRI Cpt "73721" "MRI of a joint of the lower extremity without contrast", None, Imaging;
    CRUCIATE_REPAIR Cpt "29888" "Arthroscopically aided reconstruction of the anterior cruciate ligament", None, Surgery;
    MENISCECTOMY Cpt "29881" "Arthroscopy of the knee with meniscectomy, medial or lateral", None, Surgery;
    KNEE_ANESTHESIA Cpt "01400" "Anesthesia for arthroscopic procedures on the knee joint", None, Anesthesia;
    KNEE_BRACE Hcpcs "L1833" "Knee orthosis, adjustable, prefabricated", None, Supply;
    CRUTCHES Hcpcs "E0114" "Crutches, underarm, pair", None, Supply;
    THERAPY_FIRST Cpt "97161" "Physical therapy evaluation, low complexity", Some(("91251008", "Physical therapy procedure")), Therapy;
    EXERCISES Cpt "97110" "Therapeutic exercises, 15 minutes", Some(("229065009", "Exercise therapy")), Therapy;
    MANUAL_THERAPY Cpt "97140" "Manual therapy, 15 minutes", None, Therapy;
    CHEST_XRAY Cpt "71046" "X-ray of the chest, two views", Some(("399208008", "Plain chest X-ray")), Imaging;
    ANKLE_XRAY Cpt "73610" "X-ray of the ankle, three views", Some(("19490002", "Ankle X-ray")), Imaging;
    ECG Cpt "93000" "Electrocardiogram with interpretation", Some(("29303009", "Electrocardiographic procedure")), Test;
    FLUIDS Cpt "96360" "Intravenous infusion for hydration, first hour", Some(("103744005", "Administration of intravenous fluids")), Test;
    INFUSION Cpt "96365" "Intravenous infusion of a drug, first hour", None, Test;
    MAMMOGRAPHY Cpt "77067" "Screening mammography, both breasts", Some(("71651007", "Mammography")), Imaging;
    COLONOSCOPY Cpt "45378" "Colonoscopy, diagnostic", Some(("73761001", "Colonoscopy")), Surgery;
    POLYPECTOMY Cpt "45385" "Colonoscopy with removal of a polyp by snare", Some(("73761001", "Colonoscopy")), Surgery;
    COLON_ANESTHESIA Cpt "00812" "Anesthesia for screening colonoscopy", None, Anesthesia;
    PATHOLOGY Cpt "88305" "Surgical pathology, gross and microscopic examination", None, Laboratory;
    OBSTETRIC_CARE Cpt "59400" "Routine obstetric care with vaginal delivery", Some(("177184002", "Normal delivery procedure")), Surgery;
    ULTRASOUND Cpt "76805" "Obstetric ultrasound, second or third trimester", Some(("268445003", "Ultrasound scan - obstetric")), Imaging;
    EARLY_ULTRASOUND Cpt "76801" "Obstetric ultrasound, first trimester", Some(("268445003", "Ultrasound scan - obstetric")), Imaging;
    NONSTRESS_TEST Cpt "59025" "Fetal non-stress test", None, Test;
    PRENATAL Cpt "0502F" "Subsequent prenatal care visit", None, Visit;
    POSTPARTUM_VISIT Cpt "0503F" "Postpartum care visit", None, Visit;
    CGM_START Cpt "95249" "Start of continuous glucose monitoring, equipment of the patient", None, Test;
    CGM_READ Cpt "95251" "Analysis of continuous glucose monitoring", None, Test;
    NAILS Cpt "11721" "Debridement of nails, six or more", None, Surgery;
    FOOT_EXAM Hcpcs "G0247" "Routine foot care of a diabetic with loss of protective sensation", None, Test;
    CRYOTHERAPY Cpt "17000" "Destruction of a premalignant lesion, first lesion", None, Surgery;
    GIVE_VACCINE Cpt "90471" "Administration of a vaccine, first injection", None, Vaccine;
    FLU_QUADRIVALENT Cpt "90686" "Influenza vaccine, quadrivalent, preservative free", None, Vaccine;
    FLU_TRIVALENT Cpt "90656" "Influenza vaccine, trivalent, preservative free", None, Vaccine;
    COVID_VACCINE Cpt "91300" "COVID-19 mRNA vaccine, 30 mcg", None, Vaccine;
    COVID_SEASONAL Cpt "91320" "COVID-19 mRNA vaccine, 30 mcg, tris-sucrose", None, Vaccine;
    GIVE_COVID Cpt "90480" "Administration of a COVID-19 vaccine", None, Vaccine;
    TDAP_VACCINE Cpt "90715" "Tetanus, diphtheria and pertussis vaccine", None, Vaccine;
    PNEUMO_VACCINE Cpt "90677" "Pneumococcal conjugate vaccine, 20 valent", None, Vaccine;
    ZOSTER_VACCINE Cpt "90750" "Zoster vaccine, recombinant", None, Vaccine;
    VENIPUNCTURE Cpt "36415" "Collection of venous blood", None, Laboratory;
}
