/** A component of a CycloneDX document, as far as the rules read it. */
export interface Component {
  readonly 'bom-ref'?: string;
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

export interface Sbom {
  readonly bomFormat?: string;
  readonly metadata?: { readonly component?: Component };
  readonly components?: readonly Component[];
  readonly dependencies?: readonly Dependency[];
}

interface Dependency {
  readonly ref: string;
  readonly dependsOn?: readonly string[];
}

/** An entry of package-lock.json, as far as the rules read it. */
export interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
}

/** Finds what a reader of the list would miss; each problem is one line. */
export function sbomProblems(sbom: Sbom, packages: Readonly<Record<string, LockEntry>>): string[] {
  if (sbom.bomFormat !== 'CycloneDX') return ['the document is not CycloneDX'];
  const components = sbom.components ?? [];
  const listed = new Set(components.map(packageUrl));
  return [
    ...components.flatMap(componentProblems),
    ...installedPackages(packages)
      .filter((purl) => !listed.has(purl))
      .map((purl) => `${purl} is installed and not listed`),
  ];
}

/**
 * Leaves out what the image does not install. `npm sbom --omit=dev` also drops packages that are installed and that a
 * development package needs as well.
 */
export function installedOnly(sbom: Sbom, packages: Readonly<Record<string, LockEntry>>): Sbom {
  const installed = new Set(installedPackages(packages));
  const components = (sbom.components ?? []).filter((component) => installed.has(packageUrl(component)));
  const root = sbom.metadata?.component;
  const kept = new Set([...components, ...(root === undefined ? [] : [root])].map((each) => each['bom-ref']));
  const dependencies = (sbom.dependencies ?? [])
    .filter(({ ref }) => kept.has(ref))
    .map((each) => ({ ...each, dependsOn: (each.dependsOn ?? []).filter((ref) => kept.has(ref)) }));
  return { ...sbom, components, dependencies };
}

function packageUrl({ purl }: Component): string {
  return decodeURIComponent(purl ?? '').split('?')[0] ?? '';
}

function componentProblems({ name, version, purl, hashes, properties }: Component): string[] {
  const isOurs = properties?.some((each) => each.name === 'cdx:npm:package:private') === true;
  const hasHash = isOurs || hashes?.some(({ alg, content }) => alg === 'SHA-512' && content !== '') === true;
  return [
    ...(version === undefined || version === '' ? [`${name} has no version`] : []),
    ...(purl?.startsWith('pkg:npm/') === true ? [] : [`${name} has no package URL`]),
    ...(hasHash ? [] : [`${name} has no SHA-512`]),
  ];
}

/** Returns the package URLs of what the image installs: neither development nor optional. */
function installedPackages(packages: Readonly<Record<string, LockEntry>>): string[] {
  const purls = Object.entries(packages).flatMap(([path, entry]) => {
    const isLeftOut = entry.dev ?? entry.optional ?? entry.devOptional ?? entry.link ?? false;
    const [, name] = /^.*node_modules\/(.+)$/.exec(path) ?? [];
    return name === undefined || isLeftOut ? [] : [`pkg:npm/${name}@${entry.version ?? ''}`];
  });
  return [...new Set(purls)];
}
