import { execFileSync } from 'node:child_process';
import { transformSync } from '@babel/core';

/** Commits to look through for one that changed code. */
const COMMITS = 50;

/**
 * The files of lib whose code differs from that of the base. Without a base, those whose code the last commit changed that
 * changed any: comments and types are no code.
 */
export function listChanged(root, base) {
  const git = (...args) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const filesOf = (...args) =>
    git(...args, '--name-only', '--diff-filter=d', '--', 'lib')
      .split('\n')
      .filter(Boolean);
  const isOther = (from, to) => (file) => codeAt(git, from, file) !== codeAt(git, to, file);

  if (base) return filesOf('diff', base, 'HEAD').filter(isOther(base, 'HEAD'));
  const commits = git('log', `-${COMMITS}`, '--no-merges', '--format=%H %P', '--', 'lib').split('\n');
  for (const [commit, parent] of commits.map((line) => line.split(' '))) {
    // The history of a shallow clone ends here, and the commit looks as if it had made every file.
    if (!parent) break;
    const files = filesOf('show', '--format=', commit).filter(isOther(parent, commit));
    const left = files.filter((file) => codeAt(git, 'HEAD', file) !== undefined);
    if (left.length > 0) return left;
  }
  return [];
}

/** The code of a file in a commit, without types and comments. `undefined` where there is none. */
function codeAt(git, commit, file) {
  try {
    const text = git('show', `${commit}:${file}`);
    const options = { filename: file, babelrc: false, configFile: false, comments: false, compact: true };
    return transformSync(text, { ...options, presets: ['@babel/preset-typescript'] }).code;
  } catch {
    return undefined;
  }
}
