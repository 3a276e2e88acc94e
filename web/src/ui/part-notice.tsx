import { useI18n } from '../i18n/use-i18n.js';
import { missingPartProblem, type FigurePart } from './missing-part.js';

interface PartNoticeProps {
  /** Says what is missing. */
  readonly text: string;
  readonly part: FigurePart;
}

/** Stands above a figure while a part of it could not be read. */
export function PartNotice({ text, part }: PartNoticeProps) {
  const { t } = useI18n();
  const problem = missingPartProblem(part);
  if (problem === null) return null;
  return (
    <p class="card-notice" role="status" title={problem.detail ?? undefined}>
      <strong>{text}</strong>
      <span>{problem.code === null ? t.problem[problem.kind] : t.problem.code(problem.code)}</span>
    </p>
  );
}
