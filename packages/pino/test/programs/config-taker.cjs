// Another target, which expects pino's config and takes it as soon as it is loaded.
const build = require('pino-abstract-transport');

module.exports = () => build((lines) => lines.resume(), { expectPinoConfig: true });
