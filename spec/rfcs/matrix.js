// The matrix of the RFCs: which specs hold each requirement. `node spec/rfcs/matrix.js --write` writes docs/rfcs.md.
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { join, relative } = require('node:path');
const { parseSync, traverse } = require('@babel/core');

const root = join(__dirname, '../..');
const page = join(root, 'docs/rfcs.md');
const parsed = new Map();

/** The file of a spec, or of a table that a spec runs row by row. */
function fileOf(name) {
  const [spec, table] = ['.spec.ts', '.ts'].map((end) => join(root, 'spec', `${name}${end}`));
  return existsSync(spec) ? spec : table;
}

/** The name at the root of a call such as `test.each([…])('title')`. */
function rootOf(node) {
  let at = node;
  while (at && at.type !== 'Identifier') at = at.callee ?? at.object ?? at.expression;
  return at?.name;
}

const isSkipped = ({ callee }) => callee.type === 'MemberExpression' && /^(?:skip|todo)$/.test(callee.property.name);
const textOf = (node) => {
  if (node?.type === 'StringLiteral') return node.value;
  return node?.type === 'TemplateLiteral' && node.expressions.length === 0 ? node.quasis[0].value.cooked : undefined;
};

/** The titles of a spec's tests, and the other texts in it: the rows of its tables. */
function readTexts(source, filename) {
  const titles = new Set();
  const texts = new Set();
  traverse(parseSync(source, { filename, cwd: root }), {
    CallExpression({ node }) {
      if (!/^(?:describe|it|test|describeWith)$/.test(rootOf(node.callee) ?? '') || isSkipped(node)) return;
      for (const title of node.arguments.map(textOf)) if (title !== undefined) titles.add(title);
    },
    StringLiteral({ node }) {
      texts.add(node.value);
    },
    TemplateLiteral({ node }) {
      if (textOf(node) !== undefined) texts.add(textOf(node));
    },
  });
  return { titles, texts };
}

function textsOf(name) {
  const file = fileOf(name);
  if (!parsed.has(name)) parsed.set(name, existsSync(file) ? readTexts(readFileSync(file, 'utf8'), file) : undefined);
  return parsed.get(name);
}

/** What is wrong with the way to a spec, `file › title › row`, or nothing. */
function findMistake(spec, read = textsOf) {
  const [name, ...parts] = spec.split(' › ');
  const known = read(name);
  if (!known) return `${spec}: there is no spec/${name}.spec.ts`;
  if (parts.length === 0) return `${spec}: name a title`;
  const missing = parts.find((part) => !known.titles.has(part) && !known.texts.has(part));
  if (missing !== undefined) return `${spec}: there is no title and no row '${missing}'`;
  // A row alone is enough where one table is the whole file; with a title before it, that one is a title.
  return parts.length > 1 && !known.titles.has(parts[0]) ? `${spec}: '${parts[0]}' is no title` : undefined;
}

/** All that is wrong with the requirements: what no spec holds, what is named twice, and specs that are gone. */
function findMistakes(rfcs, read = textsOf) {
  const ids = rfcs.flatMap(({ requirements }) => requirements.map(({ id }) => id));
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${id}: there are two of this id`);
  const wrong = rfcs.flatMap(({ requirements }) =>
    requirements.flatMap(({ id, specs }) => {
      if (specs.length === 0) return [`${id}: no spec holds it`];
      return specs
        .map((spec) => findMistake(spec, read))
        .filter(Boolean)
        .map((mistake) => `${id}: ${mistake}`);
    }),
  );
  return [...twice, ...wrong];
}

const cell = (text) =>
  text.replaceAll('|', '\\|').replaceAll('*', '\\*').replaceAll('_', '\\_').replaceAll('<', '&lt;');
const link = (spec) => {
  const [name, ...parts] = spec.split(' › ');
  return `[${name}]: ${cell(parts.join(' › '))}`;
};
const SPECS = 'https://github.com/express-token-router/express-token-router/blob/main/spec';

/** The page, as Markdown. */
function render(rfcs) {
  const total = rfcs.reduce((sum, { requirements }) => sum + requirements.length, 0);
  const held = rfcs.reduce((sum, { requirements }) => sum + requirements.filter(({ specs }) => specs.length).length, 0);
  const specs = rfcs.flatMap(({ requirements }) => requirements.flatMap((each) => each.specs));
  const names = new Set(specs.map((spec) => spec.split(' › ')[0]));
  const sections = rfcs.map(({ rfc, name, url, requirements }) => {
    const rows = requirements.map(({ section, level, says, differs, specs }) => {
      const what = differs ? `${cell(says)} **We differ:** ${cell(differs)}` : cell(says);
      return `| ${section} | ${level} | ${what} | ${specs.map(link).join('<br>')} |`;
    });
    const head = `## ${rfc}\n\n[${name}](${url}): ${requirements.length} of ${requirements.length}.`;
    return `${head}\n\n| § | level | requirement | specs that hold it |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
  });
  return `# The RFCs, requirement by requirement

**${held} of ${total}.** Each requirement of these RFCs that concerns the token endpoint and the endpoints beside it, in words of our own,
with the specs that hold it. The level is the RFC's own word. Some RFCs use small letters where others use capitals: then the row says
\`must\` or \`should\`. It says \`states\` where the RFC describes what the server does without such a word. Where we differ, the row says why.

Left out are the duties of clients, of resource servers, of TLS and of registration, and the pages that a host shows at its authorization
endpoint. So is what is not served here: implicit and password grants, mutual TLS, pushed authorization requests, assertions as grants.

\`node spec/rfcs/matrix.js --write\` writes this page from \`spec/rfcs/requirements\`. A spec fails if a title or a row that is named here
no longer exists, or if a requirement has no spec.

${sections.join('\n\n')}

${[...names]
  .sort()
  .map((name) => `[${name}]: ${SPECS}/${relative(join(root, 'spec'), fileOf(name)).replaceAll('\\', '/')}`)
  .join('\n')}
`;
}

module.exports = { findMistakes, page, readTexts, render };

if (require.main === module) {
  const rfcs = require('./requirements');
  const mistakes = findMistakes(rfcs);
  for (const mistake of mistakes) console.error(mistake);
  if (process.argv.includes('--write')) writeFileSync(page, render(rfcs));
  process.exitCode = mistakes.length > 0 ? 1 : 0;
}
