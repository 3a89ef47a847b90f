//! Hands the keys of one value to all who want it, from one buffer.

use super::KeySink;
use crate::index::key::{self, tag};
use crate::index::params::Param;
use crate::index::path::{Composite, Target, To};

/// Parameter number and tag stand before the payload.
const HEAD: usize = 3;

/// A value may not make a composite explode: what is beyond is left out.
const MAX_COMBINATIONS: usize = 4096;

/// Who wants a value: those of `targets` that ask for no type, or for `of`.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'w> {
    pub(super) targets: &'w [Target],
    /// The type that a reference refers to; empty = unknown.
    pub(super) of: &'w str,
}

impl<'w> Wanted<'w> {
    fn iter(self) -> impl Iterator<Item = To> + use<'w> {
        let Self { targets, of } = self;
        targets.iter().filter(move |t| t.only.is_empty() || t.only == of).map(|t| t.to)
    }

    pub(super) fn nobody(self) -> bool {
        self.iter().next().is_none()
    }
}

/// A component's value, its payload in `Emit::bytes`.
#[derive(Clone, Copy)]
struct Value {
    slot: u16,
    tag: u8,
    from: usize,
    to: usize,
}

/// The keys of one resource on their way to the sink.
pub(super) struct Emit<'e> {
    sink: &'e mut dyn KeySink,
    params: &'e [&'static Param],
    numbers: &'e [u16],
    connection: u32,
    buffer: Vec<u8>,
    /// A bit for each parameter that has a value.
    present: Vec<u64>,
    /// The subject key that was given out last.
    subject: Vec<u8>,
    values: Vec<Value>,
    bytes: Vec<u8>,
    picked: Vec<Value>,
}

impl<'e> Emit<'e> {
    pub(super) fn new(
        sink: &'e mut dyn KeySink,
        params: &'e [&'static Param],
        numbers: &'e [u16],
        connection: u32,
    ) -> Self {
        let mut buffer = Vec::with_capacity(256);
        key::begin(&mut buffer, 0, 0);
        Self {
            sink,
            params,
            numbers,
            connection,
            buffer,
            present: vec![0; params.len().div_ceil(64)],
            subject: Vec::new(),
            values: Vec::new(),
            bytes: Vec::new(),
            picked: Vec::new(),
        }
    }

    /// The buffer for the payload of the next key.
    #[inline]
    pub(super) fn payload(&mut self) -> &mut Vec<u8> {
        self.buffer.truncate(HEAD);
        &mut self.buffer
    }

    /// Gives the payload to all who want it.
    pub(super) fn give(&mut self, tag: u8, wanted: Wanted<'_>) {
        for to in wanted.iter() {
            match to {
                To::Param(param) => self.send(tag, param),
                To::Slot(slot) => {
                    let from = self.bytes.len();
                    self.bytes.extend_from_slice(&self.buffer[HEAD..]);
                    self.values.push(Value { slot, tag, from, to: self.bytes.len() });
                }
            }
        }
    }

    fn send(&mut self, tag: u8, param: u16) {
        // Ids are found by the identity that every row has; only their presence is a key here.
        if tag == tag::TOKEN && self.params[usize::from(param)].code == "_id" {
            return;
        }
        let [high, low] = self.numbers[usize::from(param)].to_be_bytes();
        self.buffer[..HEAD].copy_from_slice(&[high, low, tag]);
        self.sink.key(&self.buffer);
    }

    /// Notes that the parameters have a value, whether or not it makes a key.
    pub(super) fn mark(&mut self, wanted: Wanted<'_>) {
        for to in wanted.iter() {
            if let To::Param(param) = to {
                self.mark_param(param);
            }
        }
    }

    fn mark_param(&mut self, param: u16) {
        let (word, bit) = (usize::from(param / 64), 1 << (param % 64));
        if self.present[word] & bit == 0 {
            self.present[word] |= bit;
            self.buffer.truncate(HEAD);
            self.send(tag::PRESENCE, param);
        }
    }

    /// Notes the subject, where a parameter of the patient compartment wants the reference.
    pub(super) fn refers_to_patient(&mut self, id: &str, wanted: Wanted<'_>) {
        let is_own = |to| match to {
            To::Param(param) => self.params[usize::from(param)].compartment,
            To::Slot(_) => false,
        };
        if wanted.iter().any(is_own) {
            self.about(id);
        }
    }

    /// The resource is about this patient.
    pub(super) fn about(&mut self, id: &str) {
        key::subject(&mut self.buffer, self.connection, id);
        if self.subject != self.buffer {
            self.subject.clone_from(&self.buffer);
            self.sink.key(&self.buffer);
        }
        self.buffer.truncate(HEAD);
    }

    /// How many component values there are now.
    pub(super) fn values(&self) -> usize {
        self.values.len()
    }

    /// Forgets the component values after the first `count`.
    pub(super) fn forget(&mut self, count: usize) {
        self.values.truncate(count);
        self.bytes.truncate(self.values.last().map_or(0, |v| v.to));
    }

    /// Gives out every combination of the component values after the first `from`.
    pub(super) fn combine(&mut self, composite: &Composite, from: usize) {
        let values = std::mem::take(&mut self.values);
        let mut left = MAX_COMBINATIONS;
        self.picked.clear();
        self.pick(composite, &values[from..], &mut left);
        self.values = values;
        if left < MAX_COMBINATIONS {
            self.mark_param(composite.param);
        }
    }

    fn pick(&mut self, composite: &Composite, values: &[Value], left: &mut usize) {
        let Some(part) = composite.parts.get(self.picked.len()) else {
            *left -= 1;
            self.buffer.truncate(HEAD);
            for value in &self.picked {
                key::component(&mut self.buffer, value.tag, &self.bytes[value.from..value.to]);
            }
            return self.send(tag::COMPOSITE, composite.param);
        };
        for value in values.iter().filter(|v| v.slot == part.slot) {
            if *left == 0 {
                return;
            }
            self.picked.push(*value);
            self.pick(composite, values, left);
            self.picked.pop();
        }
    }
}
