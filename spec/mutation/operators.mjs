// The mutants of the SQL and Lua texts in a file of lib/stores. A text is a literal of the file; what is in `${}` stays as it is.
import { parseSync, traverse } from '@babel/core';

const TOKEN =
  /--[^\n]*|\$\{[^}]*\}|'(?:[^'\\]|\\.)*'|\$\w+\$|\$\d+|::\w+|[A-Za-z_][\w.]*|\d+|<=|>=|<>|~=|==|:=|\.\.|->>|\S/g;
const BOUNDS = { '<': '<=', '<=': '<', '>': '>=', '>=': '>', '+': '-', '-': '+' };

/** Words for others, what opens and closes a condition, and phrases for others. */
const LANGUAGES = {
  sql: {
    swaps: {
      ...{ ...BOUNDS, '<>': '=', '=': '<>', AND: 'OR', OR: 'AND', greatest: 'least' },
      ...{ now: 'clock_timestamp', clock_timestamp: 'now', LEFT: '' },
    },
    before: ['WHERE', 'AND', 'OR', 'WHEN', 'IF'],
    after: ['AND', 'OR', 'WHERE', 'THEN', 'RETURNING', 'ORDER', 'LIMIT', 'FOR', 'ELSE', 'WHEN', ';'],
    words: ['TRUE', 'FALSE'],
    phrases: [
      [/ ON CONFLICT DO NOTHING| FOR UPDATE SKIP LOCKED| DESC| IF NOT EXISTS| PRIMARY KEY/g, ''],
      [/ SKIP LOCKED/g, ''],
      [/DO UPDATE SET[\s\S]*?(?=\sRETURNING|;|$)/g, 'DO NOTHING'],
      [/^ *(?:PERFORM|ALTER|CREATE|DELETE|DROP|INSERT INTO oauth_schema|version :=|IF version >=)[^;]*;/gm, ''],
    ],
    isKept: (text) => /^'(?:hex|UTF8|1 millisecond)'$/.test(text),
  },
  lua: {
    swaps: { ...BOUNDS, '==': '~=', '~=': '==', and: 'or', or: 'and', not: '' },
    before: ['if', 'elseif', 'and', 'or'],
    after: ['and', 'or', 'then'],
    words: ['true', 'false'],
    phrases: [
      [/'GT', /g, ''],
      [/^ +\w+ = .*$/gm, ''],
    ],
    isKept: (text) => /^'(?:[A-Z]+|-inf|%\.0f)'$/.test(text),
  },
};

/** Commands of Redis that are no script: arguments of a call. */
const COMMANDS = [
  [/'NX', /g, ''],
  [/'NX'/g, "'XX'"],
  [/, 'PX', String\(\w+(?:\(\w+\))?\)/g, ''],
  [/'0', '-1'/g, "'1', '-1'"],
  [/'-1'/g, "'-2'"],
];

/** The mutants of a file: each has the name of its text, the code around the change before and after, and the whole new file. */
export function mutate(source, language) {
  const found = listTexts(source).flatMap(({ name, start, end }) =>
    edits(source.slice(start, end), LANGUAGES[language]).map((edit) => ({ name, from: start, until: end, ...edit })),
  );
  if (language === 'lua') {
    const all = COMMANDS.flatMap(([pattern, to]) => replaceEach(source, pattern, to));
    found.push(...all.map((edit) => ({ name: 'a command', from: 0, until: source.length, ...edit })));
  }
  const mutants = found.map(({ name, from, until, start, end, to }) => {
    const text = source.slice(from, until);
    const line = source.slice(0, from + start).split('\n').length;
    const [head, tail] = [text.slice(0, start), text.slice(end)];
    const [before, after] = [head.match(/\S*.{0,30}$/s)[0], tail.match(/^.{0,30}\S*/s)[0]];
    const show = (middle) => `${before}${middle}${after}`.replace(/\s+/g, ' ').trim().slice(0, 160);
    const whole = source.slice(0, from) + head + to + tail + source.slice(until);
    return { name, line, code: show(text.slice(start, end)), becomes: show(to), source: whole };
  });
  return mutants.filter(({ source: one }, index) => mutants.findIndex(({ source: other }) => other === one) === index);
}

/** Where the SQL and Lua texts of a file are. */
function listTexts(source) {
  const texts = [];
  const note = (path) => {
    const { start, end } = path.node;
    const text = source.slice(start, end);
    const isText =
      /\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|now\(\)|clock_timestamp|CASE|AND)\b|::|redis\.call|return /.test(text);
    const isInside = path.findParent((parent) => parent.isTemplateLiteral() || parent.isImportDeclaration());
    if (!isText || isInside) return;
    const owners = path.getAncestry().filter((each) => each.isVariableDeclarator() || each.isFunctionDeclaration());
    texts.push({ name: owners.at(-1)?.node.id.name, start: start + 1, end: end - 1 });
  };
  const options = { filename: 'a.ts', babelrc: false, configFile: false, presets: ['@babel/preset-typescript'] };
  traverse(parseSync(source, options), { TemplateLiteral: note, StringLiteral: note });
  return texts;
}

/** All changes of a text, each as a part of it and what stands there instead. */
function edits(text, { swaps, before, after, words, phrases, isKept }) {
  const tokens = [...text.matchAll(TOKEN)]
    .map(({ 0: word, index }) => ({ word, start: index, end: index + word.length }))
    .filter(({ word }) => !word.startsWith('--'));
  const wordAt = (at) => tokens[at]?.word;
  const code = text.replace(/--[^\n]*/g, (comment) => ' '.repeat(comment.length));
  const found = phrases.flatMap(([pattern, to]) => replaceEach(code, pattern, to));
  const change = (at, to, until = at) => found.push({ start: tokens[at].start, end: tokens[until].end, to });

  for (const [at, { word }] of tokens.entries()) {
    const [previous, next] = [wordAt(at - 1), wordAt(at + 1)];
    const isAssigned = words[0] === 'TRUE' && word === '=' && ['SET', ',', '('].includes(wordAt(at - 2));
    const isSign = word === '-' && ['or', '=', '(', ',', 'DEFAULT'].includes(previous);
    if (Object.hasOwn(swaps, word) && !isAssigned && !isSign) change(at, swaps[word]);
    if (isAssigned && wordAt(at - 2) !== '(') dropAssignment(at);
    if (word === 'NULL' && previous === 'IS') change(at, 'NOT NULL');
    if (word === 'NOT' && (previous === 'IS' || !['NULL', 'EXISTS'].includes(next))) change(at, '');
    if (/^'.*'$/.test(word) && !isKept(word)) change(at, word === "''" ? "'x'" : "''");
    if (/^\d+$/.test(word) && !['RETURNING', 'SELECT'].includes(previous) && wordAt(at - 2) !== 'KEYS')
      change(at, nextTo(word, previous));
    if (word === 'coalesce')
      for (const [from, until] of listItems(at + 1)) change(at, textOf(from, until), closeOf(at + 1));
    if (word === 'VALUES' && next === '(')
      for (const [from, until] of listItems(at + 1)) change(from, 'DEFAULT', until);
    if (word === 'redis.call' && /^'(?:HSET|PEXPIRE|ZADD|ZREMRANGEBYSCORE)'$/.test(wordAt(at + 2)))
      change(at, 'do end', closeOf(at + 1));
    if (before.includes(word) || word === '(') fix(at);
  }
  return found;

  /** A condition that always holds, or never. */
  function fix(at) {
    const end = endOf(at + 1, (word) => after.includes(word));
    const isGroup = wordAt(at) === '(' && /^(?:and|or)$/i.test(wordAt(end));
    if (end === at + 1 || (wordAt(at) === '(' && !isGroup)) return;
    if (words[0] === 'true' && !isInCondition(at)) return;
    change(at + 1, words[0], end - 1);
    if (!/^(?:and|where)$/i.test(wordAt(at)) || /^or$/i.test(wordAt(end))) change(at + 1, words[1], end - 1);
  }

  /** Whether `if` came, and its `then` not yet. */
  function isInCondition(at) {
    const last = tokens.slice(0, at + 1).findLast(({ word }) => ['if', 'elseif', 'then'].includes(word));
    return last !== undefined && last.word !== 'then';
  }

  function dropAssignment(at) {
    const end = endOf(at + 1, (word) => [',', 'WHERE', 'RETURNING', ';'].includes(word));
    if (wordAt(end) === ',') change(at - 1, '', end);
    else if (wordAt(at - 2) === ',') change(at - 2, '', end - 1);
  }

  /** The first token from there that ends what is open, or that is wanted, not inside parentheses or a CASE. */
  function endOf(at, isEnd) {
    let depth = 0;
    for (let here = at; here < tokens.length; here += 1) {
      const word = wordAt(here);
      if (depth === 0 && (isEnd(word) || [')', '}', ']', 'END'].includes(word))) return here;
      if (['(', '{', '[', 'CASE'].includes(word)) depth += 1;
      if ([')', '}', ']', 'END'].includes(word)) depth -= 1;
    }
    return tokens.length;
  }

  function closeOf(open) {
    return endOf(open + 1, () => false);
  }

  /** What stands between the parentheses, each item by its first token and its last. */
  function listItems(open) {
    const items = [];
    for (let from = open + 1; from <= closeOf(open); from = items.at(-1)[1] + 2) {
      items.push([from, endOf(from, (word) => word === ',') - 1]);
    }
    return items;
  }

  function textOf(from, until) {
    return text.slice(tokens[from].start, tokens[until].end);
  }
}

/** Flags swap, large numbers grow tenfold, and others by one. */
function nextTo(word, previous) {
  if (Number(word) >= 100) return `${word}0`;
  return word === '1' && previous !== '[' ? '0' : String(Number(word) + 1);
}

function replaceEach(text, pattern, to) {
  return [...text.matchAll(pattern)].map(({ 0: found, index }) => ({ start: index, end: index + found.length, to }));
}
