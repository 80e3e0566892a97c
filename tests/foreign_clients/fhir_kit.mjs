// What fhir-kit-client does with the server, told as one JSON object; run by test_fhir_kit.py.
import { pathToFileURL } from 'node:url';

const [folder, baseUrl, patient] = process.argv.slice(2);
const library = `${pathToFileURL(folder).href}/node_modules/fhir-kit-client/dist/index.js`;
const { Client, CapabilityTool } = await import(library);
const client = new Client({ baseUrl, bearerToken: process.env.TOKEN });

const RPPS = 'urn:oid:1.2.250.1.71.4.2.1';
const resourceType = 'Practitioner';
const status = (answer) => Client.httpFor(answer).response.status;
const refused = async (what) => what.then(() => null, (error) => [error.response.status, error.response.data.resourceType]);
const practitioner = (number) => ({
  resourceType, active: true, identifier: [{ system: RPPS, value: `8997000${String(number).padStart(5, '0')}` }],
  name: [{ family: 'Lécuyer', given: ['Anaïs'] }],
});
const pages = async (searchParams, type = resourceType, options = {}) => {
  const found = [];
  let bundle = await client.search({ resourceType: type, searchParams, options });
  while (bundle) {
    found.push((bundle.entry ?? []).map((entry) => entry.resource.id));
    bundle = await client.nextPage({ bundle });
  }
  return found;
};

const told = {};
const made = await client.create({ resourceType, body: practitioner(1) });
told.created = [status(made), made.meta.versionId, made.name[0].family];
told.read = (await client.read({ resourceType, id: made.id })).name[0].given[0];
const updated = await client.update({ resourceType, id: made.id, body: { ...made, gender: 'female' } });
told.updated = [status(updated), updated.meta.versionId, updated.gender];
const jsonPatch = [{ op: 'replace', path: '/active', value: false }];
const patched = await client.patch({ resourceType, id: made.id, jsonPatch });
told.patched = [status(patched), patched.meta.versionId, patched.active];
told.vread = (await client.vread({ resourceType, id: made.id, version: '1' })).active;
told.history = (await client.history({ resourceType, id: made.id })).entry.map((entry) => entry.resource.meta.versionId);

const options = { headers: { 'If-None-Exist': `identifier=${RPPS}|899700000001` } };
const again = await client.create({ resourceType, body: practitioner(1), options });
told.conditional = [status(again), again.id === made.id];
const searchParams = { identifier: `${RPPS}|899700000008` };
const first = await client.update({ resourceType, searchParams, body: practitioner(8) });
const second = await client.update({ resourceType, searchParams, body: practitioner(8) });
told.conditionalUpdate = [status(first), status(second), first.id === second.id];

const ids = [made.id];
for (let number = 2; number < 8; number += 1) ids.push((await client.create({ resourceType, body: practitioner(number) })).id);
ids.push(first.id);
const got = await pages({ family: 'lécuyer', _count: 3, _sort: 'identifier' });
told.pages = [got.map((page) => page.length), JSON.stringify(got.flat()) === JSON.stringify(ids)];
told.posted = (await pages({ family: 'lecuyer' }, resourceType, { postSearch: true })).flat().length;
const documents = { 'patient.identifier': patient, status: 'current', _count: 2 };
told.documents = (await pages(documents, 'DocumentReference')).flat();

await client.delete({ resourceType, id: made.id });
told.deleted = [await refused(client.read({ resourceType, id: made.id })), (await pages({ _id: made.id })).flat()];
told.refused = await refused(client.create({ resourceType, body: { ...practitioner(9), gender: 'unheard-of' } }));
told.validated = (await client.operation({ name: '$validate', resourceType, input: practitioner(9) })).resourceType;

const tool = new CapabilityTool(await client.capabilityStatement());
told.capability = ['create', 'read', 'update', 'patch', 'delete', 'search-type'].every((code) => tool.resourceCan(resourceType, code));
told.notCapable = tool.resourceCan('List', 'create');

const full = 'urn:uuid:8d5b1c2e-5d0c-4a3f-9a3a-0f6c7a2b1d11';
const role = { resourceType: 'PractitionerRole', practitioner: { reference: full } };
const entry = [
  { fullUrl: full, resource: practitioner(10), request: { method: 'POST', url: 'Practitioner' } },
  { resource: role, request: { method: 'POST', url: 'PractitionerRole' } },
];
const answer = await client.transaction({ body: { resourceType: 'Bundle', type: 'transaction', entry } });
told.transaction = answer.entry.map((one) => one.response.status.slice(0, 3));
const [kept] = (await client.search({ resourceType: 'PractitionerRole', searchParams: {} })).entry;
told.resolved = (await client.resolve({ reference: kept.resource.practitioner.reference })).name[0].family;

console.log(JSON.stringify(told));
