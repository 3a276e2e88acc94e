import { spawnSync } from 'node:child_process';

/** Returns what to install when no font has Chinese characters; null when one has, or where nothing lists the fonts. */
export function findMissingFont(): string | null {
  const { error, stdout } = spawnSync('fc-list', [':lang=zh', 'family'], { encoding: 'utf8' });
  // macOS has such a font and no fc-list.
  if (error !== undefined || stdout.trim() !== '') return null;
  return (
    'The Chinese picture needs a font with Chinese characters, and this machine has none. ' +
    'Debian/Ubuntu: apt-get install fonts-noto-cjk; elsewhere install "Noto Sans CJK SC".'
  );
}
