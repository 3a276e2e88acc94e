import { useContext, useId, useState } from 'preact/hooks';
import { readPastedToken, type SessionState } from '../api/session.js';
import { useI18n } from '../i18n/use-i18n.js';
import { AppContext } from '../state/app-context.js';

/** Takes a token where none came with the link, or the one before is over. */
export function SignIn({ ended }: { readonly ended: SessionState['ended'] }) {
  const { t } = useI18n();
  const { session } = useContext(AppContext);
  const [text, setText] = useState('');
  const [isMalformed, setIsMalformed] = useState(false);
  const [titleId, explainId, problemId] = [useId(), useId(), useId()];
  const problem = isMalformed ? t.signIn.malformed : ended === null ? null : t.signIn[ended];
  return (
    <main class="sign-in">
      <form
        class="card sign-in-card"
        aria-labelledby={titleId}
        onSubmit={(event) => {
          event.preventDefault();
          const token = readPastedToken(text);
          setIsMalformed(token === null);
          if (token !== null) session.signIn(token);
        }}
      >
        <h2 id={titleId}>{t.signIn.title}</h2>
        <p id={explainId} class="card-hint">
          {t.signIn.explain}
        </p>
        {problem !== null && (
          <p id={problemId} class="card-notice" role="alert">
            {problem}
          </p>
        )}
        <label class="field">
          <span>{t.signIn.field}</span>
          <input
            // No password: the browser shall not offer to keep it.
            type="text"
            class="masked"
            name="token"
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            required
            autofocus
            placeholder={t.signIn.placeholder}
            aria-describedby={problem === null ? explainId : `${explainId} ${problemId}`}
            aria-invalid={isMalformed}
            value={text}
            onInput={({ currentTarget }) => {
              setText(currentTarget.value);
            }}
          />
        </label>
        <button type="submit" class="button button-primary">
          {t.signIn.submit}
        </button>
      </form>
    </main>
  );
}
