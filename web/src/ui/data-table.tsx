import { useState } from 'preact/hooks';
import { useI18n } from '../i18n/use-i18n.js';

/** Exceeds the minutes of a day. Places are named by clients, so their number has no bound. */
const MAX_ROWS = 2_000;

export interface TableModel {
  readonly columns: readonly string[];
  /** The first cell of a row names it. */
  readonly rows: readonly (readonly string[])[];
}

interface DataTableProps {
  readonly title: string;
  /** Makes the rows when the table is opened. */
  readonly table: () => TableModel;
}

/** The figures of a chart for those who do not see it. */
export function DataTable({ title, table }: DataTableProps) {
  const { t } = useI18n();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details
      class="table-of"
      onToggle={(event) => {
        setIsOpen(event.currentTarget.open);
      }}
    >
      <summary>{t.card.showTable}</summary>
      {isOpen && <Table caption={t.chart.table(title)} table={table()} />}
    </details>
  );
}

function Table({ caption, table }: { readonly caption: string; readonly table: TableModel }) {
  const { t } = useI18n();
  const rows = table.rows.slice(0, MAX_ROWS);
  return (
    // A scrolled region is reached by keyboard.
    <div class="table-scroll" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th scope="col">{column}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, ...cells]) => (
            <tr>
              <th scope="row">{name}</th>
              {cells.map((cell) => (
                <td>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length < table.rows.length && <p>{t.card.firstRows(rows.length, table.rows.length)}</p>}
    </div>
  );
}
