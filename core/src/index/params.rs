//! The search parameters of R4 and of the four guides, as data. `params.tsv`, made by
//! `scripts/make-params.py`, has a line `>Type` for each resource type (first the bases that all
//! types have), then a line for each parameter: code, kind, arms, components of a composite
//! (`;` between them), reference targets (`*` = any), flags, hash of the definition.
//! A type is read when it is first asked for.

use std::sync::OnceLock;

use crate::index::path::Program;

const TABLE: &str = include_str!("params.tsv");

/// What a search parameter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Token,
    Date,
    String,
    Number,
    Quantity,
    Reference,
    Uri,
    Composite,
}

/// One search parameter of one base type.
#[derive(Debug)]
pub(crate) struct Param {
    /// Its place in the table, counted over all types.
    pub(crate) index: usize,
    /// `Resource`, `DomainResource` or a concrete type.
    pub(crate) base: &'static str,
    pub(crate) code: &'static str,
    pub(crate) kind: Kind,
    /// Whether a Patient that it refers to has the resource in its compartment.
    pub(crate) compartment: bool,
    /// A token parameter over ids or uris: compared with case.
    pub(crate) exact: bool,
    /// The components of a composite, in the order of its value.
    pub(crate) components: Box<[Component]>,
    /// The paths, as `path.rs` reads them, with a space between them.
    pub(crate) arms: &'static str,
}

/// One component of a composite parameter.
#[derive(Debug)]
pub(crate) struct Component {
    pub(crate) kind: Kind,
    /// Paths from the composite's own path, or after `%` from the resource.
    pub(crate) arms: &'static str,
}

/// One resource type and what is known of it.
struct Block {
    name: &'static str,
    lines: &'static str,
    first: usize,
    own: OnceLock<Box<[Param]>>,
    all: OnceLock<Box<[&'static Param]>>,
    program: OnceLock<Program>,
}

impl Block {
    fn new(name: &'static str, lines: &'static str, first: usize) -> Self {
        let (own, all, program) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self { name, lines, first, own, all, program }
    }

    fn own(&'static self) -> &'static [Param] {
        self.own.get_or_init(|| {
            let lines = self.lines.lines().enumerate();
            lines.filter_map(|(n, line)| param(self.name, self.first + n, line)).collect()
        })
    }

    /// Own parameters first, so that they come before those of a base with the same code.
    fn all(&'static self) -> &'static [&'static Param] {
        self.all.get_or_init(|| {
            let mut all: Vec<&'static Param> = self.own().iter().collect();
            for base in &table().blocks[..BASES] {
                for param in base.own() {
                    if all.iter().all(|p| p.code != param.code) {
                        all.push(param);
                    }
                }
            }
            all.into()
        })
    }
}

/// `Resource` and `DomainResource` stand before the concrete types.
const BASES: usize = 2;

struct Table {
    blocks: Vec<Block>,
}

impl Table {
    fn read(text: &'static str) -> Self {
        let (mut blocks, mut count) = (Vec::with_capacity(160), 0);
        for block in text.split('>').skip(1) {
            let (name, lines) = block.split_once('\n').unwrap_or((block, ""));
            blocks.push(Block::new(name, lines, count));
            count += lines.lines().count();
        }
        Self { blocks }
    }

    fn position(&self, resource_type: &str) -> Option<usize> {
        let concrete = &self.blocks[BASES..];
        concrete.binary_search_by(|b| b.name.cmp(resource_type)).ok().map(|at| at + BASES)
    }
}

fn table() -> &'static Table {
    static READ: OnceLock<Table> = OnceLock::new();
    READ.get_or_init(|| Table::read(TABLE))
}

fn param(base: &'static str, index: usize, line: &'static str) -> Option<Param> {
    let mut fields = line.split('\t');
    let code = fields.next()?;
    let kind = kind(fields.next()?)?;
    let arms = fields.next()?;
    let components = fields.next()?.split(';').filter_map(component).collect();
    let flags = fields.nth(1)?;
    let (compartment, exact) = (flags.contains('p'), flags.contains('x'));
    Some(Param { index, base, code, kind, compartment, exact, components, arms })
}

fn component(text: &'static str) -> Option<Component> {
    let (name, arms) = text.split_once(' ')?;
    Some(Component { kind: kind(name)?, arms })
}

fn kind(name: &str) -> Option<Kind> {
    Some(match name {
        "token" => Kind::Token,
        "date" => Kind::Date,
        "string" => Kind::String,
        "number" => Kind::Number,
        "quantity" => Kind::Quantity,
        "reference" => Kind::Reference,
        "uri" => Kind::Uri,
        "composite" => Kind::Composite,
        _ => return None,
    })
}

/// How many places the table has.
#[cfg(test)]
pub(crate) fn count() -> usize {
    definitions().count()
}

/// Base, code and hash of every line of the table, in order of places.
pub(crate) fn definitions() -> impl Iterator<Item = String> {
    table().blocks.iter().flat_map(|block| {
        block.lines.lines().map(|line| {
            let code = line.split('\t').next().unwrap_or_default();
            let hash = line.rsplit('\t').next().unwrap_or_default();
            format!("{} {code} {hash}", block.name)
        })
    })
}

/// All parameters of a type: its own, then those that all types have. An unknown type has the latter.
pub(crate) fn for_type(resource_type: &str) -> &'static [&'static Param] {
    table().blocks[type_index(resource_type)].all()
}

/// The parameter of a type, or of its bases, with this code.
pub(crate) fn find(resource_type: &str, code: &str) -> Option<&'static Param> {
    for_type(resource_type).iter().find(|p| p.code == code).copied()
}

/// Whether R4 has this concrete resource type.
pub(crate) fn is_type(name: &str) -> bool {
    table().position(name).is_some()
}

/// The concrete resource types of R4, in order of their names.
pub(crate) fn types() -> impl Iterator<Item = &'static str> {
    table().blocks[BASES..].iter().map(|b| b.name)
}

/// Parameters of the specification that have no definition to extract values by.
const WITHOUT_DEFINITION: [&str; 3] = ["_filter", "_has", "_list"];

/// Whether the specification defines this parameter for the type though it is not searched here.
pub(crate) fn known_unsupported(resource_type: &str, code: &str) -> bool {
    let blocks = &table().blocks;
    let own = table().position(resource_type).map(|at| &blocks[at]);
    WITHOUT_DEFINITION.contains(&code)
        || own.into_iter().chain(&blocks[..BASES]).flat_map(|b| b.lines.lines()).any(|line| {
            line.split_once('\t').is_some_and(|(c, rest)| c == code && rest.starts_with("unsupp"))
        })
}

/// A number for each program, below [`type_count`]; unknown types share one.
pub(crate) fn type_index(resource_type: &str) -> usize {
    table().position(resource_type).unwrap_or(0)
}

/// How many programs there are.
pub(crate) fn type_count() -> usize {
    table().blocks.len()
}

/// The program that takes all values of a type; its parameters are numbered as in [`for_type`].
pub(crate) fn program(type_index: usize) -> &'static Program {
    let block = &table().blocks[type_index];
    block.program.get_or_init(|| Program::compile(block.all()))
}

/// The parameters of a type by its number.
pub(crate) fn of_index(type_index: usize) -> &'static [&'static Param] {
    table().blocks[type_index].all()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_is_a_parameter_or_known_as_unsupported() {
        let mut rows = 0;
        for block in &table().blocks {
            let lines: Vec<_> = block.lines.lines().collect();
            let unsupported = lines.iter().filter(|l| l.contains("\tunsupported\t")).count();
            assert_eq!(block.own().len() + unsupported, lines.len(), "{}", block.name);
            rows += lines.len();
        }
        assert_eq!(rows, count());
        assert_eq!(types().count(), 146, "R4 has 148 types, two of them abstract");
        assert!(types().is_sorted());
    }

    #[test]
    fn a_type_has_its_own_parameters_and_those_of_all() {
        let patient = for_type("Patient");
        let codes: HashSet<_> = patient.iter().map(|p| p.code).collect();
        assert_eq!(codes.len(), patient.len(), "a code twice");
        for code in ["_id", "_lastUpdated", "birthdate", "race", "deceased", "phonetic"] {
            assert!(codes.contains(code), "{code}");
        }
        let everywhere = find("Patient", "_id").unwrap();
        assert!(std::ptr::eq(everywhere, find("Observation", "_id").unwrap()));
        assert!(everywhere.exact);
        assert!(std::ptr::eq(everywhere, find("NoSuchType", "_id").unwrap()));
        assert!(!is_type("NoSuchType") && !is_type("Resource") && is_type("Patient"));
        assert!(find("Observation", "birthdate").is_none());
    }

    #[test]
    fn unsupported_is_not_unknown() {
        for (resource_type, code) in [
            ("Location", "near"),
            ("Patient", "_text"),
            ("Patient", "_content"),
            ("Patient", "_query"),
            ("Patient", "_filter"),
        ] {
            assert!(known_unsupported(resource_type, code), "{code}");
            assert!(find(resource_type, code).is_none());
        }
        assert!(!known_unsupported("Patient", "near"));
        assert!(!known_unsupported("Patient", "birthdate"));
        assert!(!known_unsupported("Patient", "bogus"));
    }

    #[test]
    fn definitions_carry_what_a_search_needs() {
        let subject = find("Observation", "subject").unwrap();
        assert!(subject.compartment);
        let relationship = find("DocumentReference", "relationship").unwrap();
        let kinds: Vec<_> = relationship.components.iter().map(|c| c.kind).collect();
        assert_eq!(kinds, [Kind::Reference, Kind::Token]);
        // The formulary adds a path to a parameter of R4, and US Core repeats one.
        assert_eq!(find("InsurancePlan", "name").unwrap().arms, "name:string alias:string");
        assert_eq!(find("CarePlan", "patient").unwrap().arms, "subject:Reference/Patient");
    }

    #[test]
    fn hashes_tell_definitions_apart() {
        let all = || types().chain(["Resource"]).flat_map(for_type);
        let params: HashSet<usize> = all().map(|p| p.index).collect();
        let hashes: HashSet<String> = definitions().collect();
        assert!(hashes.len() >= params.len());
        assert_eq!(hashes.len(), count());
    }
}
