/** Calls `{ name, argument }` of the process at the other end, one at a time. */
export function createCaller(child, title) {
  return (name, argument) =>
    new Promise((resolve, reject) => {
      const end = (settle, value) => {
        child.off('message', answered);
        child.off('exit', gone);
        settle(value);
      };
      const answered = ({ result, error }) =>
        error === undefined ? end(resolve, result) : end(reject, new Error(`${title}: ${error}`));
      const gone = (code) => end(reject, new Error(`${title}: the process ended with ${code}`));
      child.on('message', answered);
      child.on('exit', gone);
      child.send({ name, argument });
    });
}

/** Answers the calls of the process that started this one, and ends with it. */
export function serveCalls(handlers) {
  process.on('message', async ({ name, argument }) => {
    try {
      process.send({ result: await handlers[name](argument) });
    } catch (thrown) {
      process.send({ error: thrown.stack });
    }
  });
  process.on('disconnect', () => process.exit());
}
