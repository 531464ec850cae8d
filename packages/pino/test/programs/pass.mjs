// A transport for a pipeline: hands on what it gets.
import { PassThrough } from 'node:stream';

export default () => new PassThrough();
