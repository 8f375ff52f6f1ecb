// Three users in memory. Their passwords stand on the login page, and are kept as they should be all the same.
const { randomBytes, scrypt, timingSafeEqual } = require('node:crypto');
const { promisify } = require('node:util');

const derive = promisify(scrypt);
const demoUsers = [
  { id: 'ada', name: 'Ada Marlow', email: 'ada@demo.example', password: 'tin-kettle' },
  { id: 'ben', name: 'Ben Okafor', email: 'ben@demo.example', password: 'paper-lantern' },
  // Cleo has new terms to accept: prompt=none is answered with interaction_required until she has.
  { id: 'cleo', name: 'Cleo Brandt', email: 'cleo@demo.example', password: 'green-harbour', hasNewTerms: true },
];

async function hash(password, salt = randomBytes(16)) {
  return { salt, digest: await derive(password, salt, 32) };
}

const users = new Map();
const ready = Promise.all(
  demoUsers.map(async ({ password, ...user }) => users.set(user.id, { ...user, password: await hash(password) })),
);
const nobody = ready.then(() => hash(randomBytes(16)));

/** The user with this name and password, or `null`. Takes as long for a name that nobody has. */
async function checkPassword(name, password) {
  const user = users.get(name);
  const { salt, digest } = user?.password ?? (await nobody);
  const isRight = timingSafeEqual(await derive(password, salt, 32), digest);
  return user && isRight ? user : null;
}

module.exports = { demoUsers, ready, checkPassword, findUser: (id) => users.get(id) ?? null };
