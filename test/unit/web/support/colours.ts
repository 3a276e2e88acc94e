import { readdirSync, readFileSync } from 'node:fs';

const STYLES = 'web/src/styles';
const TOKENS = readFileSync(`${STYLES}/tokens.css`, 'utf8');

export const THEMES = ['light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** Background and text that one rule of the styles puts together, by their names in tokens.css. */
export interface ColourPair {
  readonly selector: string;
  readonly background: string;
  readonly text: string;
}

/** Returns a colour of tokens.css as its two hexadecimal texts. */
export function token(name: string): Record<Theme, string> {
  const [, light, dark] = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(TOKENS) ?? [];
  if (light === undefined || dark === undefined) throw new Error(`tokens.css has no --${name}`);
  return { light, dark };
}

/** Returns every pair of the styles whose rule names both colours. */
export function colourPairs(): ColourPair[] {
  const styles = readdirSync(STYLES).map((file) => readFileSync(`${STYLES}/${file}`, 'utf8'));
  const rules = styles.flatMap((text) => [...text.matchAll(/([^{}]+)\{([^{}]*)\}/g)]);
  return rules.flatMap(([, selector = '', body = '']) => {
    const background = /(?<![-\w])background: var\(--([\w-]+)\)/.exec(body)?.[1];
    const text = /(?<![-\w])color: var\(--([\w-]+)\)/.exec(body)?.[1];
    if (background === undefined || text === undefined) return [];
    return [{ selector: selector.replaceAll(/\/\*.*?\*\/|\s+/gs, ' ').trim(), background, text }];
  });
}

/** Relative luminance (WCAG 2.2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const part = parseInt(colour.slice(start, start + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}
