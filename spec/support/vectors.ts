import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Data that others made and this repository keeps no copy of: in the folder of `VECTORS`, or in `shared/vectors` beside it. */
const ROOT = process.env.VECTORS ?? join(__dirname, '../../../shared/vectors');

/** `describe` for specs that need such data. Where it is missing they do not run, and the end of the run says so. */
export function describeWithVectors(name: string, title: string, body: (folder: string) => void): void {
  const folder = join(ROOT, name);
  if (existsSync(folder)) {
    describe(title, () => body(folder));
    return;
  }
  describe(title, () => {
    test.todo(
      `NOT RUN: the vectors of ${name} are missing (clone C2SP/wycheproof, copy its testvectors_v1 to $VECTORS/${name})`,
    );
  });
}
