// Java's Thrift library, several versions of it, and the servers of java/ compiled with each.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { builtFolder } from '../flume/built-folder.ts';
import { copyDependencies, javaTool } from '../flume/maven.ts';

/** Flume 1.9's, Flume 1.11's, and the newest on Maven Central. */
export const libthriftVersions = ['0.9.3', '0.14.1', '0.25.0'] as const;

export type LibthriftVersion = (typeof libthriftVersions)[number];

/** The class path with the servers; fetches and compiles what the cache does not have. */
export async function installLibthrift(version: LibthriftVersion): Promise<string> {
  const lib = await builtFolder(`libthrift-${version}`, [pom], (folder) =>
    copyDependencies({ pom, profile: `libthrift-${version}`, what: `libthrift ${version}`, folder }),
  );
  const jars = path.join(lib, '*');
  const sources = [...common, version === '0.25.0' ? current : shipped];
  const classes = await builtFolder(`servers-${version}`, [pom, idl, ...sources], async (folder) => {
    const structs = version === '0.25.0' ? await generateStructs(folder) : [];
    await run(javaTool('javac'), ['-nowarn', '-encoding', 'UTF-8', '-d', folder, '-cp', jars, ...sources, ...structs]);
  });
  return [classes, jars].join(path.delimiter);
}

/** Generates from the IDL, in the package that Flume's own classes have, and returns the files of the structs alone. */
async function generateStructs(folder: string): Promise<string[]> {
  const generated = path.join(folder, 'generated');
  mkdirSync(generated);
  const named = path.join(generated, 'flume.thrift');
  writeFileSync(named, `namespace java org.apache.flume.thrift\n${readFileSync(idl, 'utf8')}`);
  await run('thrift', ['--gen', 'java:generated_annotations=suppress', '-out', generated, named]);
  return ['ThriftFlumeEvent', 'Status'].map((name) => path.join(generated, 'org/apache/flume/thrift', `${name}.java`));
}

const run = promisify(execFile);
const here = (name: string) => path.join(import.meta.dirname, name);

const pom = here('pom.xml');
const idl = here('../../idl/flume.thrift');
const common = [here('java/ThriftServers.java'), here('java/Recorder.java')];
const shipped = here('java/shipped/SourceService.java');
const current = here('java/current/SourceService.java');
