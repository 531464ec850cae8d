// The development agent's control API from other languages: each test logs through a real client and looks at what came.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startDevAgent } from 'flume-dev-agent';
import { builtFolder } from '../flume/built-folder.ts';
import { flumeClasspath, installFlume, javaTool } from '../flume/maven.ts';
import { generatedPython } from './python-client.ts';
import { python, requireInstalled } from './requirements.ts';

const run = promisify(execFile);
const here = import.meta.dirname;

describe('the control API', () => {
  before(async () => {
    requireInstalled();
    await installFlume('1.11.0');
  });

  it('from Python, with the Thrift library', async () => {
    await using agent = await startDevAgent({ port: 0, ui: 0 });
    const script = path.join(here, 'python/look_at_events.py');
    const ports = [`${agent.port}`, `${agent.uiPort}`];
    await run(python, ['-B', script, await generatedPython(), ...ports], { timeout: 30_000 });
    assert.equal(agent.received, 4);
  });

  it("from Java, with Flume's own client", async () => {
    await using agent = await startDevAgent({ port: 0, ui: 0 });
    const source = path.join(here, 'java/LookAtEvents.java');
    const classpath = flumeClasspath('1.11.0');
    const classes = await builtFolder('look-at-events', [source], (folder) =>
      run(javaTool('javac'), ['-nowarn', '-d', folder, '-cp', classpath, source]),
    );
    const logging = path.join(here, '../flume/logging');
    const flags = ['-cp', [classes, logging, classpath].join(path.delimiter), 'LookAtEvents'];
    await run(javaTool('java'), [...flags, `${agent.port}`, `${agent.uiPort}`], { timeout: 60_000 });
    assert.equal(agent.received, 3);
  });
});
