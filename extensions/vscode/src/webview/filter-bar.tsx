import { useEffect, useRef, useState } from "preact/hooks";
import type { Facets, Filter } from "../protocol/trace-messages.ts";

type Key = keyof Filter;

/** Search and filters. Only what occurs in the file is offered. */
export function FilterBar({
  filter,
  facets,
  onChange,
}: {
  readonly filter: Filter;
  readonly facets: Facets;
  onChange(filter: Filter): void;
}) {
  const [text, setText] = useState(filter.text ?? "");
  const now = useRef(filter); // what is chosen while the search waits stays chosen
  now.current = filter;
  useEffect(() => setText(filter.text ?? ""), [filter.text]);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (text !== (now.current.text ?? ""))
        onChange({ ...now.current, text: text === "" ? undefined : text });
    }, 250);
    return () => clearTimeout(timer);
  }, [text]);
  const select = (key: Key, label: string, values: readonly (readonly [string, string])[]) =>
    values.length === 0 ? null : (
      <label key={key}>
        <span class="dim">{label}</span>
        <select
          value={filter[key] ?? ""}
          onChange={(event) =>
            onChange({
              ...filter,
              [key]: event.currentTarget.value === "" ? undefined : event.currentTarget.value,
            })
          }
        >
          <option value="">all</option>
          {values.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
    );
  const same = (values: readonly string[]) =>
    values.length < 2 ? [] : values.map((value) => [value, value] as const);
  const { changes } = facets;
  return (
    <form class="filters-bar" aria-label="Search and filters" onSubmit={(event) => event.preventDefault()}>
      <input
        type="search"
        placeholder="Search"
        aria-label="Search in the records"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div class="selects">
        {facets.outcomes &&
          select("outcome", "Outcome", [
            ["right", "right"],
            ["wrong", "wrong"],
            ["excluded", "left out"],
          ])}
        {changes !== undefined &&
          select("change", "Change", [
            ["won", `won against ${changes}`],
            ["lost", `lost against ${changes}`],
          ])}
        {select("answer", "Answer", same(facets.answers))}
        {select("images", "Images", same(facets.images))}
        {select("specialty", "Specialty", same(facets.specialties))}
        {select("negativeKind", "Negative", same(facets.negativeKinds))}
        {select(
          "weak",
          "Weak in",
          facets.criteria.map((name) => [name, name] as const),
        )}
      </div>
    </form>
  );
}
