//! Composites: values joined with `$`, all of which one and the same element must have.

use super::{Context, Expected, Lookup, Modifier, Value, split, start, whole};
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

    pub(super) fn lookups(&self, parameter: u16) -> Vec<Lookup> {
        let Some((first, prefix)) = self.0.first().and_then(Value::prefix) else {
            return whole(parameter, tag::COMPOSITE);
        };
        let mut key = start(parameter, tag::COMPOSITE);
        key::component_start(&mut key, first, &prefix);
        vec![Lookup::Range { range: KeyRange::prefix(&key), check: true }]
    }

    pub(super) fn test(&self, tag: u8, payload: &[u8], context: &Context<'_>) -> bool {
        let Some(key::Value::Composite(mut parts)) = key::decode(tag, payload) else {
            return false;
        };
        let all = self.0.iter().all(|value| {
            parts.next().is_some_and(|(tag, payload)| value.test(tag, &payload, context))
        });
        all && parts.next().is_none()
    }
}
