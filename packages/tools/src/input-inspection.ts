// flume-send --inspect: prints the events that would be sent, a line of TSimpleJSON for each, and sends nothing.

import { once } from 'node:events';
import { headersOf, note, simpleJson } from 'flume-thrift-client/commands';
import type { InputLine } from './input-line.ts';
import { InputReader, refusalText } from './input-reader.ts';
import type { SendInput } from './send-inputs.ts';

export interface InspectionOptions {
  /** Headers that every event gets; they win over its own. */
  readonly headers: Readonly<Record<string, string>>;
  readonly fileHeader: string | undefined;
}

/** @returns the exit status: 1 where an input could not be read, or has lines that are no events */
export async function inspectInputs(
  command: string,
  inputs: readonly SendInput[],
  line: InputLine,
  { headers, fileHeader }: InspectionOptions,
): Promise<number> {
  const { stdout } = process;
  let hasReader = true;
  let status = 0;
  stdout.on('error', () => {
    hasReader = false;
  });
  for (const input of inputs) {
    const reader = new InputReader(input, line, fileHeader);
    try {
      for await (const events of reader.events()) {
        const lines = events.map(({ headers: own, body }) =>
          simpleJson({ headers: { ...headersOf(own), ...headers }, body: Buffer.from(body as string) }),
        );
        // A drain that never comes, since the reader left meanwhile, rejects.
        if (lines.length > 0 && !stdout.write(lines.join(''))) await once(stdout, 'drain').catch(() => {});
        if (!hasReader) return status;
      }
    } catch (error) {
      status = 1;
      note(command, `${input.name}: ${(error as Error).message}`);
    }
    if (reader.firstRefusal === undefined) continue;
    status = 1;
    note(command, `${input.name}: ${refusalText(reader.refused, reader.firstRefusal)}`);
  }
  return status;
}
