import type { ComponentChildren } from "preact";

export interface TableRow {
  readonly name: string;
  readonly cells: readonly ComponentChildren[];
  readonly differ?: boolean;
}

/** A table whose rows are named by their first cell; with `columns`, their names stand above. */
export function Table({
  rows,
  columns,
}: {
  readonly rows: readonly TableRow[];
  readonly columns?: readonly string[];
}) {
  return (
    <table>
      {columns !== undefined && (
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th key={`${index}${column}`} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
      )}
      <tbody>
        {rows.map(({ name, cells, differ = false }, row) => (
          <tr key={`${row}${name}`} class={differ ? "differ" : ""}>
            <th scope="row">{name}</th>
            {cells.map((cell, index) => (
              <td key={index}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
