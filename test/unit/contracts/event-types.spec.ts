import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

import { readSchemas, type JsonSchema } from '../../support/event-schemas.js';
import { CONSUMED, PUBLISHED } from './agreed-names.js';

const TYPES = join(import.meta.dirname, '../../../docs/events/types/events.ts');
const PROBE = join(import.meta.dirname, '../../../docs/events/types/probe.ts');
const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  exactOptionalPropertyTypes: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
};

interface Example {
  readonly payload: Readonly<Record<string, unknown>>;
}

const schemas = readSchemas('schemas');
const examples = [...schemas].flatMap(([eventType, schema]) =>
  (schema['examples'] as readonly Example[]).map((example) => ({ eventType, example })),
);

/** Compiles lines beside the types. @returns the numbers of the lines that do not compile, from 0 */
function linesThatFail(lines: readonly string[]): number[] {
  const text = [`import type * as events from './events.js';`, ...lines].join('\n');
  const host = ts.createCompilerHost(OPTIONS);
  const { getSourceFile, fileExists, readFile } = host;
  const isProbe = (name: string): boolean => name === PROBE;
  host.fileExists = (name) => isProbe(name) || fileExists(name);
  host.readFile = (name) => (isProbe(name) ? text : readFile(name));
  host.getSourceFile = (name, languageVersion) =>
    isProbe(name)
      ? ts.createSourceFile(name, text, languageVersion)
      : getSourceFile.call(host, name, languageVersion);
  const program = ts.createProgram([PROBE, TYPES], OPTIONS, host);
  const diagnostics = ts.getPreEmitDiagnostics(program);
  const elsewhere = diagnostics.filter(({ file }) => file?.fileName !== PROBE);
  expect(elsewhere.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
  return [
    ...new Set(diagnostics.map(({ file, start = 0 }) => file!.getLineAndCharacterOfPosition(start).line - 1)),
  ];
}

const typeOf = (eventType: string): string =>
  eventType.replace(/(?:^|\.)(\w)/g, (_, letter: string) => letter.toUpperCase());

const declaration = (eventType: string, value: unknown, index: number): string =>
  `export const value${index}: events.${typeOf(eventType)} = ${JSON.stringify(value)};`;

const allOf = (lines: readonly string[]): number[] => lines.map((_, index) => index);

/** Returns the required fields of the event and of its payload, each left out once. */
function incomplete({ eventType, example }: (typeof examples)[number]): unknown[] {
  const { required, properties } = schemas.get(eventType) as JsonSchema & {
    readonly required: readonly string[];
    readonly properties: { readonly payload: { readonly required: readonly string[] } };
  };
  const without = (value: object, name: string): object =>
    Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
  return [
    ...required.map((name) => without(example, name)),
    ...properties.payload.required.map((name) => ({ ...example, payload: without(example.payload, name) })),
  ];
}

describe('docs/events/types/events.ts', () => {
  it('accepts every example of the schemas', () => {
    const lines = examples.map(({ eventType, example }, index) => declaration(eventType, example, index));
    expect(lines.length).toBeGreaterThanOrEqual(schemas.size);
    expect(linesThatFail(lines)).toEqual([]);
  });

  it('refuses an event without a required field, and a misspelt one', () => {
    const lines = examples
      .flatMap((each) => [
        ...incomplete(each).map((value) => [each.eventType, value] as const),
        [each.eventType, { ...each.example, payload: { ...each.example.payload, instalId: 'x' } }] as const,
      ])
      .map(([eventType, value], index) => declaration(eventType, value, index));
    expect(linesThatFail(lines)).toEqual(allOf(lines));
  });

  it('tells published events apart by eventType', () => {
    const published = PUBLISHED.map((eventType) => `'${eventType}'`).join(' | ');
    const right = [
      `export const names: ${published} = '' as unknown as events.PublishedEvent['eventType'];`,
      `export const all: events.PublishedEvent['eventType'] = '' as unknown as ${published};`,
      `export const count = (event: events.PublishedEvent): number => event.eventType === 'analytics.dau.calculated' ? event.payload.dauCount : 0;`,
      `export const account: events.${typeOf(CONSUMED)}['payload']['userId'] = 42;`,
    ];
    const wrong = [
      `export const guess = (event: events.PublishedEvent): number => event.payload.dauCount;`,
      `export const user: events.AnalyticsSessionStarted['payload']['userId'] = 42;`,
    ];
    expect(linesThatFail(right)).toEqual([]);
    expect(linesThatFail(wrong)).toEqual(allOf(wrong));
  });
});
