// Events and bytes per second over the last five minutes.
import type uPlotLibrary from 'uplot';
import type { Stats } from './api.ts';
import { byId } from './dom.ts';
import { short, size } from './format.ts';

// A script of its own, before this one.
declare const uPlot: typeof uPlotLibrary;

const mostSeconds = 300;
const leastSeconds = 60;
const height = 128;

export class Chart {
  readonly #place = byId('chart');
  #plot: uPlotLibrary | undefined;
  #data: [number[], number[], number[]] = [[], [], []];

  constructor() {
    new ResizeObserver(() => this.#plot?.setSize({ width: this.#place.clientWidth, height })).observe(this.#place);
  }

  show({ rates, nowMs, startedMs }: Stats): void {
    const now = Math.floor(nowMs / 1000);
    const bySecond = new Map(rates.map((rate) => [rate.second, rate]));
    const seconds = Math.min(mostSeconds, Math.max(leastSeconds, now - Math.floor(startedMs / 1000)));
    // The second that is not over yet would look like a fall.
    const times = Array.from({ length: seconds }, (_, index) => now - seconds + index);
    this.#data = [
      times,
      times.map((second) => bySecond.get(second)?.events ?? 0),
      times.map((second) => bySecond.get(second)?.bytes ?? 0),
    ];
    if (this.#plot === undefined) this.draw();
    else this.#plot.setData(this.#data);
    const events = this.#data[1];
    byId('chart-now').textContent = `most ${short(Math.max(...events))}/s`;
  }

  /** Anew: in the colours that are set now. */
  draw(): void {
    this.#plot?.destroy();
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
    const axis = {
      stroke: colour('quiet'),
      grid: { stroke: colour('line'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui, sans-serif',
    };
    const options: uPlotLibrary.Options = {
      width: Math.max(200, this.#place.clientWidth),
      height,
      legend: { show: false },
      cursor: { show: false },
      padding: [8, 4, 0, 4],
      scales: { x: { time: true }, events: { range: fromZero }, bytes: { range: fromZero } },
      axes: [
        {
          ...axis,
          size: 22,
          space: 80,
          values: (_plot, splits) => splits.map((second) => timeOf(second, this.#data[0].length)),
          grid: { show: false },
        },
        { ...axis, scale: 'events', size: 48, space: 26, values: (_plot, splits) => splits.map(short) },
        {
          ...axis,
          scale: 'bytes',
          side: 1,
          size: 58,
          space: 26,
          grid: { show: false },
          values: (_plot, splits) => splits.map(size),
        },
      ],
      series: [
        {},
        {
          scale: 'events',
          stroke: colour('accent'),
          fill: colour('accent-faint'),
          width: 1.5,
          points: { show: false },
        },
        { scale: 'bytes', stroke: colour('second'), width: 1, dash: [4, 3], points: { show: false } },
      ],
    };
    this.#plot = new uPlot(options, this.#data, this.#place);
  }
}

const fromZero = (_plot: uPlotLibrary, _least: number, most: number): [number, number] => [0, Math.max(1, most * 1.1)];

/** With seconds where there are few minutes. */
function timeOf(second: number, seconds: number): string {
  const parts = { hour: '2-digit', minute: '2-digit', hour12: false } as const;
  return new Date(second * 1000).toLocaleTimeString([], seconds > 180 ? parts : { ...parts, second: '2-digit' });
}
