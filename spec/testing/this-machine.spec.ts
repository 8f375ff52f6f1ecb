import { isThisMachine } from '../../lib/testing/this-machine';

/** The name of the host in a URL, as a URL parser writes it. */
const hostOf = (authority: string) => new URL(`http://${authority}/oauth/token`).hostname;

describe('isThisMachine', () => {
  it.each([
    'localhost',
    'LOCALHOST:3000',
    'app.localhost',
    'one.app.localhost',
    '127.0.0.1',
    '127.0.0.10',
    '127.100.0.1',
    '127.0.123.1',
    '127.1',
    '[::1]',
    '[0:0:0:0:0:0:0:1]:3000',
  ])('is true for %s', (authority) => {
    expect(isThisMachine(hostOf(authority))).toBe(true);
  });

  it.each([
    ['begins with localhost', 'localhost.example'],
    ['ends with localhost, without a dot', 'evil-localhost'],
    ['is a domain with an empty name before localhost', '.localhost'],
    ['is an address outside of 127.0.0.0/8', '128.0.0.1'],
    ['has 127 in another place', '10.127.0.1'],
    ['begins with an address of this machine', '127.0.0.1.example'],
    ['has an address of this machine in its middle', 'a.127.0.0.1.example'],
    ['is another address of IPv6', '[::2]'],
    ['ends like this machine in IPv6', '[2001:db8::1]'],
    ['is all addresses of a machine', '0.0.0.0'],
  ])('is false for a host that %s', (_what, authority) => {
    expect(isThisMachine(hostOf(authority))).toBe(false);
  });
});
