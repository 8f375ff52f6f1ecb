import { isThisMachine } from './this-machine';

/** An origin that a careless comparison takes for another one. */
export interface NearOrigin {
  origin: string;
  /** The comparison. */
  mistake: string;
}

/**
 * Lists origins that look like this one and are others: one that begins with it, one that ends with it, another port.
 * Other ports and schemes of the own machine are left out, because a host may let all of them ask while it is developed.
 */
export function nearOrigins(allowed: string): NearOrigin[] {
  if (!/^https?:\/\//.test(allowed)) return [];
  const { protocol, hostname, port, origin } = new URL(allowed);
  const at = (name: string, end = port === '' ? '' : `:${port}`) => `${protocol}//${name}${end}`;
  const isHere = isThisMachine(hostname);
  const [, parent] = /^[^.]+\.(.*\..*)$/.exec(hostname) ?? [];
  const near: NearOrigin[] = [
    { origin: at(`${hostname}.evil.example`, ''), mistake: 'startsWith' },
    { origin: at(`${hostname}.evil.example`), mistake: 'includes' },
    { origin: at(`evil${hostname}`), mistake: 'endsWith' },
    { origin: at(`evil${hostname}.evil.example`), mistake: 'includes' },
    ...dotsOf(hostname).map((index) => ({
      origin: at(`${hostname.slice(0, index)}x${hostname.slice(index + 1)}`),
      mistake: 'a regular expression with a dot that is not escaped',
    })),
  ];
  const others: NearOrigin[] = [
    { origin: at(hostname, port === '8443' ? ':8444' : ':8443'), mistake: 'a comparison without the port' },
    {
      origin: `${protocol === 'https:' ? 'http' : 'https'}:${origin.slice(protocol.length)}`,
      mistake: 'a comparison without the scheme',
    },
    { origin: at(`evil.${hostname}`), mistake: 'a comparison that takes all subdomains' },
    ...[parent ?? []]
      .flat()
      .map((name) => ({ origin: at(`evil.${name}`), mistake: 'a comparison that takes all subdomains' })),
  ];
  const isOrigin = ({ origin: text }: NearOrigin) => URL.canParse(text) && new URL(text).origin === text;
  const all = new Map([...near, ...(isHere ? [] : others)].reverse().map((each) => [each.origin, each]));
  return [...all.values()].reverse().filter((each) => each.origin !== origin && isOrigin(each));
}

const dotsOf = (text: string) => [...text.matchAll(/\./g)].map(({ index }) => index);
