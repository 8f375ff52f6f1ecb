import { createHost, description } from './faults/host';
import { APP, dpop, inspect } from './inspected-host';
import { runSuiteRule, type Tamper, tamperWith } from './tampering';

const ORIGIN = 'Access-Control-Allow-Origin';
const FIELDS = 'Access-Control-Allow-Headers';
const METHODS = 'Access-Control-Allow-Methods';
const CREDENTIALS = 'Access-Control-Allow-Credentials';
const EXPOSED = 'Access-Control-Expose-Headers';

type Fields = Record<string, string>;

/** What the doctor says of a host with these fields in its preflights and answers. */
async function lacksOf(preflight: Fields, answer: Fields): Promise<string> {
  const findings = await inspect(
    {
      router: dpop(),
      before: (app) =>
        app.use((req, res, next) => {
          const isPreflight = req.method === 'OPTIONS';
          res.set(isPreflight ? preflight : answer);
          if (isPreflight) res.status(204).end();
          else next();
        }),
    },
    { origins: [APP], ignore: ['origin_unrestricted'] },
  );
  const says = /^Pages of \S+ cannot use the endpoint: (.*)\. Write allowedOrigins/;
  return findings.map(([, message]) => says.exec(String(message))?.[1] ?? message).join();
}

/** What the suite says of the same. */
async function failureOf(rule: string, fields: Fields): Promise<string | undefined> {
  const tamper: Tamper = (_index, answer) => {
    const own = Object.entries(answer.headers).filter(([name]) => !name.startsWith('access-control-'));
    return { ...answer, headers: { ...Object.fromEntries(own), ...fields } };
  };
  const name = `lets pages of ${APP} ${rule}`;
  return (await runSuiteRule(name, description, () => tamperWith(createHost(), tamper).bench)).split('\n')[0];
}

const NAMES = 'content-type,authorization,dpop';
const ALL = { [ORIGIN]: '*', [FIELDS]: NAMES, [EXPOSED]: 'DPoP-Nonce' };

describe('A preflight lets pages send', () => {
  it.each<[string, Fields, string[]]>([
    ['all but Authorization, where all fields are allowed', { [FIELDS]: '*' }, ['authorization']],
    ['all fields, where Authorization stands beside the asterisk', { [FIELDS]: '*, Authorization' }, []],
    ['all fields, where the asterisk stands in the middle', { [FIELDS]: 'AUTHORIZATION\t, *,X-Other' }, []],
    ['all but Authorization, where another name stands beside the asterisk', { [FIELDS]: 'dpop,*' }, ['authorization']],
    [
      'what is named, where an asterisk is part of a name',
      { [FIELDS]: 'authorization,dpop*' },
      ['content-type', 'dpop'],
    ],
    ['what is named, in other letters', { [FIELDS]: 'CONTENT-TYPE,Authorization , DPoP' }, []],
    [
      'only what is named, where pages may send credentials',
      { [ORIGIN]: APP, [CREDENTIALS]: 'true', [FIELDS]: '*,Authorization' },
      ['content-type', 'dpop'],
    ],
    [
      'all that is named, where pages may send credentials',
      { [ORIGIN]: APP, [CREDENTIALS]: 'true', [FIELDS]: NAMES },
      [],
    ],
    [
      'all fields, where no origin is named, so that no page can send credentials',
      { [CREDENTIALS]: 'true', [FIELDS]: '*,Authorization' },
      [],
    ],
    [
      'all fields, where credentials are allowed in a word that browsers do not know',
      { [ORIGIN]: APP, [CREDENTIALS]: 'TRUE', [FIELDS]: '*,Authorization' },
      [],
    ],
    ['all fields, where their own origin is named', { [ORIGIN]: APP, [FIELDS]: '*,Authorization' }, []],
    ['a POST, whatever methods are allowed', { [METHODS]: 'GET' }, []],
    ['a POST, where all methods are allowed', { [METHODS]: '*' }, []],
  ])('%s', async (_what, different, missing) => {
    const preflight = { ...ALL, ...different };
    const says = missing.map((name) => `the preflight does not allow the field ${name}`).join('; ');
    expect(await lacksOf(preflight, ALL)).toBe(says);
    const fails = missing.length === 0 ? 'passed' : `The preflight does not allow ${missing.join(', ')}.`;
    expect(await failureOf('ask', preflight)).toBe(fails);
  });
});

describe('An answer lets pages read', () => {
  it.each<[string, Fields, boolean]>([
    ['the nonce, where all fields are exposed', { [EXPOSED]: '*' }, true],
    ['the nonce, where all fields are exposed beside a name', { [EXPOSED]: 'Retry-After , *' }, true],
    ['the nonce, where it is named in other letters', { [EXPOSED]: 'retry-after,DPOP-NONCE' }, true],
    ['no nonce, where an asterisk is part of a name', { [EXPOSED]: 'dpop-*' }, false],
    [
      'no nonce, where pages may send credentials and it is not named',
      { [ORIGIN]: APP, [CREDENTIALS]: 'true', [EXPOSED]: '*' },
      false,
    ],
    [
      'the nonce, where pages may send credentials and it is named',
      { [ORIGIN]: APP, [CREDENTIALS]: 'true', [EXPOSED]: '*,DPoP-Nonce' },
      true,
    ],
  ])('%s', async (_what, different, isExposed) => {
    const answer = { ...ALL, ...different };
    expect(await lacksOf(ALL, answer)).toBe(isExposed ? '' : 'answers do not expose DPoP-Nonce');
    expect(await failureOf('read answers and refusals', answer)).toBe(
      isExposed ? 'passed' : 'DPoP-Nonce is not exposed: a DPoP login in a browser ends at the first nonce.',
    );
  });
});
