// Draws the charts of a page: bars with their spread, percentiles as dots, columns in groups. Reads them as JSON from stdin.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import * as echarts from 'echarts';

const [folder] = process.argv.slice(2);
const width = 760;
const subjectColour = '#2a6f97';
const peerColour = '#a9c6d6';
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

/** What is written right-aligned beside the axis would be cut otherwise. */
const left = (rows) => 24 + 6.6 * Math.max(...rows.map(({ name }) => name.length));

function bars({ title, bars: rows }) {
  const shown = rows.filter(({ median }) => Number.isFinite(median));
  return {
    height: 80 + 34 * shown.length,
    option: {
      ...base(title),
      grid: { left: left(shown), right: 90, top: 44, bottom: 28 },
      xAxis: { type: 'value', axisLabel: { formatter: short } },
      yAxis: { type: 'category', inverse: true, data: shown.map(({ name }) => name), axisTick: { show: false } },
      series: [
        {
          type: 'bar',
          barWidth: 18,
          data: shown.map(({ isSubject, median }) => ({
            value: median,
            itemStyle: { color: isSubject ? subjectColour : peerColour },
          })),
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
            const label = {
              text: short(shown[api.value(2)].median),
              x: to + 8,
              y,
              verticalAlign: 'middle',
              fill: '#222222',
              fontSize: 12,
            };
            return {
              type: 'group',
              children: [
                line(from, y, to, y),
                line(from, y - 4, from, y + 4),
                line(to, y - 4, to, y + 4),
                { type: 'text', style: label },
              ],
            };
          },
        },
      ],
    },
  };
}

const lowest = (rows) => 10 ** Math.floor(Math.log10(Math.min(...rows.flatMap(({ values }) => values))));

/** A line for each name, with a dot for each percentile. */
function percentiles({ title, dots: rows }) {
  return {
    height: 90 + 34 * rows.length,
    option: {
      ...base(title),
      grid: { left: left(rows), right: 60, top: 44, bottom: 34 },
      xAxis: { type: 'log', min: lowest(rows), axisLabel: { formatter: short } },
      yAxis: { type: 'category', inverse: true, data: rows.map(({ name }) => name), axisTick: { show: false } },
      series: [
        ...rows.map(({ values }, row) => ({
          type: 'line',
          showSymbol: false,
          data: [Math.min(...values), Math.max(...values)].map((value) => [value, row]),
          lineStyle: { color: peerColour, width: 3 },
        })),
        ...['p50', 'p99', 'p99.9'].map((percentile, at) => ({
          type: 'scatter',
          symbolSize: 11,
          z: 5,
          data: rows.map(({ isSubject, values }, row) => ({
            value: [values[at], row],
            itemStyle: { color: isSubject ? subjectColour : '#7a95a3', opacity: [0.45, 0.75, 1][at] },
          })),
          label: { show: true, position: 'top', distance: 2, fontSize: 10, formatter: ({ value }) => short(value[0]) },
          name: percentile,
        })),
      ],
    },
  };
}

// Of two series that belong together the second is dark. The pale ones have the dark one's edge, to be seen on white.
const pairs = [
  [peerColour, subjectColour],
  ['#f3d3bd', '#b4541f'],
];

/** A column of each series in each group, with its value above it. */
function groups({ title, columns }) {
  const { groups, series } = columns;
  return {
    height: 330,
    option: {
      ...base(title),
      // The library takes names for narrower than they are.
      legend: { top: 34, left: 8, itemWidth: 14, itemGap: 32, data: series.map(({ name }) => name) },
      grid: { left: 60, right: 20, top: 78, bottom: 32 },
      xAxis: { type: 'category', data: groups, axisTick: { show: false } },
      yAxis: { type: 'value', axisLabel: { formatter: short } },
      series: series.map(({ name, values }, index) => {
        const pair = pairs[Math.floor(index / 2)];
        return {
          name,
          type: 'bar',
          barGap: '8%',
          barCategoryGap: '18%',
          data: values,
          itemStyle: { color: pair[index % 2], borderColor: pair[1], borderWidth: 1 },
          label: { show: true, position: 'top', distance: 3, fontSize: 10, formatter: ({ value }) => short(value) },
        };
      }),
    },
  };
}

const drawn = (chart) => {
  if (chart.columns !== undefined) return groups(chart);
  return chart.bars === undefined ? percentiles(chart) : bars(chart);
};
const escaped = (words) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

for (const chart of JSON.parse(await text(process.stdin))) {
  const { height, option } = drawn(chart);
  const drawing = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  drawing.setOption(option);
  // What the library adds for a mouse does nothing in an image, and numbers each chart: a run that changes nothing is to
  // write the same file.
  const svg = drawing
    .renderToSVGString()
    .replace(/<style[^]*<\/style>\s*/, '')
    .replaceAll(/ class="zr\d+-[^"]*"/g, '')
    .replaceAll(/zr\d+-/g, 'zr-')
    .replace('>', () => `>\n<desc>${escaped(chart.inWords)}</desc>`);
  writeFileSync(path.join(folder, chart.file), `${svg}\n`);
  drawing.dispose();
}
