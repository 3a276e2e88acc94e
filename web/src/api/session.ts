import { ValueStore, type Store } from '../state/store.js';

const STORAGE_KEY = 'analytics-presence.token';

export interface SessionState {
  readonly token: string | null;
  /** Why there is no token any more; null when none was given yet, or after signing out. */
  readonly ended: 'expired' | 'invalid' | null;
}

/** Three parts of base64url. What a chat program puts behind them, such as a full stop, is no part of the token. */
const TOKEN = /^([\w-]+\.[\w-]+\.[\w-]+)[^\w-]*$/;

/** Returns the text of `#token=…` in the fragment of an address, whether it is a token or not; null without one. */
export function tokenInFragment(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token')?.trim();
  return token === undefined || token === '' ? null : token;
}

/** Accepts what people paste: the token alone, behind `Bearer`, as an assignment, or the whole link. */
export function readPastedToken(text: string): string | null {
  const hash = text.indexOf('#token=');
  const token =
    hash === -1
      ? text.trim().replace(/^(?:export\s+)?(?:TOKEN=|Bearer\s+)/i, '')
      : tokenInFragment(text.slice(hash));
  return TOKEN.exec(token ?? '')?.[1] ?? null;
}

/** Holds the token for the life of the tab. */
export class Session implements Store<SessionState> {
  private readonly state: ValueStore<SessionState>;

  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>) {
    const token = readPastedToken(storage.getItem(STORAGE_KEY) ?? '');
    this.state = new ValueStore<SessionState>({ token, ended: null });
  }

  get(): SessionState {
    return this.state.get();
  }

  subscribe(listener: () => void): () => void {
    return this.state.subscribe(listener);
  }

  /** Does nothing for the token that is there already, as when its link is opened twice. */
  signIn(token: string): void {
    if (token === this.get().token) return;
    this.storage.setItem(STORAGE_KEY, token);
    this.state.set({ token, ended: null });
  }

  signOut(ended: SessionState['ended'] = null): void {
    this.storage.removeItem(STORAGE_KEY);
    this.state.set({ token: null, ended });
  }

  /** Signs out unless another token took the place of the refused one meanwhile. */
  refuse(token: string | null, code: string | null): void {
    if (token === null || token !== this.get().token) return;
    this.signOut(code === 'token_expired' ? 'expired' : 'invalid');
  }
}

type AddressWindow = Pick<Window, 'history' | 'addEventListener'> & {
  readonly location: Pick<Location, 'hash' | 'pathname' | 'search'>;
};

/** Takes tokens out of the address, also of a link that is pasted into the tab later: that loads no new document. */
export function takeTokensFromAddress(session: Session, window: AddressWindow): void {
  const take = (): void => {
    takeTokenFromAddress(session, window);
  };
  take();
  window.addEventListener('hashchange', take);
}

/** Takes a token out of the address before anything can read, log or share it. */
function takeTokenFromAddress(session: Session, { location, history }: AddressWindow): void {
  const text = tokenInFragment(location.hash);
  if (text === null) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  const token = readPastedToken(text);
  // The browser refuses to send some texts that are no token, so the service could not refuse them.
  if (token === null) session.signOut('invalid');
  else session.signIn(token);
}
