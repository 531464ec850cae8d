import thrift from 'thrift/lib/nodejs/lib/thrift/thrift.js';
export const x: number = thrift.Type.STRING;
