//! The paths of a type's parameters as one tree over member names, so that one walk of a resource
//! reaches every element that some parameter wants.
//!
//! An arm is `path:type`: member names with dots between them; `name{m=v}` keeps elements whose
//! member `m` is the string `v`; `name[n]` is the n-th element of all. After the type, `/T` keeps
//! references to type T, `=S` is the system of a code. Type `*` has no values of this kind and an
//! empty type (the own path of a composite) is only a place.

use crate::index::params::{Component, Kind, Param};

/// What stands at the end of a path, as far as its values differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Element {
    /// A code and the system that its binding implies.
    Code(&'static str),
    Coding,
    CodeableConcept,
    Identifier,
    ContactPoint,
    Boolean,
    /// Any text as a token; `true`: compared with case.
    TextToken(bool),
    /// `deceased[x]`, as "is there and not false".
    Deceased,
    Date,
    Period,
    Timing,
    Text,
    HumanName,
    Address,
    Number,
    NumberRange,
    Quantity,
    Money,
    QuantityRange,
    SampledData,
    Reference,
    /// A reference parameter over canonical (`true`) or uri.
    ReferenceText(bool),
    /// A resource as a reference to itself.
    Resource,
    /// A uri parameter over canonical (`true`) or uri.
    Uri(bool),
    /// Something that has no value of this kind.
    Other,
}

/// Who gets the values of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum To {
    /// A parameter, by its place in the type's list.
    Param(u16),
    /// A component of a composite.
    Slot(u16),
}

/// One wish for an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) to: To,
    /// Only references to this type; empty = all.
    pub(crate) only: &'static str,
}

/// An element's values and all who get them.
#[derive(Debug)]
pub(crate) struct Take {
    pub(crate) element: Element,
    pub(crate) targets: Vec<Target>,
}

/// A place in a resource.
#[derive(Debug, Default)]
pub(crate) struct Place {
    pub(crate) takes: Vec<Take>,
    /// By member name: the wanted values and their places.
    pub(crate) filters: Vec<(&'static str, Vec<(&'static str, Place)>)>,
    pub(crate) composites: Vec<Composite>,
    /// By length of the name, then by name.
    edges: Vec<Edge>,
    /// The first edge of each length.
    lengths: Vec<u16>,
}

/// A member of a place.
#[derive(Debug)]
pub(crate) struct Edge {
    name: &'static str,
    /// What to do with each element.
    pub(crate) each: Place,
    /// What to do with the n-th one.
    pub(crate) nth: Vec<(usize, Place)>,
}

/// A composite parameter at one of its own places.
#[derive(Debug)]
pub(crate) struct Composite {
    pub(crate) param: u16,
    pub(crate) parts: Vec<Part>,
}

/// A component of a composite: the slot that its values lie in.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) slot: u16,
    /// Walked from the resource, where the component does not stand below the composite.
    pub(crate) from_root: Option<Place>,
}

/// What to take from one resource type.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) root: Place,
}

impl Place {
    /// What to do with the member of this name.
    #[inline]
    pub(crate) fn edge(&self, name: &str) -> Option<&Edge> {
        let from = usize::from(*self.lengths.get(name.len())?);
        let to = usize::from(*self.lengths.get(name.len() + 1)?);
        self.edges[from..to].iter().find(|e| e.name == name)
    }

    /// Whether members have to be looked at.
    #[inline]
    pub(crate) fn is_inner(&self) -> bool {
        !self.edges.is_empty()
    }

    fn take(&mut self, element: Element, target: Target) {
        match self.takes.iter_mut().find(|t| t.element == element) {
            Some(take) if take.targets.contains(&target) => {}
            Some(take) => take.targets.push(target),
            None => self.takes.push(Take { element, targets: vec![target] }),
        }
    }

    fn member(&mut self, name: &'static str) -> &mut Edge {
        let at = self.edges.iter().position(|e| e.name == name).unwrap_or_else(|| {
            self.edges.push(Edge { name, each: Place::default(), nth: Vec::new() });
            self.edges.len() - 1
        });
        &mut self.edges[at]
    }

    fn filtered(&mut self, member: &'static str, value: &'static str) -> &mut Place {
        let at = self.filters.iter().position(|f| f.0 == member).unwrap_or_else(|| {
            self.filters.push((member, Vec::new()));
            self.filters.len() - 1
        });
        let values = &mut self.filters[at].1;
        let at = values.iter().position(|v| v.0 == value).unwrap_or_else(|| {
            values.push((value, Place::default()));
            values.len() - 1
        });
        &mut values[at].1
    }

    /// The place that `path` leads to.
    fn descend(&mut self, path: &'static str) -> &mut Place {
        let mut place = self;
        for step in steps(path) {
            let (name, rest) = step.split_at(step.find(['{', '[']).unwrap_or(step.len()));
            let edge = place.member(name);
            place = if let Some(number) = rest.strip_prefix('[').and_then(|r| r.strip_suffix(']')) {
                let number = number.parse().unwrap_or(usize::MAX);
                let at = edge.nth.iter().position(|n| n.0 == number).unwrap_or_else(|| {
                    edge.nth.push((number, Place::default()));
                    edge.nth.len() - 1
                });
                &mut edge.nth[at].1
            } else if let Some((member, value)) =
                rest.strip_prefix('{').and_then(|r| r.strip_suffix('}')?.split_once('='))
            {
                edge.each.filtered(member, value)
            } else {
                &mut edge.each
            };
        }
        place
    }

    /// Puts the edges in their order, here and below.
    fn finish(&mut self) {
        self.edges.sort_by_key(|e| (e.name.len(), e.name));
        let longest = self.edges.last().map_or(0, |e| e.name.len() + 2);
        self.lengths = (0..longest)
            .map(|length| self.edges.partition_point(|e| e.name.len() < length))
            .map(|at| u16::try_from(at).unwrap_or(u16::MAX))
            .collect();
        for edge in &mut self.edges {
            edge.each.finish();
            edge.nth.iter_mut().for_each(|n| n.1.finish());
        }
        for (_, values) in &mut self.filters {
            values.iter_mut().for_each(|v| v.1.finish());
        }
        for part in self.composites.iter_mut().flat_map(|c| &mut c.parts) {
            part.from_root.iter_mut().for_each(Place::finish);
        }
    }
}

/// One arm of a path.
struct Arm {
    path: &'static str,
    element: Element,
    only: &'static str,
}

/// Compiles the parameters of one type; counts the slots given out.
#[derive(Default)]
struct Compiler {
    slots: u16,
    /// Component paths below a composite's own path, so that composites share them.
    shared: Vec<(&'static str, &'static str, Kind, u16)>,
}

impl Program {
    /// The program of a type; a parameter is named by its place in `params`.
    pub(crate) fn compile(params: &[&'static Param]) -> Self {
        let (mut root, mut compiler) = (Place::default(), Compiler::default());
        for (at, param) in (0u16..).zip(params) {
            for arm in param.arms.split(' ') {
                if param.kind == Kind::Composite {
                    compiler.composite(&mut root, at, arm.trim_end_matches(':'), &param.components);
                } else if let Some(arm) = read(arm, param.kind, param.exact) {
                    let to = To::Param(at);
                    root.descend(arm.path).take(arm.element, Target { to, only: arm.only });
                }
            }
        }
        root.finish();
        Self { root }
    }
}

impl Compiler {
    fn composite(
        &mut self,
        root: &mut Place,
        param: u16,
        path: &'static str,
        components: &'static [Component],
    ) {
        let parts = components.iter().map(|c| self.part(root, path, c)).collect();
        root.descend(path).composites.push(Composite { param, parts });
    }

    fn part(
        &mut self,
        root: &mut Place,
        path: &'static str,
        component: &'static Component,
    ) -> Part {
        let Component { kind, arms } = *component;
        let from_root = arms.starts_with('%');
        if !from_root
            && let Some(&(.., slot)) =
                self.shared.iter().find(|s| (s.0, s.1, s.2) == (path, arms, kind))
        {
            return Part { slot, from_root: None };
        }
        let slot = self.slots;
        self.slots += 1;
        let target = Target { to: To::Slot(slot), only: "" };
        let mut apart = Place::default();
        for arm in arms.split(' ').filter_map(|a| read(a.trim_start_matches('%'), kind, false)) {
            let start = if from_root { &mut apart } else { root.descend(path) };
            start.descend(arm.path).take(arm.element, target);
        }
        if !from_root {
            self.shared.push((path, arms, kind, slot));
        }
        Part { slot, from_root: from_root.then_some(apart) }
    }
}

/// The steps of a path; dots inside braces belong to their step.
fn steps(path: &'static str) -> impl Iterator<Item = &'static str> {
    let mut inside = false;
    path.split(move |c| {
        inside = c == '{' || (inside && c != '}');
        c == '.' && !inside
    })
    .filter(|s| !s.is_empty())
}

fn read(arm: &'static str, kind: Kind, exact: bool) -> Option<Arm> {
    let mut inside = false;
    let colon = arm.find(|c| {
        inside = c == '{' || (inside && c != '}');
        c == ':' && !inside
    })?;
    let (path, name) = (&arm[..colon], &arm[colon + 1..]);
    let (name, system) = name.split_once('=').unwrap_or((name, ""));
    let (name, only) =
        if system.is_empty() { name.split_once('/') } else { None }.unwrap_or((name, ""));
    Some(Arm { path, element: element(kind, name, system, exact), only })
}

fn element(kind: Kind, name: &str, system: &'static str, exact: bool) -> Element {
    match (kind, name) {
        (Kind::Token, "code") => Element::Code(system),
        (Kind::Token, "Coding") => Element::Coding,
        (Kind::Token, "CodeableConcept") => Element::CodeableConcept,
        (Kind::Token, "Identifier") => Element::Identifier,
        (Kind::Token, "ContactPoint") => Element::ContactPoint,
        (Kind::Token, "boolean") => Element::Boolean,
        (Kind::Token, "Deceased") => Element::Deceased,
        (
            Kind::Token,
            "string" | "markdown" | "id" | "uri" | "url" | "oid" | "uuid" | "canonical",
        ) => Element::TextToken(exact),
        (Kind::Date, "date" | "dateTime" | "instant") => Element::Date,
        (Kind::Date, "Period") => Element::Period,
        (Kind::Date, "Timing") => Element::Timing,
        (Kind::String, "string" | "markdown") => Element::Text,
        (Kind::String, "HumanName") => Element::HumanName,
        (Kind::String, "Address") => Element::Address,
        (Kind::Number, "decimal" | "integer" | "positiveInt" | "unsignedInt") => Element::Number,
        (Kind::Number, "Range") => Element::NumberRange,
        (Kind::Quantity, "Quantity") => Element::Quantity,
        (Kind::Quantity, "Money") => Element::Money,
        (Kind::Quantity, "Range") => Element::QuantityRange,
        (Kind::Quantity, "SampledData") => Element::SampledData,
        (Kind::Reference, "Reference") => Element::Reference,
        (Kind::Reference, "canonical") => Element::ReferenceText(true),
        (Kind::Reference, "uri") => Element::ReferenceText(false),
        (Kind::Reference, "Resource") => Element::Resource,
        (Kind::Uri, "canonical") => Element::Uri(true),
        (Kind::Uri, "uri" | "url") => Element::Uri(false),
        _ => Element::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::params;

    #[test]
    fn steps_keep_dots_inside_braces() {
        let path = "extension{url=http://a.b/c}.valueCoding.code";
        assert_eq!(
            steps(path).collect::<Vec<_>>(),
            ["extension{url=http://a.b/c}", "valueCoding", "code"]
        );
        assert_eq!(steps("").count(), 0);
    }

    #[test]
    fn an_arm_is_path_type_and_what_the_type_needs() {
        let arm = read("extension{url=http://a.b/c}.valueCode:code", Kind::Token, false).unwrap();
        assert_eq!(arm.path, "extension{url=http://a.b/c}.valueCode");
        assert_eq!(arm.element, Element::Code(""));
        let arm = read("status:code=http://hl7.org/fhir/x", Kind::Token, false).unwrap();
        assert_eq!((arm.path, arm.only), ("status", ""));
        assert_eq!(arm.element, Element::Code("http://hl7.org/fhir/x"));
        let arm = read("subject:Reference/Patient", Kind::Reference, false).unwrap();
        assert_eq!((arm.element, arm.only), (Element::Reference, "Patient"));
        assert!(read("no type", Kind::Token, false).is_none());
    }

    #[test]
    fn one_element_is_taken_once_for_all_who_want_it() {
        let list = params::for_type("Observation");
        let program = params::program(params::type_index("Observation"));
        let subject = &program.root.edge("subject").unwrap().each;
        assert_eq!(subject.takes.len(), 1);
        let mut wanted: Vec<_> = subject.takes[0]
            .targets
            .iter()
            .map(|t| match t.to {
                To::Param(p) => (list[usize::from(p)].code, t.only),
                To::Slot(_) => panic!("no composite has a subject"),
            })
            .collect();
        wanted.sort_unstable();
        assert_eq!(wanted, [("patient", "Patient"), ("subject", "")]);
        // Six composites have the code as a component: one slot.
        let code = &program.root.edge("code").unwrap().each.takes[0].targets;
        assert_eq!(code.iter().filter(|t| matches!(t.to, To::Slot(_))).count(), 1);
        assert_eq!(program.root.composites.len(), 6);
        assert!(program.root.edge("").is_none() && program.root.edge("codex").is_none());
    }

    #[test]
    fn every_arm_of_the_table_compiles() {
        let kinds = params::types().chain(["Resource"]).flat_map(params::for_type);
        for param in kinds.filter(|p| p.kind != Kind::Composite) {
            for arm in param.arms.split(' ') {
                let known = read(arm, param.kind, param.exact)
                    .is_some_and(|a| a.element != Element::Other || arm.ends_with(":*"));
                assert!(known, "{}.{}: {arm}", param.base, param.code);
            }
        }
        for at in 0..params::type_count() {
            params::program(at);
        }
    }
}
