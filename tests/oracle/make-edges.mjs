// Writes data/*: small records of our own that lie on the edges of the search rules.
//
//   node make-edges.mjs (the files are committed; run it after a change here)

import { writeFileSync } from 'node:fs';

const UCUM = 'http://unitsofmeasure.org';
const folder = new URL('data/', import.meta.url).pathname;
const lines = [];
let serial = 0;

// Numbers are given as text, so that their zeros stay: "#1.00#" becomes 1.00.
const write = (resource) => JSON.stringify(resource).replace(/"#([-+0-9.eE]+)#"/g, '$1');
const add = (resourceType, content) => {
  serial += 1;
  lines.push(write({ resourceType, id: `edge-${serial}`, ...content }));
};
const quantity = (value, code, rest = {}) => ({ value: `#${value}#`, system: UCUM, code, ...rest });
const code = { coding: [{ system: 'http://edge.example/codes', code: 'Edge' }] };
const observation = (content) => add('Observation', { status: 'final', code, ...content });

// Numbers whose last digit is a five, with zeros, negative, tiny, huge, on both sides of a power of ten.
const NUMBERS = ['0', '0.0', '0.5', '1', '1.0', '1.00', '1.05', '1.5', '2.5', '9.5', '9.95', '9.995', '10', '10.05', '99.5', '99.995',
  '100', '100.00', '100.5', '105', '150', '-1', '-1.5', '-1.05', '-100', '1e2', '1.5e-7', '1E+3', '0.000000000000000001',
  '123456789012345678.5', '155.01680645430417', '95', '1050', '4.999', '5.000', '5.001'];
for (const number of NUMBERS) {
  add('ChargeItem', { status: 'billable', code, factorOverride: `#${number}#`, subject: { reference: 'Patient/edge-p' } });
  observation({ valueQuantity: quantity(number, 'mg', { unit: 'milligram' }) });
}
for (const comparator of ['<', '<=', '>', '>=']) {
  observation({ valueQuantity: quantity('5', 'mg', { comparator }) });
  observation({ valueQuantity: quantity('5.0', 'ug', { comparator }) });
}
for (const [value, unit] of [['0.005', 'g'], ['5000', 'ug'], ['5', 'mL'], ['1', 'kg'], ['2.5', '[lb_av]'], ['37.0', 'Cel'], ['5', 'MG']]) {
  observation({ valueQuantity: quantity(value, unit) });
}
observation({ valueQuantity: { value: '#5#', unit: 'mg' } });
observation({ valueQuantity: { value: '#5#', system: 'http://edge.example/units', code: 'mg' } });
observation({ valueQuantity: { value: '#5#' } });
observation({ valueSampledData: { origin: quantity('2.5', 'mg'), period: '#10#', dimensions: '#1#', data: '1 2 3' } });
add('RiskAssessment', { status: 'final', subject: { reference: 'Patient/edge-p' },
  prediction: [{ probabilityDecimal: '#0.05#' }, { probabilityDecimal: '#0.5#' }] });
add('RiskAssessment', { status: 'final', subject: { reference: 'Patient/edge-p' },
  prediction: [{ probabilityRange: { low: { value: '#0.2#' }, high: { value: '#0.4#' } } }] });
add('RiskAssessment', { status: 'final', subject: { reference: 'Patient/edge-p' }, prediction: [{ probabilityRange: { low: { value: '#0.9#' } } }] });
add('Condition', { subject: { reference: 'Patient/edge-p' }, onsetAge: quantity('52', 'a'), abatementRange: { low: quantity('53', 'a'), high: quantity('54', 'a') } });
add('Encounter', { status: 'finished', class: { code: 'AMB' }, length: quantity('90', 'min') });
add('Invoice', { status: 'issued', totalNet: { value: '#48.00#', currency: 'USD' }, totalGross: { value: '#50.5#', currency: 'EUR' } });
add('MolecularSequence', { coordinateSystem: '#0#', referenceSeq: { windowStart: '#100#', windowEnd: '#2000#', chromosome: { coding: [{ code: '22' }] }, referenceSeqId: { coding: [{ code: 'NC_1' }] } },
  variant: [{ start: '#105#', end: '#106#' }, { start: '#1050#', end: '#1051#' }] });

// Components that must not be mixed.
observation({ component: [
  { code: { coding: [{ code: 'sys' }] }, valueQuantity: quantity('120', 'mm[Hg]') },
  { code: { coding: [{ code: 'dia' }] }, valueQuantity: quantity('80', 'mm[Hg]') }] });
observation({ component: [
  { code: { coding: [{ code: 'sys' }, { code: 'dia' }] }, valueCodeableConcept: { coding: [{ code: 'high' }] } },
  { code: { coding: [{ code: 'dia' }] }, valueCodeableConcept: { coding: [{ code: 'low' }] } }] });

// Dates of every precision and zone, at the ends of days, months, years.
const DATES = ['2019', '2020', '2020-01', '2020-02', '2020-02-29', '2020-12-31', '2021-01-01', '2020-12-31T23:59:59Z', '2020-12-31T23:59:59.999Z',
  '2020-12-31T23:59:59.999999Z', '2021-01-01T00:00:00Z', '2020-12-31T19:00:00-05:00', '2021-01-01T00:00:00-05:00', '2021-01-01T05:30:00+05:30',
  '2020-12-31T24:00:00Z', '2016-12-31T23:59:60Z', '1969-12-31T23:59:59Z', '1969-07-20', '0999-12-31', '9999-12-31', '2021-03-28T02:30:00.5+01:00',
  '2021-06-01T12:00:00', '2021-06-01T12:00:00.1Z', '2021-06-01T12:00:00.12Z', '2021-06-01T12:00:00.123456Z'];
for (const date of DATES) observation({ effectiveDateTime: date });
const PERIODS = [['2020-01-01', '2020-12-31'], ['2020', '2020'], ['2020-06-01', undefined], [undefined, '2020-06-01'], ['2019-12-31T23:59:59Z', '2020-01-01T00:00:00Z'],
  ['2020-02', '2020-03-01'], ['2020-02-29T10:00:00-05:00', '2020-02-29T12:00:00-05:00']];
for (const [start, end] of PERIODS) observation({ effectivePeriod: { start, end } });
add('CarePlan', { status: 'active', intent: 'plan', subject: { reference: 'Patient/edge-p' }, activity: [
  { detail: { status: 'scheduled', scheduledPeriod: { start: '2020-01-01', end: '2020-01-31' } } },
  { detail: { status: 'scheduled', scheduledPeriod: { start: '2020-06-01', end: '2020-06-30' } } },
  { detail: { status: 'scheduled', scheduledString: 'every day of 2020' } }] });
add('ServiceRequest', { status: 'active', intent: 'order', subject: { reference: 'Patient/edge-p' }, occurrenceTiming: { event: ['2020-03-01', '2020-05-01T10:00:00Z'] } });
add('ServiceRequest', { status: 'active', intent: 'order', subject: { reference: 'Patient/edge-p' },
  occurrenceTiming: { repeat: { boundsPeriod: { start: '2020-04-01', end: '2020-04-30' }, frequency: '#1#', period: '#2#', periodUnit: 'd' } } });
add('ServiceRequest', { status: 'active', intent: 'order', subject: { reference: 'Patient/edge-p' }, occurrenceTiming: { repeat: { frequency: '#1#', period: '#2#', periodUnit: 'd' } } });

// Texts: accents, ligatures, case that folds to more letters, signs that queries escape.
const FAMILIES = ['Zoë', 'zoe', 'ZOE', 'Strauß', 'STRAUSS', 'Ångström', 'Angstrom', 'Łódź', 'Søren', 'Đorđe', 'Œuvre', 'Þór', 'O\'Neil', 'De La Cruz', 'a,b', 'a|b', 'a$b', 'a\\b', 'a%b', 'a+b', 'a&b=c',
  'Ωmega', 'ΟΔΟΣ', 'οδός', 'ﬁne', '王小明', 'İstanbul', 'Zoë'];
for (const family of FAMILIES) add('Practitioner', { name: [{ family, given: ['Édith', 'q'], prefix: ['Dr.'], suffix: ['MD'] }] });
add('Location', { name: 'Main', alias: ['Haupthaus'], address: { text: 'Somewhere 1', line: ['2 High St'], city: 'Genève', district: 'Centre', state: 'GE', postalCode: '1201', country: 'CH' } });

// Tokens: systems that are missing, wrong, empty of codes; codes that differ by case; units; signs.
const CODINGS = [{ code: 'Edge' }, { system: 'http://edge.example/other', code: 'Edge' }, { system: 'http://edge.example/codes', code: 'edge' },
  { system: UCUM, code: 'mg' }, { system: UCUM, code: 'Mg' }, { system: 'http://edge.example/codes' }, { code: 'a|b' }, { code: 'a,b' }, { code: 'a$b' }, { code: 'a\\b' }, { code: 'with space' }];
for (const coding of CODINGS) observation({ valueCodeableConcept: { coding: [coding] } });
observation({ valueCodeableConcept: { text: 'only words' } });
observation({ valueCodeableConcept: { coding: [{ system: 'http://a.example', code: 'x' }, { system: 'http://b.example', code: 'y' }] } });
add('Patient', { identifier: [{ system: 'http://a.example', value: '1' }, { value: '2' }, { system: 'http://b.example', value: 'Ab-3' }], telecom: [{ system: 'phone', value: '+1 (555) 010' }], active: false });

// References, canonical ones with and without version.
add('QuestionnaireResponse', { status: 'completed', questionnaire: 'http://edge.example/Questionnaire/q|2.0', subject: { reference: 'Patient/edge-p/_history/3' } });
add('QuestionnaireResponse', { status: 'completed', questionnaire: 'http://edge.example/Questionnaire/q', subject: { reference: 'http://elsewhere.example/fhir/Patient/edge-p' } });
add('QuestionnaireResponse', { status: 'completed', questionnaire: 'http://edge.example/Questionnaire/q|3.0', subject: { identifier: { value: '1' }, type: 'Patient' } });
add('QuestionnaireResponse', { status: 'completed', subject: { reference: 'Patient?identifier=http://a.example|1' } });
add('QuestionnaireResponse', { status: 'completed', contained: [{ resourceType: 'Patient', id: 'in' }], subject: { reference: '#in' } });
add('QuestionnaireResponse', { status: 'completed', subject: { reference: 'urn:uuid:5c1a2b9e-0000-4000-8000-000000000001' }, source: { reference: 'urn:uuid:5c1a2b9e-0000-4000-8000-000000000001', type: 'Patient' } });
add('QuestionnaireResponse', { status: 'completed', subject: { reference: 'Group/edge-p' } });

// Orders: tokens that accents, case, a system and a place beyond the first plane tell apart; ends of periods that are open.
for (const value of ['a', 'É', 'é', 'e\u0301', 'Ez', 'f', 'ﬀ', '𝒜', 'ZZ']) add('Practitioner', { telecom: [{ value }], name: [{ text: value }] });
for (const [system, value] of [['http://b.example', 'X'], ['http://a.example', 'x'], [undefined, 'x'], ['http://a.example', undefined]]) add('Practitioner', { identifier: [{ system, value }] });
for (const [start, end] of [['2021'], [undefined, '2022'], ['2020-05', '2021-03'], [undefined, undefined]]) {
  add('CareTeam', { subject: { reference: 'Patient/edge-p' }, period: { start, end } });
}

// Resources without id, two of them of the same content.
lines.push(write({ resourceType: 'Flag', status: 'active', code: { coding: [{ code: 'noid' }] } }));
lines.push(write({ resourceType: 'Flag', status: 'active', code: { coding: [{ code: 'noid' }] } }));
lines.push(write({ resourceType: 'Flag', status: 'inactive', code: { coding: [{ code: 'noid' }] } }));

// What is sent again: restamped, changed, changed and changed back.
const again = (id, value, tag, lastUpdated) => write({ resourceType: 'Flag', id, meta: { lastUpdated, versionId: tag, source: `http://edge.example/${tag}`, tag: [{ code: tag }], profile: ['http://edge.example/p'] },
  status: 'active', code: { coding: [{ code: value }] } });
lines.push(again('restamped', 'one', 't1', '2020-01-01T00:00:00Z'), again('changed', 'one', 't1', '2020-01-01T00:00:00Z'), again('back', 'one', 't1', '2020-01-01T00:00:00Z'));
const later = [again('restamped', 'one', 't2', '2021-01-01T00:00:00Z'), again('changed', 'two', 't2', '2021-01-01T00:00:00Z'), again('back', 'two', 't2', '2021-01-01T00:00:00Z'), again('back', 'one', 't3', '2022-01-01T00:00:00Z')];

// A Bundle whose entries refer to one another by fullUrl.
const bundle = { resourceType: 'Bundle', type: 'transaction', entry: [
  { fullUrl: 'urn:uuid:5c1a2b9e-0000-4000-8000-000000000002', resource: { resourceType: 'Patient', id: 'edge-p', gender: 'unknown', birthDate: '1970-01' } },
  { fullUrl: 'http://elsewhere.example/fhir/Encounter/77', resource: { resourceType: 'Encounter', id: 'edge-e', status: 'finished', class: { code: 'AMB' }, subject: { reference: 'urn:uuid:5c1a2b9e-0000-4000-8000-000000000002' } } },
  { fullUrl: 'urn:uuid:5c1a2b9e-0000-4000-8000-000000000003', resource: { resourceType: 'Procedure', id: 'edge-pr', status: 'completed', subject: { reference: 'urn:uuid:5c1a2b9e-0000-4000-8000-000000000002' },
    encounter: { reference: 'http://elsewhere.example/fhir/Encounter/77' }, partOf: [{ reference: 'urn:uuid:5c1a2b9e-0000-4000-8000-00000000ffff' }], performedDateTime: '2020-02-29' } },
  { fullUrl: 'urn:uuid:5c1a2b9e-0000-4000-8000-000000000004', resource: { resourceType: 'Observation', status: 'final', code, derivedFrom: [{ reference: 'urn:uuid:5c1a2b9e-0000-4000-8000-000000000005' }] } },
  { fullUrl: 'urn:uuid:5c1a2b9e-0000-4000-8000-000000000005', resource: { resourceType: 'Observation', status: 'final', code, subject: { reference: 'urn:uuid:5c1a2b9e-0000-4000-8000-000000000002' },
    focus: [{ reference: 'urn:uuid:5c1a2b9e-0000-4000-8000-000000000004' }], note: [{ text: 'two\n\tlines' }] } },
  { resource: { resourceType: 'OperationOutcome', issue: [{ severity: 'information', code: 'informational' }] }, search: { mode: 'outcome' } },
  { request: { method: 'DELETE', url: 'Patient/gone' } }] };

writeFileSync(`${folder}1-edges.ndjson`, `${lines.join('\n')}\n`);
writeFileSync(`${folder}2-again.ndjson`, `${later.join('\n')}\n`);
writeFileSync(`${folder}3-bundle.json`, `${JSON.stringify(bundle)}\n`);
