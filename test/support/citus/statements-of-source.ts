import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '../../..');
const SQL = /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b/;

/** A statement in the source of an adapter. */
export interface SourceStatement {
  /** File, and the name of the constant or function that has the statement. */
  readonly place: string;
  readonly sql: string;
  /** Matches the text that is sent: anything may stand where the source inserts a value. */
  readonly sent: RegExp;
}

/** Returns the statements in the files of a directory and below it, each with the place that holds it. */
export function statementsOfSource(directory: string): SourceStatement[] {
  return readdirSync(join(ROOT, directory), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('generated'))
    .sort()
    .flatMap((file) => {
      const text = readFileSync(join(ROOT, directory, file), 'utf8');
      const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
      return literalsOf(source).flatMap(({ parts, holder }) => {
        const sql = parts.join('…');
        if (!SQL.test(sql)) return [];
        const sent = new RegExp(parts.map(toPattern).join('[^]*'));
        return [{ place: `${basename(file)} ${holder}`, sql, sent }];
      });
    });
}

interface Literal {
  /** Constant parts; between them the source inserts values. */
  readonly parts: readonly string[];
  readonly holder: string;
}

function literalsOf(source: ts.SourceFile): Literal[] {
  const found: Literal[] = [];
  const visit = (node: ts.Node, holder: string): void => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node))
      found.push({ parts: [node.text], holder });
    else if (ts.isTemplateExpression(node))
      found.push({
        parts: [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)],
        holder,
      });
    const name =
      ts.isVariableDeclaration(node) || ts.isFunctionLike(node) ? node.name?.getText(source) : undefined;
    ts.forEachChild(node, (child) => {
      visit(child, name ?? holder);
    });
  };
  visit(source, '');
  return found;
}

const toPattern = (part: string): string =>
  part
    .trim()
    .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\s+/g, String.raw`\s*`);
