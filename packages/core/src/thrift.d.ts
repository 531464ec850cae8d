declare module 'thrift/lib/nodejs/lib/thrift/thrift.js' { const t: { Type: { STRING: number } }; export default t; }
