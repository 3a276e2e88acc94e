import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

interface IgnoreRule {
  readonly ignores: boolean;
  readonly pattern: RegExp;
}

/** The files of a checkout that its .dockerignore admits to a build. */
export class BuildContext {
  private readonly rules: readonly IgnoreRule[];

  constructor(readonly root: string) {
    this.rules = readIgnoreRules(readFileSync(join(root, '.dockerignore'), 'utf8'));
  }

  /** Returns the admitted files at or below a path, relative to the root; none when the path does not exist. */
  filesAt(path: string): string[] {
    const relative = posix.normalize(path);
    const stats = lstatSync(join(this.root, relative), { throwIfNoEntry: false });
    if (stats === undefined) return [];
    if (!stats.isDirectory()) return this.isIgnored(relative) ? [] : [relative];
    return readdirSync(join(this.root, relative)).flatMap((name) => this.filesAt(posix.join(relative, name)));
  }

  /** The last rule that matches the path or one of its parents decides, as in Docker. */
  private isIgnored(path: string): boolean {
    return this.rules.findLast(({ pattern }) => pattern.test(path))?.ignores ?? false;
  }
}

function readIgnoreRules(dockerignore: string): IgnoreRule[] {
  return dockerignore
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({
      ignores: !line.startsWith('!'),
      pattern: new RegExp(`^${globToRegExp(line.replace(/^!/, '').replaceAll(/^\/|\/$/g, ''))}(?:/|$)`),
    }));
}

function globToRegExp(glob: string): string {
  return glob.replaceAll(/\*\*\/|\*\*|\*|\?|[.+^${}()|[\]\\]/g, (token) => {
    switch (token) {
      case '**/':
        return '(?:.*/)?';
      case '**':
        return '.*';
      case '*':
        return '[^/]*';
      case '?':
        return '[^/]';
      default:
        return `\\${token}`;
    }
  });
}
