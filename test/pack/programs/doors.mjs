// Each door that is an argument by import and by require(), in one process; prints what they have.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
// CommonJS' own, and what Node adds to show it to import.
const own = ['__esModule', 'module.exports'];
const names = (exports) => Object.keys(exports).filter((name) => !own.includes(name));

for (const door of process.argv.slice(2)) {
  const imported = await import(door);
  const required = require(door);
  const different = names(required).filter((name) => imported[name] !== required[name]);
  console.log(JSON.stringify({ door, imported: names(imported).sort(), required: names(required).sort(), different }));
}
