import { useContext } from 'preact/hooks';
import { useI18n } from '../i18n/use-i18n.js';
import { AppContext } from '../state/app-context.js';
import { useStore } from '../state/store.js';

/** Tells a screen reader once that figures are missing or old, and once that none is any more. */
export function Announcement() {
  const { t } = useI18n();
  const trouble = useStore(useContext(AppContext).troubles);
  return (
    <p class="visually-hidden" role="status" data-trouble={trouble}>
      {t.announcement[trouble]}
    </p>
  );
}
