import { useContext } from 'preact/hooks';
import { LANGUAGES } from '../i18n/language.js';
import { useI18n } from '../i18n/use-i18n.js';
import { AppContext } from '../state/app-context.js';
import { RANGE_DAYS } from '../state/day-range.js';
import { PROVINCES } from '../state/provinces.js';
import { THEMES } from '../state/settings.js';
import { useSettings } from '../state/use-app.js';
import { Connection } from './connection.js';
import { Segments } from './segments.js';

const LANGUAGE_NAMES = { zh: '中文', en: 'EN' };
const SPOKEN_LANGUAGES = { zh: '中文', en: 'English' };
const EMBLEMS = { system: '◐', light: '☀', dark: '☾' };

export function Header({ isSignedIn }: { readonly isSignedIn: boolean }) {
  const { t } = useI18n();
  const { session } = useContext(AppContext);
  return (
    <header class="header">
      <h1 class="header-name">
        <img src={`${import.meta.env.BASE_URL}favicon.svg`} alt="" width="24" height="24" />
        {t.app.title}
      </h1>
      {isSignedIn && <Connection />}
      <div class="controls" role="group" aria-label={t.header.settings}>
        {isSignedIn && <FigureControls />}
        <ViewControls />
        {isSignedIn && (
          <button
            type="button"
            class="button"
            onClick={() => {
              session.signOut();
            }}
          >
            {t.header.signOut}
          </button>
        )}
      </div>
    </header>
  );
}

/** Chooses which figures are shown. */
function FigureControls() {
  const { t, language } = useI18n();
  const { rangeDays, province, change } = useSettings();
  return (
    <>
      <Segments
        label={t.header.range}
        options={RANGE_DAYS.map((days) => ({
          value: days,
          text: t.header.rangeDays(days),
          spoken: t.header.rangeDaysLong(days),
        }))}
        value={rangeDays}
        onChange={(days) => {
          change({ rangeDays: days });
        }}
      />
      <select
        class="select"
        aria-label={t.header.province}
        value={province ?? ''}
        onChange={({ currentTarget }) => {
          change({ province: currentTarget.value === '' ? null : currentTarget.value });
        }}
      >
        <option value="">{t.header.wholeCountry}</option>
        {PROVINCES.map(({ name, short }) => (
          <option value={name}>{short[language]}</option>
        ))}
      </select>
    </>
  );
}

/** Chooses how the page looks. */
function ViewControls() {
  const { t } = useI18n();
  const { language, theme, change } = useSettings();
  return (
    <>
      <Segments
        label={t.header.language}
        options={LANGUAGES.map((value) => ({
          value,
          text: LANGUAGE_NAMES[value],
          spoken: SPOKEN_LANGUAGES[value],
        }))}
        value={language}
        onChange={(value) => {
          change({ language: value });
        }}
      />
      <Segments
        label={t.header.theme}
        options={THEMES.map((value) => ({ value, text: EMBLEMS[value], spoken: t.header.themes[value] }))}
        value={theme}
        onChange={(value) => {
          change({ theme: value });
        }}
      />
    </>
  );
}
