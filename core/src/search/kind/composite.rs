//! Composites: values joined with `$`, all of which one and the same element must have.

use super::{Beginning, Context, Expected, Lookup, Modifier, Value, split, start};
use crate::fhir::Zone;
use crate::index::key::{self, tag};
use crate::index::params::Component;
use crate::index::segment::KeyRange;

#[derive(Clone)]
pub(crate) struct CompositeTest(Vec<Value>);

impl CompositeTest {
    pub(super) fn parse(
        components: &[Component],
        text: &str,
        zone: Zone,
    ) -> Result<Self, Expected> {
        let parts: Vec<_> = split(text, '$').collect();
        if parts.len() != components.len() {
            return Err("one value for each component, joined with $");
        }
        let values = components.iter().zip(parts).map(|(component, part)| {
            Value::parse_simple(component.kind, false, Modifier::Plain, part, zone)
        });
        Ok(Self(values.collect::<Result<_, _>>()?))
    }

    /// Keys begin with what the first components say: each one that is one value whole, then the
    /// beginning of the next one.
    pub(super) fn lookups(&self, parameter: u16) -> Vec<Lookup> {
        let mut key = start(parameter, tag::COMPOSITE);
        for value in &self.0 {
            match value.beginning() {
                Some(Beginning { tag, payload, whole: true }) => {
                    key::component(&mut key, tag, &payload);
                }
                Some(Beginning { tag, payload, whole: false }) => {
                    key::component_start(&mut key, tag, &payload);
                    if let Some(number) = value.number() {
                        return number.lookups(&key, key::component_more).map(checked).collect();
                    }
                    break;
                }
                None => break,
            }
        }
        vec![Lookup::Range { range: KeyRange::prefix(&key), check: true }]
    }

    /// `buffer`: room for a component's payload, whatever it holds.
    pub(super) fn test(
        &self,
        tag: u8,
        payload: &[u8],
        context: &Context<'_>,
        buffer: &mut Vec<u8>,
    ) -> bool {
        let Some(key::Value::Composite(mut parts)) = key::decode(tag, payload) else {
            return false;
        };
        let all = self.0.iter().all(|value| match parts.next_into(buffer) {
            Some(tag) => value.test_simple(tag, buffer, context),
            None => false,
        });
        all && parts.next_into(buffer).is_none()
    }
}

/// Other components follow, which a range says nothing about.
fn checked(lookup: Lookup) -> Lookup {
    match lookup {
        Lookup::Range { range, .. } => Lookup::Range { range, check: true },
        other => other,
    }
}
