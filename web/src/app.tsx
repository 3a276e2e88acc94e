import { useContext, useEffect } from 'preact/hooks';
import { useI18n } from './i18n/use-i18n.js';
import { Announcement } from './layout/announcement.js';
import { BrokenPanel } from './layout/broken-panel.js';
import { Header } from './layout/header.js';
import { SignIn } from './layout/sign-in.js';
import { PANELS } from './panels/panels.js';
import { AppContext } from './state/app-context.js';
import { rangeEndingOn } from './state/day-range.js';
import { useStore } from './state/store.js';
import { useMayAskForDays, useSettings, useToday } from './state/use-app.js';
import { Boundary } from './ui/boundary.js';

export function App() {
  const { t } = useI18n();
  const { session } = useContext(AppContext);
  const { token, ended } = useStore(session);
  useEffect(() => {
    document.title = t.app.title;
  }, [t]);
  // Another token is another reader: nothing of the one before stays on the page.
  return (
    <>
      {token !== null && (
        <a class="skip" href="#figures">
          {t.app.skip}
        </a>
      )}
      {token !== null && <Announcement />}
      <Header isSignedIn={token !== null} />
      {token === null ? <SignIn ended={ended} /> : <Figures key={token} />}
    </>
  );
}

/** Stands in for the figures while the day of the service is not known. */
function FiguresAwaited() {
  const { t } = useI18n();
  return (
    <main class="grid" id="figures" tabIndex={-1} aria-label={t.card.loading}>
      <div class="card span-12" aria-busy="true">
        <div class="card-body">
          <div class="skeleton" />
        </div>
      </div>
    </main>
  );
}

function Figures() {
  const { t } = useI18n();
  const today = useToday();
  const { rangeDays, province } = useSettings();
  const mayAsk = useMayAskForDays();
  if (!mayAsk) return <FiguresAwaited />;
  const range = rangeEndingOn(today, rangeDays);
  return (
    <main class="grid" id="figures" tabIndex={-1} aria-label={t.app.dashboard}>
      {PANELS.map(({ name, Panel }) => (
        <Boundary key={name} fallback={(drawAgain) => <BrokenPanel drawAgain={drawAgain} />}>
          <Panel range={range} province={province} />
        </Boundary>
      ))}
    </main>
  );
}
