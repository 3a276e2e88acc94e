import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { HEAT_STEPS, heatBounds, heatClass } from '../../../../web/src/ui/heat-scale.js';

const TOKENS = readFileSync('web/src/styles/tokens.css', 'utf8');
const CLASSES = readFileSync('web/src/styles/heat.css', 'utf8');
const THEMES = ['light', 'dark'] as const;

/** Returns a colour of tokens.css as its two hexadecimal texts. */
function token(name: string): Record<(typeof THEMES)[number], string> {
  const [, light, dark] = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(TOKENS) ?? [];
  if (light === undefined || dark === undefined) throw new Error(`tokens.css has no --${name}`);
  return { light, dark };
}

/** Returns the names of background and text of a class of heat.css. */
function classColours(name: string): { background: string; text: string } {
  const rule = new RegExp(
    `\\.${name} \\{\\s+background: var\\(--([\\w-]+)\\);\\s+color: var\\(--([\\w-]+)\\);`,
  );
  const [, background, text] = rule.exec(CLASSES) ?? [];
  if (background === undefined || text === undefined) throw new Error(`heat.css has no .${name}`);
  return { background, text };
}

/** Relative luminance (WCAG 2.2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const part = parseInt(colour.slice(start, start + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

describe('shades of a heat map', () => {
  it('are none for 0, the strongest for the largest, and never fall as values rise', () => {
    expect(heatClass(0, 100)).toBe('heat-0');
    expect(heatClass(1, 100_000)).toBe('heat-1');
    expect(heatClass(100, 100)).toBe(`heat-${HEAT_STEPS}`);
    const shades = Array.from({ length: 101 }, (_, value) => heatClass(value, 100));
    expect(shades).toEqual([...shades].sort());
    expect(new Set(shades).size).toBe(HEAT_STEPS + 1);
  });

  it('are none when there is nothing to compare with', () => {
    expect(heatClass(0, 0)).toBe('heat-0');
  });

  it('end at the bounds that the legend names', () => {
    const bounds = heatBounds(4900);
    expect(bounds.map(Math.round)).toEqual([100, 400, 900, 1600, 2500, 3600, 4900]);
    expect(bounds.map((bound) => heatClass(Math.floor(bound), 4900))).toEqual(
      bounds.map((_, index) => `heat-${index + 1}`),
    );
  });

  const cells = Array.from({ length: HEAT_STEPS + 1 }, (_, shade) => `heat-${shade}`);
  it.each(THEMES.flatMap((theme) => cells.map((cell) => [theme, cell] as const)))(
    'in the %s theme, text on %s has a contrast of 4.5',
    (theme, cell) => {
      const { background, text } = classColours(cell);
      expect(contrast(token(background)[theme], token(text)[theme])).toBeGreaterThanOrEqual(4.5);
    },
  );
});
