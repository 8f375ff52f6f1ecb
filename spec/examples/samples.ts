import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (path: string) => readFileSync(join(__dirname, '../..', path), 'utf8');
const flat = (text: string) => text.replace(/\s+/g, ' ').trim();

/** Every sample of a guide stands in the server of the example of the same name. */
export function expectSamples(name: string): void {
  const source = flat(read(`examples/${name}/server.js`));
  const samples = [...read(`docs/guides/${name}.md`).matchAll(/^```js from=\S+\n(.*?)^```$/gms)].map(([, text]) =>
    String(text),
  );
  expect(samples.length).toBeGreaterThan(0);
  for (const sample of samples) expect(source).toContain(flat(sample));
}
