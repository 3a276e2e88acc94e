import { describe, expect, it } from '@jest/globals';
import { installedOnly, sbomProblems } from '../../../../tools/sbom/sbom-rules.js';

const HASHES = [{ alg: 'SHA-512', content: 'aa' }];
const PG = { name: 'pg', version: '8.0.0', purl: 'pkg:npm/pg@8.0.0', hashes: HASHES };
const SCOPED = { name: '@a/b', version: '1.0.0', purl: 'pkg:npm/%40a/b@1.0.0', hashes: HASHES };
const PACKAGES = {
  '': { version: '0.1.0' },
  'node_modules/pg': { version: '8.0.0' },
  'node_modules/pg/node_modules/@a/b': { version: '1.0.0' },
  'node_modules/jest': { version: '30.0.0', dev: true },
  'clients/typescript': { version: '0.1.0' },
};
const sbom = (...components: object[]) =>
  ({ bomFormat: 'CycloneDX', components }) as Parameters<typeof sbomProblems>[0];

describe('the list of packages', () => {
  it('is complete when it has every installed package', () => {
    expect(sbomProblems(sbom(PG, SCOPED), PACKAGES)).toEqual([]);
  });

  it.each([
    ['a package is missing', [PG], 'pkg:npm/@a/b@1.0.0 is installed and not listed'],
    ['a package has no checksum', [PG, { ...SCOPED, hashes: [] }], '@a/b has no SHA-512'],
    ['a package has no URL', [PG, SCOPED, { ...PG, name: 'x', purl: '' }], 'x has no package URL'],
    ['a package has no version', [PG, SCOPED, { ...PG, name: 'x', version: '' }], 'x has no version'],
  ])('is refused when %s', (_, components, problem) => {
    expect(sbomProblems(sbom(...components), PACKAGES)).toEqual([problem]);
  });

  it('leaves out what only development needs, and references to it', () => {
    const jest = { name: 'jest', version: '30.0.0', purl: 'pkg:npm/jest@30.0.0', 'bom-ref': 'jest' };
    const whole = {
      ...sbom({ ...PG, 'bom-ref': 'pg' }, jest),
      metadata: { component: { name: 'service', 'bom-ref': 'service' } },
      dependencies: [{ ref: 'service', dependsOn: ['pg', 'jest'] }, { ref: 'jest' }],
    };

    expect(installedOnly(whole, PACKAGES)).toMatchObject({
      components: [{ name: 'pg' }],
      dependencies: [{ ref: 'service', dependsOn: ['pg'] }],
    });
  });

  it('is refused in another format', () => {
    expect(sbomProblems({ bomFormat: 'SPDX' }, {})).toEqual(['the document is not CycloneDX']);
  });
});
