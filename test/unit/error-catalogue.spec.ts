import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

/** These take a code as their first argument, or make one of it. */
const CODE_OF_CALL: Readonly<Record<string, (argument: string) => string>> = {
  DomainException: (code) => code,
  ApplicationException: (code) => code,
  dependencyUnavailable: (dependency) => `${dependency}_unavailable`,
};

interface Found {
  readonly codes: Set<string>;
  /** Where a code is not to be read off the text: the catalogue could miss it. */
  readonly unclear: string[];
}

/** Every code that a file's text can send: thrown, in a field `code`, or in the table by status. */
function codesOf(path: string, text: string): Found {
  const found: Found = { codes: new Set(), unclear: [] };
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && ts.isIdentifier(node.expression)) {
      const toCode = CODE_OF_CALL[node.expression.text];
      const argument = node.arguments?.[0];
      if (toCode !== undefined && argument !== undefined) {
        if (ts.isStringLiteralLike(argument)) found.codes.add(toCode(argument.text));
        // Passed on from another exception, or by a helper whose callers are looked at, too.
        else if (!argument.getText().endsWith('.code') && !isInHelper(node))
          found.unclear.push(`${path}: ${node.getText().slice(0, 80)}`);
      }
    }
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'code') addLiterals(node.initializer);
    if (ts.isVariableDeclaration(node) && node.name.getText() === 'CODE_OF_STATUS') {
      (node.initializer as ts.ObjectLiteralExpression).properties.forEach((property) =>
        addLiterals((property as ts.PropertyAssignment).initializer),
      );
    }
    ts.forEachChild(node, visit);
  };
  const addLiterals = (value: ts.Expression): void => {
    if (ts.isStringLiteralLike(value)) found.codes.add(value.text);
    else if (ts.isBinaryExpression(value)) [value.left, value.right].forEach(addLiterals);
  };
  visit(file);
  return found;
}

function isInHelper(node: ts.Node): boolean {
  for (let parent = node.parent; !ts.isSourceFile(parent); parent = parent.parent) {
    if (ts.isFunctionDeclaration(parent)) return (parent.name?.text ?? '') in CODE_OF_CALL;
  }
  return false;
}

const found = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes('generated'))
  .map((entry) => join(entry.parentPath, entry.name))
  .map((path) => codesOf(path, readFileSync(path, 'utf8')));
const codes = new Set(found.flatMap((file) => [...file.codes]));
const catalogue = readFileSync('docs/errors.md', 'utf8');
/** The first column of its tables, and the list of those that stay inside. */
const documented = new Set(
  catalogue
    .split('\n')
    .flatMap((line) => (line.startsWith('| `') ? [line.split('|')[1] ?? ''] : []))
    .concat(/## Inside the service\n([^#]*)/.exec(catalogue)?.[1] ?? '')
    .flatMap((text) => [...text.matchAll(/`([a-z_]+)`/g)].map((match) => match[1] ?? '')),
);

describe('docs/errors.md', () => {
  it.each([...codes].sort())('explains %s', (code) => {
    expect(documented).toContain(code);
  });

  it('can miss none: each code is written where it is sent', () => {
    expect(found.flatMap(({ unclear }) => unclear)).toEqual([]);
    expect(codes).toContain('overloaded');
    expect(codes).toContain('internal_error');
  });

  it('explains nothing that is never sent', () => {
    expect([...documented].filter((code) => !codes.has(code))).toEqual([]);
  });
});

describe('the walk through the code', () => {
  it('finds codes that are thrown, answered, and made', () => {
    const text = `
      throw new DomainException('thrown', 'invalid', '');
      throw dependencyUnavailable('redis', error);
      reply({ status: 503, code: other ?? 'answered' });
      throw new ApplicationException(code, 'invalid', '');
    `;
    expect(codesOf('sample.ts', text)).toEqual({
      codes: new Set(['thrown', 'redis_unavailable', 'answered']),
      unclear: ["sample.ts: new ApplicationException(code, 'invalid', '')"],
    });
  });
});
