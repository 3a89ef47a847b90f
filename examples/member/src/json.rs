//! JSON text with the fields in the order of writing, as servers send it. Owns escaping and nothing of
//! FHIR. Numbers are written as text: no float ever is between a fact and its digits.

use std::fmt::{Display, Write as _};

/// An object being written, field by field.
#[derive(Clone, Debug)]
#[must_use]
pub struct Obj(String);

/// An array being written, item by item.
#[derive(Clone, Debug)]
#[must_use]
pub struct Arr(String);

/// A value that JSON text can be made of.
pub trait Value {
    /// Appends the JSON text of the value.
    fn write(&self, out: &mut String);
}

/// JSON text as it is: a number with its digits, or a value written elsewhere.
#[derive(Clone, Debug)]
pub struct Raw<T>(pub T);

impl<T: Display> Value for Raw<T> {
    fn write(&self, out: &mut String) {
        let _ = write!(out, "{}", self.0);
    }
}

impl Value for str {
    fn write(&self, out: &mut String) {
        out.push('"');
        let mut rest = self;
        // Runs that need no escape go over whole.
        while let Some(at) =
            rest.bytes().position(|byte| byte < b' ' || byte == b'"' || byte == b'\\')
        {
            let (plain, special) = rest.split_at(at);
            out.push_str(plain);
            match special.as_bytes()[0] {
                b'"' => out.push_str("\\\""),
                b'\\' => out.push_str("\\\\"),
                b'\n' => out.push_str("\\n"),
                b'\r' => out.push_str("\\r"),
                b'\t' => out.push_str("\\t"),
                control => {
                    let _ = write!(out, "\\u{control:04x}");
                }
            }
            rest = &special[1..];
        }
        out.push_str(rest);
        out.push('"');
    }
}

impl Value for String {
    fn write(&self, out: &mut String) {
        self.as_str().write(out);
    }
}

impl Value for bool {
    fn write(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

impl Value for i64 {
    fn write(&self, out: &mut String) {
        let _ = write!(out, "{self}");
    }
}

impl Value for Obj {
    fn write(&self, out: &mut String) {
        out.push_str(&self.0);
        out.push('}');
    }
}

impl Value for Arr {
    fn write(&self, out: &mut String) {
        out.push_str(&self.0);
        out.push(']');
    }
}

impl<V: Value + ?Sized> Value for &V {
    fn write(&self, out: &mut String) {
        (**self).write(out);
    }
}

impl Obj {
    /// An empty object.
    pub fn new() -> Self {
        // Most objects of FHIR fit, so that writing them asks for memory once.
        let mut text = String::with_capacity(192);
        text.push('{');
        Self(text)
    }

    /// Adds a field. Names are those of FHIR: nothing in them needs an escape.
    pub fn put(mut self, name: &str, value: impl Value) -> Self {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
        value.write(&mut self.0);
        self
    }

    /// Adds a field if there is a value.
    pub fn maybe(self, name: &str, value: Option<impl Value>) -> Self {
        match value {
            Some(value) => self.put(name, value),
            None => self,
        }
    }

    /// Adds a field with the text of anything that displays itself: dates, moments.
    pub fn text(self, name: &str, value: impl Display) -> Self {
        self.put(name, value.to_string())
    }

    /// Adds an array unless it is empty (FHIR knows no empty array).
    pub fn list<V: Value>(self, name: &str, values: impl IntoIterator<Item = V>) -> Self {
        let array: Arr = values.into_iter().collect();
        if array.is_empty() { self } else { self.put(name, array) }
    }

    /// Adds an array of one.
    pub fn one(self, name: &str, value: impl Value) -> Self {
        self.list(name, [value])
    }

    /// Goes on writing with `more`: keeps a chain whole where a part depends on a condition.
    pub fn with(self, more: impl FnOnce(Self) -> Self) -> Self {
        more(self)
    }

    /// The JSON text, one line.
    #[must_use]
    pub fn done(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

impl Default for Obj {
    fn default() -> Self {
        Self::new()
    }
}

impl Arr {
    /// Whether nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.len() == 1
    }
}

impl<V: Value> FromIterator<V> for Arr {
    fn from_iter<I: IntoIterator<Item = V>>(values: I) -> Self {
        let mut text = String::from("[");
        for value in values {
            if text.len() > 1 {
                text.push(',');
            }
            value.write(&mut text);
        }
        Self(text)
    }
}

#[cfg(test)]
mod tests {
    use super::{Obj, Raw};

    #[test]
    fn fields_keep_their_order_and_text_is_escaped() {
        let text = Obj::new()
            .put("z", "a \"b\" \\ \n\u{1}é")
            .put("a", Raw("7.20"))
            .list("none", [0_i64; 0])
            .list("some", [1_i64, 2])
            .put("o", Obj::new().put("t", true))
            .done();
        assert_eq!(
            text,
            "{\"z\":\"a \\\"b\\\" \\\\ \\n\\u0001é\",\"a\":7.20,\"some\":[1,2],\"o\":{\"t\":true}}"
        );
    }
}
