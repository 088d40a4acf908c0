import { useEffect, useRef, useState } from "preact/hooks";
import type { ImageView } from "../protocol/case-view.ts";
import { RegionFrames, RegionNames } from "./image-regions.tsx";

interface Look {
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
  /** Width and middle of the window of grey values, 0 to 255. */
  readonly width: number;
  readonly level: number;
  readonly inverted: boolean;
}

const asItIs: Look = { zoom: 1, x: 0, y: 0, width: 255, level: 127.5, inverted: false };
const between = (low: number, value: number, high: number) => Math.min(high, Math.max(low, value));

/** The linear map of grey values that a window makes: v → slope · v + intercept, for values from 0 to 1. */
export function windowOf({ width, level, inverted }: Pick<Look, "width" | "level" | "inverted">): {
  slope: number;
  intercept: number;
} {
  const slope = 255 / Math.max(1, width);
  const intercept = 0.5 - (slope * level) / 255;
  return inverted ? { slope: -slope, intercept: 1 - intercept } : { slope, intercept };
}

export interface ImageViewerProps {
  readonly images: readonly ImageView[];
  /** The marked part that stands out. */
  readonly region: string | undefined;
  onRegion(name: string | undefined): void;
}

/** Pictures of a case with the parts that are marked in them: wheel zooms, drag pans, right drag (or Shift) sets window and level; all of it by keys as well. */
export function ImageViewer({ images, region, onRegion }: ImageViewerProps) {
  const [at, setAt] = useState(0);
  const [look, setLook] = useState(asItIs);
  const [broken, setBroken] = useState(false);
  const [framed, setFramed] = useState(true);
  const drag = useRef<{ x: number; y: number; from: Look; window: boolean } | null>(null);
  const stage = useRef<HTMLDivElement>(null);
  const image = images[Math.min(at, images.length - 1)];
  useEffect(() => {
    setLook(asItIs);
    setBroken(false);
  }, [image?.source]);
  useEffect(() => {
    const element = stage.current;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const box = element!.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
      setLook((now) => zoomed(now, Math.exp(-event.deltaY / 400), x, y));
    };
    element?.addEventListener("wheel", wheel, { passive: false });
    return () => element?.removeEventListener("wheel", wheel);
  }, [image?.source]);
  if (image === undefined) return null;

  const begin = (event: PointerEvent) => {
    if (event.button === 1) return;
    drag.current = {
      x: event.clientX,
      y: event.clientY,
      from: look,
      window: event.button === 2 || event.shiftKey,
    };
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    const now = drag.current;
    if (now === null) return;
    const [dx, dy] = [event.clientX - now.x, event.clientY - now.y];
    setLook(
      now.window
        ? {
            ...now.from,
            width: between(1, now.from.width + dx, 510),
            level: between(0, now.from.level - dy, 255),
          }
        : { ...now.from, x: now.from.x + dx, y: now.from.y + dy },
    );
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === "r" && !event.ctrlKey && !event.metaKey) return setFramed(!framed);
    const change = keyed[event.key];
    if (change === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    setLook(change);
  };
  const { slope, intercept } = windowOf(look);
  const transform = `translate(${look.x}px, ${look.y}px) scale(${look.zoom})`;
  const plain = look.width === 255 && look.level === 127.5 && !look.inverted;
  return (
    <section class="images" aria-label="Images">
      {images.length > 1 && (
        <fieldset class="tabs" aria-label="Which image">
          {images.map(({ label, sha256 }, index) => (
            <button
              key={`${sha256}${index}`}
              type="button"
              aria-pressed={index === at}
              onClick={() => setAt(index)}
            >
              {label}
            </button>
          ))}
        </fieldset>
      )}
      {image.source === undefined || broken ? (
        <p class="absent">
          {image.label}: {broken ? "its file cannot be drawn" : image.reason}.{" "}
          <code>{image.sha256.slice(0, 12)}</code>
        </p>
      ) : (
        <>
          <div
            class="stage"
            ref={stage}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: zoom, pan and window have keys
            tabIndex={0}
            role="application"
            aria-label={`${image.label}, zoom ${Math.round(look.zoom * 100)} %, window ${Math.round(look.width)}, level ${Math.round(look.level)}. Plus and minus zoom, arrows pan, brackets set the window, comma and full stop the level, i inverts, 0 resets${image.regions.length > 0 ? ", r shows or hides the regions" : ""}.`}
            onPointerDown={begin}
            onPointerMove={move}
            onPointerUp={() => {
              drag.current = null;
            }}
            onContextMenu={(event) => event.preventDefault()}
            onDblClick={() => setLook(asItIs)}
            onKeyDown={keys}
          >
            <svg class="filters" aria-hidden="true">
              <filter id="window" color-interpolation-filters="sRGB">
                <feComponentTransfer>
                  <feFuncR type="linear" slope={slope} intercept={intercept} />
                  <feFuncG type="linear" slope={slope} intercept={intercept} />
                  <feFuncB type="linear" slope={slope} intercept={intercept} />
                </feComponentTransfer>
              </filter>
            </svg>
            <img
              src={image.source}
              alt={`${image.label} of the case`}
              draggable={false}
              onError={() => setBroken(true)}
              class={look.zoom > 3 ? "sharp" : ""}
              style={{
                transform,
                filter: plain ? "none" : "url(#window)",
              }}
            />
            {framed && image.regions.length > 0 && (
              <RegionFrames
                regions={image.regions}
                chosen={region}
                {...{ width: image.width, height: image.height, transform }}
              />
            )}
          </div>
          {image.regions.length > 0 && (
            <RegionNames
              regions={image.regions}
              chosen={region}
              shown={framed}
              onChoose={onRegion}
              onShow={setFramed}
            />
          )}
          <div class="image-tools">
            <Range
              name="Window"
              value={look.width}
              least={1}
              most={510}
              set={(width) => setLook({ ...look, width })}
            />
            <Range
              name="Level"
              value={look.level}
              least={0}
              most={255}
              set={(level) => setLook({ ...look, level })}
            />
            <button
              type="button"
              aria-pressed={look.inverted}
              onClick={() => setLook({ ...look, inverted: !look.inverted })}
            >
              Invert
            </button>
            <button type="button" onClick={() => setLook(zoomed(look, 1.5, 0, 0))} aria-label="Zoom in">
              +
            </button>
            <button type="button" onClick={() => setLook(zoomed(look, 1 / 1.5, 0, 0))} aria-label="Zoom out">
              −
            </button>
            <button type="button" onClick={() => setLook(asItIs)}>
              Reset
            </button>
            <span class="dim">
              {image.width > 0 ? `${image.width} × ${image.height} · ` : ""}
              {Math.round(look.zoom * 100)} %
            </span>
          </div>
        </>
      )}
    </section>
  );
}

function Range({
  name,
  value,
  least,
  most,
  set,
}: {
  name: string;
  value: number;
  least: number;
  most: number;
  set(value: number): void;
}) {
  return (
    <label>
      {name}
      <input
        type="range"
        min={least}
        max={most}
        value={value}
        onInput={(event) => set(Number(event.currentTarget.value))}
      />
    </label>
  );
}

/** Zooms about a point, given from the middle of the stage. */
function zoomed(look: Look, factor: number, x: number, y: number): Look {
  const zoom = between(0.2, look.zoom * factor, 40);
  const real = zoom / look.zoom;
  return { ...look, zoom, x: x - (x - look.x) * real, y: y - (y - look.y) * real };
}

const keyed: Record<string, (look: Look) => Look> = {
  "+": (look) => zoomed(look, 1.25, 0, 0),
  "=": (look) => zoomed(look, 1.25, 0, 0),
  "-": (look) => zoomed(look, 0.8, 0, 0),
  ArrowLeft: (look) => ({ ...look, x: look.x + 20 }),
  ArrowRight: (look) => ({ ...look, x: look.x - 20 }),
  ArrowUp: (look) => ({ ...look, y: look.y + 20 }),
  ArrowDown: (look) => ({ ...look, y: look.y - 20 }),
  "[": (look) => ({ ...look, width: between(1, look.width - 10, 510) }),
  "]": (look) => ({ ...look, width: between(1, look.width + 10, 510) }),
  ",": (look) => ({ ...look, level: between(0, look.level - 5, 255) }),
  ".": (look) => ({ ...look, level: between(0, look.level + 5, 255) }),
  i: (look) => ({ ...look, inverted: !look.inverted }),
  "0": () => asItIs,
};
