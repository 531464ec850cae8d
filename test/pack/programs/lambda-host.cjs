// Calls a function as AWS Lambda does: loaded once, called again and again; the process is ended from outside.
async function main(file) {
  const { handler } = await import(file);
  for (const id of [1, 2]) await handler({ id });
  process.exit();
}

void main(process.argv[2]);
