//! Why a search was refused, naming the parameter.

/// Why a search was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
#[non_exhaustive]
pub struct QueryError {
    /// What kind of fault.
    pub kind: QueryErrorKind,
    /// The parameter at fault, as written before `=`; only names the specification or the table
    /// knows, or the caller's own text cut to letters, digits, `_ - . :` and 64 characters.
    pub parameter: String,
    /// Byte position in the query, where known.
    pub position: Option<u64>,
    /// What was expected.
    pub expected: String,
}

/// The kinds of [`QueryError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueryErrorKind {
    /// The resource type is unknown.
    UnknownType,
    /// The type has no such parameter.
    UnknownParameter,
    /// FHIR has it, this version does not yet.
    NotSupported,
    /// The value does not fit the parameter's kind.
    InvalidValue,
    /// The text is not a search.
    Syntax,
    /// The page cursor is not of this search.
    InvalidCursor,
}

impl QueryError {
    fn text(&self) -> String {
        let name = &self.parameter;
        match self.kind {
            QueryErrorKind::UnknownType => format!("{name} is not a resource type of FHIR R4"),
            QueryErrorKind::UnknownParameter => format!("unknown search parameter {name}"),
            QueryErrorKind::NotSupported => format!("{name} is not supported yet"),
            QueryErrorKind::InvalidValue => format!("the value of {name} is not valid"),
            QueryErrorKind::Syntax => "the query is not in the form Type?name=value".to_owned(),
            QueryErrorKind::InvalidCursor => {
                "the page cursor does not belong to this search".to_owned()
            }
        }
    }

    /// Stable, dotted, documented.
    pub fn code(&self) -> &'static str {
        match self.kind {
            QueryErrorKind::UnknownType => "search.unknown_type",
            QueryErrorKind::UnknownParameter => "search.unknown_parameter",
            QueryErrorKind::NotSupported => "search.not_supported",
            QueryErrorKind::InvalidValue => "search.invalid_value",
            QueryErrorKind::Syntax => "search.syntax",
            QueryErrorKind::InvalidCursor => "search.invalid_cursor",
        }
    }
}
