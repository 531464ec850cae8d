// The folder of the page's files, which the build puts there. A file of its own, in CommonJS: it knows where it is, however
// the rest of the package is bundled.
module.exports = require('node:path').join(__dirname, '../dist/page');
