import { render } from 'preact';
import { authorizedFetch, createApi } from './api/client.js';
import { LiveConnection } from './api/live.js';
import { ResourceCache } from './api/resource-cache.js';
import { ServerClock } from './api/server-clock.js';
import { Session, takeTokensFromAddress } from './api/session.js';
import { BROWSER_TIMERS } from './api/timers.js';
import { App } from './app.js';
import { LANGUAGE_TAGS } from './i18n/language.js';
import { keepConnected } from './state/keep-connected.js';
import { AppContext, type AppParts } from './state/app-context.js';
import { BrowserStorage } from './state/browser-storage.js';
import { LiveFigures } from './state/live-figures.js';
import { SettingsStore } from './state/settings.js';
import { Today } from './state/today.js';
import { Troubles } from './state/troubles.js';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/card.css';
import './styles/chart.css';
import './styles/panels.css';
import './styles/heat.css';
import './styles/provinces.css';
import './styles/sign-in.css';

const isShown = (): boolean => document.visibilityState === 'visible';

/** Calls back whenever the page is shown. @returns a function that ends it */
function whenShown(call: () => void): () => void {
  const follow = (): void => {
    if (isShown()) call();
  };
  document.addEventListener('visibilitychange', follow);
  return () => {
    document.removeEventListener('visibilitychange', follow);
  };
}

function assemble(): AppParts {
  const session = new Session(new BrowserStorage(() => sessionStorage));
  takeTokensFromAddress(session, window);
  const clock = new ServerClock(() => Date.now());
  // Times on the page are those of the service.
  const timers = { ...BROWSER_TIMERS, nowMs: () => clock.nowMs() };
  const figures = new LiveFigures();
  const connection = new LiveConnection({
    fetch: authorizedFetch(session, clock, null),
    url: new URL('/live', location.origin).href,
    timers,
    onEvent: (event) => {
      figures.receive(event);
    },
    onTokenExpired: () => {
      session.signOut('expired');
    },
  });
  return {
    session,
    clock,
    api: createApi(session, clock),
    settings: new SettingsStore(new BrowserStorage(() => localStorage), navigator.languages),
    resources: new ResourceCache(timers, isShown),
    today: new Today(timers, whenShown),
    troubles: new Troubles(),
    live: { connection, figures },
  };
}

/** Applies language and theme to the document, before components read its colours. */
function followSettings({ settings }: AppParts): void {
  const apply = (): void => {
    const { language, theme } = settings.get();
    const { documentElement } = document;
    documentElement.lang = LANGUAGE_TAGS[language];
    if (theme === 'system') delete documentElement.dataset['theme'];
    else documentElement.dataset['theme'] = theme;
  };
  apply();
  settings.subscribe(apply);
}

/** Asks for the newest features that the page cannot do without; docs/dashboard.md names the browsers. */
function isBrowserSupported(): boolean {
  return 'any' in AbortSignal && CSS.supports('color', 'light-dark(#000, #fff)');
}

function start(): void {
  const parts = assemble();
  followSettings(parts);
  keepConnected(parts);
  const root = document.getElementById('app');
  if (root === null) return;
  render(
    <AppContext.Provider value={parts}>
      <App />
    </AppContext.Provider>,
    root,
  );
}

if (isBrowserSupported()) start();
else document.getElementById('old-browser')?.removeAttribute('hidden');
