// Draws the charts of docs/performance: bars with their spread, and measured against fitted. Reads them as JSON from stdin.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import * as echarts from 'echarts';

const [folder] = process.argv.slice(2);
const width = 760;
const subjectColour = '#2a6f97';
const peerColour = '#a9c6d6';
const isOurs = (name) => /^(ours|EmbeddedAgent|pino-flume|winston-flume)$/.test(name);
const base = (title) => ({
  animation: false,
  backgroundColor: '#ffffff',
  textStyle: { fontFamily: 'sans-serif' },
  title: { text: title, left: 12, top: 8, textStyle: { fontSize: 14, fontWeight: 'bold' } },
});
const short = (value) =>
  value >= 1e6
    ? `${(value / 1e6).toFixed(2)} M`
    : value >= 1e4
      ? `${(value / 1e3).toFixed(0)} k`
      : String(+value.toPrecision(3));

function bars({ title, bars: rows }) {
  const shown = rows.filter(({ median }) => Number.isFinite(median));
  return {
    height: 80 + 34 * shown.length,
    option: {
      ...base(title),
      // What is written right-aligned beside the axis would be cut otherwise.
      grid: { left: 24 + 6.6 * Math.max(...shown.map(({ name }) => name.length)), right: 90, top: 44, bottom: 28 },
      xAxis: { type: 'value', axisLabel: { formatter: short } },
      yAxis: { type: 'category', inverse: true, data: shown.map(({ name }) => name), axisTick: { show: false } },
      series: [
        {
          type: 'bar',
          barWidth: 18,
          data: shown.map(({ name, median }) => ({
            value: median,
            itemStyle: { color: isOurs(name) ? subjectColour : peerColour },
          })),
          label: { show: true, position: 'right', distance: 16, formatter: ({ value }) => short(value) },
        },
        {
          type: 'custom',
          z: 5,
          data: shown.map(({ min, max }, index) => [min, max, index]),
          encode: { x: [0, 1], y: 2 },
          renderItem(_params, api) {
            const [from, y] = api.coord([api.value(0), api.value(2)]);
            const [to] = api.coord([api.value(1), api.value(2)]);
            const style = { stroke: '#333333', lineWidth: 1.2 };
            const line = (x1, y1, x2, y2) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style });
            return {
              type: 'group',
              children: [line(from, y, to, y), line(from, y - 4, from, y + 4), line(to, y - 4, to, y + 4)],
            };
          },
        },
      ],
    },
  };
}

function fit({ title, points }) {
  const ends = points.flatMap(({ cpuMs, fittedMs }) => [cpuMs, fittedMs]);
  const low = 10 ** Math.floor(Math.log10(Math.max(1, Math.min(...ends))));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...ends)));
  return {
    height: 460,
    option: {
      ...base(title),
      grid: { left: 70, right: 40, top: 50, bottom: 54 },
      xAxis: { type: 'log', name: 'fitted', nameLocation: 'middle', nameGap: 30, min: low, max: high },
      yAxis: { type: 'log', name: 'measured', nameLocation: 'middle', nameGap: 44, min: low, max: high },
      series: [
        {
          type: 'line',
          showSymbol: false,
          data: [
            [low, low],
            [high, high],
          ],
          lineStyle: { color: peerColour, width: 2 },
        },
        {
          type: 'scatter',
          symbolSize: 9,
          itemStyle: { color: subjectColour },
          data: points.map(({ fittedMs, cpuMs }) => [fittedMs, cpuMs]),
        },
      ],
    },
  };
}

for (const chart of JSON.parse(await text(process.stdin))) {
  const { height, option } = chart.bars === undefined ? fit(chart) : bars(chart);
  const drawing = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  drawing.setOption(option);
  // What the library adds for a mouse does nothing in an image, and numbers each chart: a run that changes nothing is to
  // write the same file.
  const svg = drawing
    .renderToSVGString()
    .replace(/<style[^]*<\/style>\s*/, '')
    .replaceAll(/ class="zr\d+-[^"]*"/g, '')
    .replaceAll(/zr\d+-/g, 'zr-');
  writeFileSync(path.join(folder, chart.file), `${svg}\n`);
  drawing.dispose();
}
