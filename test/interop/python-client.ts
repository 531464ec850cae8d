// Thrift's Python library as a peer: runs python/send_events.py with code generated from the IDL.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { builtFolder } from '../flume/built-folder.ts';
import { type ReceivedCall, received } from './exchange.ts';
import { python } from './requirements.ts';

const idl = path.join(import.meta.dirname, '../../idl/flume.thrift');
const script = path.join(import.meta.dirname, 'python/send_events.py');
const run = promisify(execFile);

export interface PythonEndpoint {
  readonly port?: number | undefined;
  readonly path?: string | undefined;
  /** The file of the certificate that the client trusts, over TLS. */
  readonly caFile?: string | undefined;
}

/** Resolves with the folder of the code that the Thrift compiler makes of the IDL. */
export const generatedPython = (): Promise<string> => {
  return builtFolder('python-code', [idl], (folder) => run('thrift', ['--gen', 'py', '-out', folder, idl]));
};

/** Resolves when Python was answered OK twice; rejects with what it printed when not. */
export async function sendFromPython(protocol: string, transport: string, endpoint: PythonEndpoint): Promise<void> {
  const generated = await generatedPython();
  const { port, path: socket, caFile } = endpoint;
  const where =
    socket !== undefined ? ['unix', socket] : caFile === undefined ? ['tcp', `${port}`] : ['tls', `${port}`, caFile];
  // Without the caches of compiled modules: one would be written beside the generated code.
  await run(python, ['-B', script, generated, protocol, transport, ...where], { timeout: 30_000 });
}

/** The calls that the script makes. */
export const pythonCalls: readonly ReceivedCall[] = [
  { method: 'append', events: [received({ headers: { a: 'hello' }, body: Buffer.from('world') })] },
  {
    method: 'appendBatch',
    events: Array.from({ length: 100 }, (_, n) =>
      received({
        headers: { n: `${n}`, ключ: 'é € 😀 "\n' },
        body: Buffer.concat([Buffer.from(`wörld ${n} `), Buffer.from(Array.from({ length: n }, (_, byte) => byte))]),
      }),
    ),
  },
];
