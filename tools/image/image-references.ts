/** Finds `image: name:tag` of a compose file and `FROM name:tag`; the name of a stage has no tag. */
const REFERENCE = /^(\s*(?:image:|FROM)\s+)([\w./-]+:[\w.-]+)(@sha256:[0-9a-f]{64})?/gm;

/** Returns the images that a file names with a tag, each once, without digests. */
export function findImages(text: string): string[] {
  return [...new Set([...text.matchAll(REFERENCE)].map(([, , name = '']) => name))];
}

/** Puts the digest of each image behind its tag. */
export function pinImages(text: string, digests: ReadonlyMap<string, string>): string {
  return text.replaceAll(REFERENCE, (line: string, start: string, name: string) => {
    const digest = digests.get(name);
    return digest === undefined ? line : `${start}${name}@${digest}`;
  });
}

/** Returns the digest in the manifest that `docker buildx imagetools inspect` prints as JSON; null when it has none. */
export function readDigest(answer: string): string | null {
  return /"digest"\s*:\s*"(sha256:[0-9a-f]{64})"/.exec(answer)?.[1] ?? null;
}
