// A map for the worker, as an ES module.
export default ({ n, msg }) => (n % 2 === 0 ? { headers: { n: String(n) }, body: msg } : null);
