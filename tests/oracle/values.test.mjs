// What a resource offers, from small resources written for the purpose.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { existsSync } from 'node:fs';
import { parseDate } from './dates.mjs';
import { fold } from './fold.mjs';
import { parse } from './json.mjs';
import { Parameters, branchesFor, rewrite, splitOutside } from './params.mjs';
import { valuesOf } from './values.mjs';

const definitions = process.env.CHARTKEEP_FHIR
  ? `${process.env.CHARTKEEP_FHIR}/definitions`
  : new URL('../../../shared/fhir/definitions', import.meta.url).pathname;
assert.ok(existsSync(definitions), `no definitions at ${definitions}`);
const parameters = new Parameters(definitions);

function offered(text, links = new Map()) {
  const resource = parse(text);
  return valuesOf({ name: '', resource, links }, parameters);
}

const codes = (offer, code) => (offer.get(code)?.values ?? []).map((value) => value.code);

test('expressions are taken apart and rewritten', () => {
  assert.deepEqual(splitOutside("a.where(x='p|q') | (b | c)", '|'), ["a.where(x='p|q')", '(b | c)']);
  assert.equal(rewrite('(Observation.value as Quantity)'), 'Observation.value.ofType(Quantity)');
  assert.equal(rewrite('Condition.onset.as(Age)'), 'Condition.onset.ofType(Age)');
  assert.equal(rewrite('(A.b as CodeableConcept).text'), 'A.b.ofType(CodeableConcept).text');
  assert.equal(rewrite('A.b.where(resolve() is Patient)'), "A.b.where(refersTo('Patient'))");
  assert.deepEqual(branchesFor('Patient.name | Person.name', 'Person'), ['Person.name']);
  assert.deepEqual(branchesFor('name | alias', 'InsurancePlan'), ['name', 'alias']);
  assert.deepEqual(branchesFor('Resource.id', 'Bundle'), ['Resource.id']);
});

test('the table holds every kind and unites the guides with R4', () => {
  assert.deepEqual(parameters.of('MedicationKnowledge').get('drug-name').branches, ['MedicationKnowledge.code.coding.display', 'synonym']);
  assert.equal(parameters.of('Patient').get('race').kind, 'token');
  assert.equal(parameters.of('Observation').get('combo-code-value-quantity').components.length, 2);
  assert.equal(parameters.of('Patient').get('_lastUpdated').kind, 'date');
  assert.equal(parameters.of('Location').has('near'), false);
  assert.equal(parameters.systems.get('Patient.gender'), 'http://hl7.org/fhir/administrative-gender');
});

test('an observation', () => {
  const offer = offered(`{"resourceType":"Observation","id":"a","status":"final",
    "code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}],"text":"Blood pressure"},
    "subject":{"reference":"urn:uuid:1"},"encounter":{"reference":"#inner"},
    "effectivePeriod":{"start":"2020-01-01"},
    "component":[
      {"code":{"coding":[{"code":"sys"}]},"valueQuantity":{"value":120.0,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},
      {"code":{"coding":[{"code":"dia"}]},"valueQuantity":{"value":80,"comparator":"<","code":"mm[Hg]"}}]}`,
  new Map([['urn:uuid:1', 'Patient/p']]));
  assert.deepEqual(offer.get('patient').values, [{ local: 'Patient/p' }]);
  assert.deepEqual(offer.get('encounter').values, []);
  assert.deepEqual(offer.get('date').values[0].lo, parseDate('2020').lo);
  assert.deepEqual(codes(offer, 'combo-code'), ['85354-9', 'sys', 'dia']);
  assert.equal(offer.get('status').values[0].system, 'http://hl7.org/fhir/observation-status');
  const [systolic, diastolic] = offer.get('component-value-quantity').values;
  assert.equal(systolic.set.low.toString(), '120.0');
  assert.deepEqual([diastolic.set.low, diastolic.set.highOpen], [null, true]);
  // Components stay with their codes.
  const pairs = offer.get('component-code-value-quantity').values
    .map(([[{ code }], [{ set }]]) => [code, set.high.toString()]);
  assert.deepEqual(pairs, [['sys', '120.0'], ['dia', '80']]);
  assert.equal(offer.has('value-quantity'), false);
});

test('names, addresses, contacts, flags', () => {
  const offer = offered(`{"resourceType":"Patient","id":"a","active":true,"deceasedDateTime":"2020",
    "name":[{"text":"Dr Zoë Ng","family":"Ng","given":["Zoë","Q"],"prefix":["Dr"],"use":"official"}],
    "address":[{"line":["1 Main St"],"city":"Salem","use":"home"}],
    "telecom":[{"system":"phone","value":"555"},{"system":"email","value":"z@ng.example"}],
    "generalPractitioner":[{"reference":"Organization/o","display":"x"}],
    "extension":[{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",
      "extension":[{"url":"ombCategory","valueCoding":{"system":"s","code":"2106-3"}},{"url":"text","valueString":"White"}]}]}`);
  assert.deepEqual(offer.get('name').values, ['Dr Zoë Ng', 'Ng', 'Zoë', 'Q', 'Dr']);
  assert.deepEqual(offer.get('address').values, ['1 Main St', 'Salem']);
  assert.deepEqual(codes(offer, 'phone'), ['555']);
  assert.deepEqual(codes(offer, 'telecom'), ['555', 'z@ng.example']);
  assert.deepEqual(codes(offer, 'active'), ['true']);
  assert.deepEqual(codes(offer, 'deceased'), ['true']);
  assert.deepEqual(codes(offer, 'race'), ['2106-3']);
  assert.deepEqual(codes(offered('{"resourceType":"Patient","id":"a"}'), 'deceased'), ['false']);
});

test('references and where(resolve() is ...) by the text', () => {
  const patientOf = (reference, links) => offered(
    `{"resourceType":"Condition","id":"a","subject":${reference},"contained":[{"resourceType":"Patient","id":"p"}]}`, links).get('patient')?.values;
  assert.deepEqual(patientOf('{"reference":"Patient/1/_history/2"}'), [{ local: 'Patient/1' }]);
  assert.deepEqual(patientOf('{"reference":"http://a.example/fhir/Patient/1"}'), [{ other: 'http://a.example/fhir/Patient/1' }]);
  assert.deepEqual(patientOf('{"reference":"Patient?identifier=x|1"}'), [{ other: 'Patient?identifier=x|1' }]);
  assert.deepEqual(patientOf('{"reference":"urn:uuid:2","type":"Patient"}'), [{ other: 'urn:uuid:2' }]);
  assert.deepEqual(patientOf('{"identifier":{"value":"1"},"type":"Patient"}'), []);
  assert.deepEqual(patientOf('{"reference":"#p"}'), []);
  assert.equal(patientOf('{"reference":"Group/1"}'), undefined);
  assert.equal(patientOf('{"reference":"urn:uuid:2"}'), undefined);
  assert.deepEqual(patientOf('{"reference":"urn:uuid:9"}', new Map([['urn:uuid:9', 'Patient/9']])), [{ local: 'Patient/9' }]);
});

test('tokens of codes, ids and versions of canonicals', () => {
  const offer = offered(`{"resourceType":"MedicationRequest","id":"A","status":"active","intent":"order",
    "meta":{"profile":["http://a.example/p|2.0","http://a.example/q"]}}`);
  assert.deepEqual(offer.get('_profile').values, ['http://a.example/p|2.0', 'http://a.example/p', 'http://a.example/q']);
  assert.equal(offer.get('status').values[0].system, 'http://hl7.org/fhir/CodeSystem/medicationrequest-status');
  const study = offered('{"resourceType":"ImagingStudy","id":"A","status":"available","series":[{"uid":"1.2.X"}]}');
  assert.equal(study.get('series').values[0].form, 'id');
  const document = offered('{"resourceType":"DocumentReference","id":"a","relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/b"}}]}');
  const [[[target], [relation]]] = document.get('relationship').values;
  assert.deepEqual([target.local, relation.code], ['DocumentReference/b', 'replaces']);
});

test('texts are folded', () => {
  assert.equal(fold('ÅNGSTRÖM'), 'angstrom');
  assert.equal(fold('ﬁne'), 'fine');
  assert.equal(fold('İstanbul'), 'istanbul');
  assert.equal(fold('Łódź'), 'lodz');
});
