//! One value of a search parameter, as both engines index it.

/// A parameter's code and one of its values.
pub(crate) struct Indexed {
    pub(crate) parameter: String,
    pub(crate) value: Value,
}

/// The kinds; the ends of an interval are equal for a point.
pub(crate) enum Value {
    Token { system: String, code: String },
    String { folded: String, exact: String },
    Date { from: i64, to: i64 },
    Number { low: f64, high: f64 },
    Quantity(Quantity),
    Reference(String),
    Uri(String),
    Composite(Vec<Value>),
}

/// A quantity as written, and in canonical units where it has them.
pub(crate) struct Quantity {
    pub(crate) system: String,
    pub(crate) code: String,
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) canonical: Option<(String, f64, f64)>,
}

/// What an engine stores beside the bytes of a resource.
pub(crate) struct Extract {
    pub(crate) resource_type: String,
    pub(crate) id: String,
    pub(crate) values: Vec<Indexed>,
    pub(crate) titles: Vec<String>,
    pub(crate) bodies: Vec<String>,
}
