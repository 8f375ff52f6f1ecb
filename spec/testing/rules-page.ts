import type { TokenEndpointHost } from '../../lib/testing/suite-host';
import { listRules } from '../../lib/testing/suite-rules';
import { robot, signer, worker } from './faults/clients';
import { description, SECRET } from './faults/host';

/** Hosts that have, together, each rule and each reason to skip one. */
const HOSTS: readonly TokenEndpointHost[] = [
  {
    ...description,
    client: { clientId: 'web', clientSecret: SECRET },
    otherClient: worker,
    parsers: true,
    revokes: true,
  },
  { ...description, client: signer, otherClient: robot, dpop: 'required', refresh: 'leeway' },
  { ...description, client: { clientId: 'web', clientSecret: 'x' }, rotates: false },
  { rateLimit: false, accessToken: 'opaque', scope: 'notes:read' },
  {
    client: { clientId: 'web', clientSecret: SECRET },
    dpop: true,
    refresh: true,
    resources: ['https://a.example/', 'https://b.example/'],
  },
  { dpop: true },
  { dpop: true, tokenEndpoint: 'https://auth.example/oauth/token' },
  {},
];

const TITLES: Readonly<Record<string, string>> = {
  mounting: 'Mounting',
  'requests-that-must-be-refused': 'Requests that must be refused',
  codes: 'Codes',
  clients: 'Clients',
  dpop: 'DPoP',
  'refresh-tokens': 'Refresh tokens',
  browsers: 'Browsers',
  'proxies-and-limits': 'Proxies and limits',
};

const HEAD = `# The rules of the suite

\`describeTokenEndpoint\` tries these rules against your app. The guide [says how](guides/testing.md#the-whole-contract). Rules that fail for the
same reason stand together, with what to do then.
`;

/** What to do if a rule fails, and why it is skipped. */
interface Advice {
  todo: string;
  accepted: string | undefined;
  lacks: string[];
}

/** The rules of each section by their names. Where hosts differ in a rule, it has several pieces of advice. */
function collect(): Map<string, Map<string, Advice[]>> {
  const sections = new Map<string, Map<string, Advice[]>>();
  for (const { name, anchor, todo, accepted, lacks } of HOSTS.flatMap(listRules)) {
    const rules = sections.get(anchor) ?? new Map<string, Advice[]>();
    const known = rules.get(name) ?? [];
    const isSame = (each: Advice) => each.todo === todo && each.accepted === accepted;
    const advice = known.find(isSame) ?? { todo, accepted, lacks: [] };
    if (lacks !== undefined && !advice.lacks.includes(lacks)) advice.lacks.push(lacks);
    sections.set(anchor, rules.set(name, [...known.filter((each) => each !== advice), advice]));
  }
  return sections;
}

function write({ todo, accepted, lacks }: Advice): string {
  const lines = [`If it fails: ${todo}`];
  if (accepted !== undefined) lines.push(`If tokens were issued: ${accepted}`);
  if (lacks.length > 0) lines.push(`Skipped: ${lacks.join('; ')}.`);
  return lines.join('\n\n');
}

/** Writes the page docs/rules.md. */
export function renderRules(): string {
  const pieces = [HEAD];
  for (const [anchor, rules] of collect()) {
    pieces.push(`## [${TITLES[anchor]}](guides/testing.md#${anchor})\n`);
    const groups = new Map<string, string[]>();
    for (const [name, all] of rules) {
      const text = all.map(write).join('\n\n');
      groups.set(text, [...(groups.get(text) ?? []), `- ${name}`]);
    }
    for (const [text, names] of groups) pieces.push(`${names.join('\n')}\n\n${text}\n`);
  }
  return pieces.join('\n');
}
