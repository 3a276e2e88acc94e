import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { addEnvironmentFiles } from '../../../src/config/environment-files.js';
import { checkEnvironment, ConfigurationError } from '../../../src/config/environment.js';
import { VARIABLES } from '../../../src/config/variables/catalogue.js';

function directoryWith(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'analytics-test-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

function readWith(
  files: Readonly<Record<string, string>>,
  environment: Record<string, string | undefined> = {},
): Record<string, string | undefined> {
  addEnvironmentFiles(environment, directoryWith(files));
  return environment;
}

describe('.env files', () => {
  it('are optional', () => {
    expect(readWith({}, { PORT: '1' })).toEqual({ PORT: '1' });
  });

  it('add the variables that the environment does not have', () => {
    expect(readWith({ '.env': 'PORT=1\nREDIS_HOST=file' }, { PORT: '2' })).toEqual({
      PORT: '2',
      REDIS_HOST: 'file',
    });
  });

  it.each(['.env', '.env.production'])('stop the start with their name when %s cannot be read', (name) => {
    const directory = directoryWith({});
    mkdirSync(join(directory, name));
    expect(() => {
      addEnvironmentFiles({ NODE_ENV: 'production' }, directory);
    }).toThrow(
      new ConfigurationError([
        `${name} must be a readable file of lines NAME=value, reading it failed with EISDIR: correct or remove it`,
      ]),
    );
  });

  it('leave an empty variable of the environment empty', () => {
    expect(readWith({ '.env': 'REDIS_HOST=file' }, { REDIS_HOST: '' })).toEqual({ REDIS_HOST: '' });
  });

  it('win over .env when they are named after the stage', () => {
    const files = {
      '.env': 'PORT=1\nREDIS_PORT=1',
      '.env.production': 'PORT=2',
      '.env.development': 'PORT=3',
    };
    expect(readWith(files, { NODE_ENV: 'production' })).toMatchObject({ PORT: '2', REDIS_PORT: '1' });
    expect(readWith(files)).toMatchObject({ PORT: '3', REDIS_PORT: '1' });
  });

  it('are chosen by the NODE_ENV of .env when the environment has none', () => {
    const files = {
      '.env': 'NODE_ENV=production',
      '.env.production': 'PORT=2',
      '.env.development': 'PORT=3',
    };
    expect(readWith(files)).toEqual({ NODE_ENV: 'production', PORT: '2' });
    expect(readWith(files, { NODE_ENV: 'development' })).toEqual({ NODE_ENV: 'development', PORT: '3' });
  });

  it('are not read for a stage that does not exist', () => {
    expect(readWith({ '.env.staging': 'PORT=1' }, { NODE_ENV: 'staging' })).toEqual({ NODE_ENV: 'staging' });
  });
});

describe.each(['.env.development', '.env.production'])('the committed %s', (file) => {
  const text = readFileSync(join(import.meta.dirname, '../../..', file), 'utf8');
  const lines = [...text.matchAll(/^(?:# )?([A-Z][A-Z_]*)=(.*)$/gm)];
  const values = Object.fromEntries(lines.map(([, name = '', value = '']) => [name, value]));

  it('holds valid values of known variables', () => {
    expect(Object.keys(VARIABLES)).toEqual(expect.arrayContaining(Object.keys(values)));
    expect(checkEnvironment(values).problems).toEqual([]);
  });

  it('holds no secret', () => {
    expect(Object.keys(values).filter((name) => /SECRET|PASSWORD|API_KEY/.test(name))).toEqual([]);
  });
});
