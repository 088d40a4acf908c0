import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

export interface VirtualListProps {
  readonly label: string;
  readonly count: number;
  readonly rowHeight: number;
  readonly selected: number;
  /** Asked when rows come into view. */
  onView(from: number, to: number): void;
  onSelect(position: number): void;
  row(position: number): ComponentChildren;
}

/** Browsers cannot lay out more than about 33 million pixels. */
const tallest = 15_000_000;
const spare = 8;

/** A list that draws only the rows in view, however many there are. Arrow keys, Page Up and Down, Home and End move the selection. */
export function VirtualList({ label, count, rowHeight, selected, onView, onSelect, row }: VirtualListProps) {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(400);
  const total = count * rowHeight;
  const scale = total > tallest ? tallest / total : 1;
  const first = Math.max(0, Math.floor(top / scale / rowHeight) - spare);
  const last = Math.min(count, Math.ceil((top / scale + height) / rowHeight) + spare);

  useLayoutEffect(() => {
    const watcher = new ResizeObserver(() => setHeight(box.current?.clientHeight ?? 400));
    if (box.current !== null) watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);
  useEffect(() => onView(first, last), [first, last, count]);
  useEffect(() => {
    const element = box.current;
    if (element === null || selected < 0) return;
    const place = selected * rowHeight * scale;
    if (place < element.scrollTop) element.scrollTop = place;
    else if (place + rowHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = place + rowHeight - element.clientHeight;
  }, [selected, count]);

  const keys = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(height / rowHeight) - 1);
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -count,
      End: count,
    };
    const step = steps[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    onSelect(Math.max(0, Math.min(count - 1, Math.max(selected, 0) + step)));
  };
  const rows = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index);
  const start = scale === 1 ? first * rowHeight : top - (top / scale - first * rowHeight);
  return (
    <div
      class="list"
      role="listbox"
      tabIndex={0}
      aria-label={label}
      aria-activedescendant={selected >= first && selected < last ? `row-${selected}` : undefined}
      ref={box}
      onScroll={() => setTop(box.current?.scrollTop ?? 0)}
      onKeyDown={keys}
    >
      <div class="list-space" role="presentation" style={{ height: `${Math.min(total, tallest)}px` }}>
        {rows.map((position) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the list itself takes the keys
          <div
            key={position}
            tabIndex={-1}
            id={`row-${position}`}
            class={position === selected ? "row selected" : "row"}
            role="option"
            aria-selected={position === selected}
            aria-setsize={count}
            aria-posinset={position + 1}
            style={{ top: `${start + (position - first) * rowHeight}px`, height: `${rowHeight}px` }}
            onClick={() => onSelect(position)}
          >
            {row(position)}
          </div>
        ))}
      </div>
    </div>
  );
}
