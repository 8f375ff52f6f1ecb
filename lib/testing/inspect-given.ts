import { isIP } from 'node:net';
import { adviseOnUnknown, describeMistake, describeUnknown, throwMistakes } from '../mistakes';
import { adviseOnOrigin, isOrigin } from '../options/origins';
import { FINDING_CODES, type InspectOptions } from './inspect-codes';

const OPTIONS = ['nodes', 'proxies', 'origins', 'path', 'router', 'ignore'] as const satisfies (keyof InspectOptions)[];

const isCount = (value: unknown, least: number) => Number.isSafeInteger(value) && Number(value) >= least;

/**
 * Throws one error that lists every mistake in the options of the doctor: a wrong name would switch a check off.
 *
 * @throws TypeError if there is one.
 */
export function checkInspectOptions(options: InspectOptions): void {
  throwMistakes('inspectTokenRouter', listMistakes(options));
}

function* listMistakes(options: InspectOptions): Generator<string> {
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name as never)) yield describeUnknown([name], OPTIONS);
  }
  const { nodes = 1, proxies = 0, origins = [], path = '/', ignore = [] } = options;
  if (!isCount(nodes, 1)) {
    yield describeMistake(['nodes'], nodes, 'Write how many processes serve the endpoint, such as 2.');
  }
  if (!isCount(proxies, 0) && !isListOfAddresses(proxies)) {
    yield describeMistake(
      ['proxies'],
      proxies,
      "Write how many proxies there are, such as 1, or an array of their IP addresses, such as ['10.0.0.1'].",
    );
  }
  if (!Array.isArray(origins)) yield describeMistake(['origins'], origins, "Write an array: ['https://app.example'].");
  else for (const [index, origin] of origins.entries()) yield* listOriginMistakes(index, origin);
  if (typeof path !== 'string' || !/^\/[^?#]*$/.test(path)) {
    yield describeMistake(['path'], path, "Write the path alone, such as '/oauth/token'.");
  }
  if (!Array.isArray(ignore)) yield describeMistake(['ignore'], ignore, "Write an array: ['memory_store'].");
  else {
    for (const [index, code] of ignore.entries()) {
      if (!FINDING_CODES.includes(code)) {
        yield describeMistake(['ignore', index], code, adviseOnUnknown(String(code), FINDING_CODES));
      }
    }
  }
}

const isListOfAddresses = (value: unknown) =>
  Array.isArray(value) && value.every((each) => typeof each === 'string' && isIP(each) !== 0);

function* listOriginMistakes(index: number, origin: unknown): Generator<string> {
  if (typeof origin === 'string' && isOrigin(origin)) return;
  const isPattern = typeof origin !== 'string' || origin.includes('*');
  yield describeMistake(
    ['origins', index],
    origin,
    isPattern ? "Write an origin as browsers send it, such as 'https://app.example'." : adviseOnOrigin(origin),
  );
}
