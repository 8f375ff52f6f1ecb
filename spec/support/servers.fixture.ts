import { describeWith } from './servers';

// What spec/support/servers.spec.ts runs where there is no server.
describeWith('redis-server', 'What Redis keeps', () => {
  test('is kept', () => undefined);
});

describeWith(['redis-server', 'postgres'], 'What both keep', () => {
  test('is kept', () => undefined);
});

test('What needs no server runs', () => console.log('what a spec prints that passes'));
