import { useId, useRef, useState } from 'preact/hooks';
import { useI18n, useMessages } from '../../i18n/use-i18n.js';
import { PROVINCES } from '../../state/provinces.js';
import { useSettings } from '../../state/use-app.js';
import { heatClass } from '../../ui/heat-scale.js';
import type { PlaceCount } from './places-model.js';
import { PROVINCES_MESSAGES } from './provinces-messages.js';
import { nextTile, TILES, type Tile } from './tile-layout.js';

interface ProvinceTilesProps {
  readonly provinces: readonly PlaceCount[];
  readonly max: number;
}

const BY_ISO = new Map(PROVINCES.map((province) => [province.iso, province]));

/** The provinces as squares, each a button that limits the page to its province, or lifts the limit again. */
export function ProvinceTiles({ provinces, max }: ProvinceTilesProps) {
  const texts = useMessages(PROVINCES_MESSAGES);
  const { language, format } = useI18n();
  const { province: chosen, change } = useSettings();
  const keysId = useId();
  const buttons = useRef(new Map<string, HTMLButtonElement>());
  const chosenIso = PROVINCES.find(({ name }) => name === chosen)?.iso;
  // One stop for the tabulator; arrow keys move on from there.
  const [stop, setStop] = useState(chosenIso ?? 'BJ');
  const move = (from: Tile, event: KeyboardEvent): void => {
    const next = nextTile(from, event.key);
    if (next === undefined) return;
    event.preventDefault();
    buttons.current.get(next.iso)?.focus();
  };
  return (
    <div class="tiles" role="group" aria-label={texts.tiles} aria-describedby={keysId}>
      {TILES.map((tile) => {
        const province = BY_ISO.get(tile.iso);
        if (province === undefined) return null;
        const { name, short } = province;
        const count = provinces.find((place) => place.name === name)?.count ?? 0;
        const label = texts.tile(short[language], format.count(count));
        return (
          <button
            key={tile.iso}
            ref={(button) => {
              if (button === null) buttons.current.delete(tile.iso);
              else buttons.current.set(tile.iso, button);
            }}
            type="button"
            class={`tile ${heatClass(count, max)}`}
            style={{ gridRow: String(tile.row), gridColumn: String(tile.column) }}
            title={label}
            aria-pressed={name === chosen}
            tabIndex={tile.iso === stop ? 0 : -1}
            onFocus={() => {
              setStop(tile.iso);
            }}
            onKeyDown={(event) => {
              move(tile, event);
            }}
            onClick={() => {
              change({ province: name === chosen ? null : name });
            }}
          >
            <span class="visually-hidden">{label}</span>
            <span class="tile-name" aria-hidden="true">
              {short[language]}
            </span>
            {language === 'en' && <span class="tile-code">{tile.iso}</span>}
            <span class="tile-count" aria-hidden="true">
              {format.compact(count)}
            </span>
          </button>
        );
      })}
      <span id={keysId} class="visually-hidden">
        {texts.keys}
      </span>
    </div>
  );
}
