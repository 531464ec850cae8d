// A map for the worker, as CommonJS.
module.exports = ({ n }) => ({ headers: { n: String(n) } });
