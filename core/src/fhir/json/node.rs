//! One value of a tape, as the rest of the program sees it.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::text::Escaped;
use super::{Entry, Tape, fingerprint};

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    Number,
    Bool,
    Null,
}

/// A value inside a tape.
#[derive(Clone, Copy)]
pub(crate) struct Node<'t> {
    tape: &'t Tape<'t>,
    index: u32,
}

impl<'t> Node<'t> {
    pub(super) fn new(tape: &'t Tape<'t>, index: u32) -> Self {
        Self { tape, index }
    }

    #[inline]
    fn entry(self) -> &'t Entry {
        &self.tape.entries[self.index as usize]
    }

    #[inline]
    fn inside(self) -> &'t str {
        let entry = self.entry();
        &self.tape.text[entry.start as usize..entry.end as usize]
    }

    #[inline]
    pub(crate) fn kind(self) -> Kind {
        self.entry().kind
    }

    /// The member of an object by name; `None` too when this is no object.
    #[inline]
    pub(crate) fn get(self, name: &str) -> Option<Node<'t>> {
        let entry = self.entry();
        if entry.kind != Kind::Object {
            return None;
        }
        let print = fingerprint(name.as_bytes());
        let entries = self.tape.entries.as_slice();
        let mut at = self.index + 1;
        while at < entry.next {
            let key = &entries[at as usize];
            if (key.print == print || key.escaped) && self.is_name(key, name) {
                return Some(Node { tape: self.tape, index: at + 1 });
            }
            at = entries[at as usize + 1].next;
        }
        None
    }

    fn is_name(self, key: &Entry, name: &str) -> bool {
        let inside = &self.tape.text[key.start as usize..key.end as usize];
        if key.escaped { Escaped::decode(inside) == name } else { inside == name }
    }

    /// The members of an object in their order; none for anything else.
    pub(crate) fn members(self) -> Members<'t> {
        let end = if self.kind() == Kind::Object { self.entry().next } else { 0 };
        Members { tape: self.tape, at: self.index + 1, end }
    }

    /// The elements of an array; none for anything else.
    pub(crate) fn items(self) -> Items<'t> {
        let end = if self.kind() == Kind::Array { self.entry().next } else { 0 };
        Items { tape: self.tape, at: self.index + 1, end }
    }

    /// The elements of an array, or the value itself.
    pub(crate) fn each(self) -> Items<'t> {
        match self.kind() {
            Kind::Array => self.items(),
            _ => Items { tape: self.tape, at: self.index, end: self.index + 1 },
        }
    }

    /// The exact source bytes of the value.
    pub(crate) fn raw(self) -> &'t [u8] {
        let entry = self.entry();
        let quotes = usize::from(entry.kind == Kind::String);
        &self.tape.text.as_bytes()[entry.start as usize - quotes..entry.end as usize + quotes]
    }

    /// The text of a string, escapes resolved (a lone surrogate becomes U+FFFD).
    #[inline]
    pub(crate) fn str(self) -> Option<Cow<'t, str>> {
        let entry = self.entry();
        match (entry.kind, entry.escaped) {
            (Kind::String, false) => Some(Cow::Borrowed(self.inside())),
            (Kind::String, true) => Some(Cow::Owned(Escaped::decode(self.inside()))),
            _ => None,
        }
    }

    /// Whether this is a string of exactly this text.
    pub(crate) fn is_str(self, text: &str) -> bool {
        self.kind() == Kind::String && self.is_name(self.entry(), text)
    }

    /// Order of two strings by their bytes, escapes resolved.
    pub(crate) fn cmp_str(self, other: Node<'t>) -> Ordering {
        if self.entry().escaped || other.entry().escaped {
            return self.str().cmp(&other.str());
        }
        self.inside().cmp(other.inside())
    }

    /// The inside of a string as written, and whether it holds escapes.
    pub(crate) fn str_source(self) -> Option<(&'t str, bool)> {
        let entry = self.entry();
        (entry.kind == Kind::String).then(|| (self.inside(), entry.escaped))
    }

    /// A number as written.
    #[inline]
    pub(crate) fn number(self) -> Option<&'t str> {
        (self.kind() == Kind::Number).then(|| self.inside())
    }

    #[inline]
    pub(crate) fn bool(self) -> Option<bool> {
        // `true` is four bytes long, `false` five.
        let entry = self.entry();
        (entry.kind == Kind::Bool).then(|| entry.end - entry.start == 4)
    }
}

/// Members of an object: name and value.
#[derive(Clone)]
pub(crate) struct Members<'t> {
    tape: &'t Tape<'t>,
    at: u32,
    end: u32,
}

impl<'t> Members<'t> {
    /// Like `next`, with the name as the string it is in the source.
    #[inline]
    pub(crate) fn next_nodes(&mut self) -> Option<(Node<'t>, Node<'t>)> {
        if self.at >= self.end {
            return None;
        }
        let name = Node { tape: self.tape, index: self.at };
        let value = Node { tape: self.tape, index: self.at + 1 };
        self.at = value.entry().next;
        Some((name, value))
    }
}

impl<'t> Iterator for Members<'t> {
    type Item = (Cow<'t, str>, Node<'t>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = self.next_nodes()?;
        Some((name.str()?, value))
    }
}

/// Elements of an array.
#[derive(Clone)]
pub(crate) struct Items<'t> {
    tape: &'t Tape<'t>,
    at: u32,
    end: u32,
}

impl<'t> Iterator for Items<'t> {
    type Item = Node<'t>;

    #[inline]
    fn next(&mut self) -> Option<Node<'t>> {
        if self.at >= self.end {
            return None;
        }
        let node = Node { tape: self.tape, index: self.at };
        self.at = node.entry().next;
        Some(node)
    }
}
