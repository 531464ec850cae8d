// How the site looks: its order of pages, GitHub's slugs for headings, and a search that asks nobody else.
import { slug } from 'github-slugger';
import { defineConfig } from 'vitepress';

const guide = [
  ['Getting started', '/docs/getting-started'],
  ['Options', '/docs/options'],
  ['Delivery', '/docs/delivery'],
  ['Channels on disk', '/docs/file-channel'],
  ['Shutdown', '/docs/shutdown'],
  ['The Flume side', '/docs/flume'],
  ['Diagnostics', '/docs/diagnostics'],
  ['Troubleshooting', '/docs/troubleshooting'],
  ['Migrating', '/docs/migrating'],
  ['Security', '/docs/security'],
  ['Threat model', '/docs/threat-model'],
  ['The client', '/docs/client'],
  ['Versions and support', '/docs/support'],
];
const packages = [
  ['winston-flume', '/packages/winston/'],
  ['pino-flume', '/packages/pino/'],
  ['flume-thrift-client', '/packages/core/'],
  ['flume-tools', '/packages/tools/'],
  ['flume-dev-agent', '/packages/dev-agent/'],
];
const figures = [
  ['Performance', '/docs/performance'],
  ['Interoperability', '/docs/interop'],
];
const items = (list) => list.map(([text, link]) => ({ text, link }));

export default defineConfig({
  srcDir: 'pages',
  outDir: 'dist',
  cacheDir: '../.cache/vitepress',
  title: 'Flume transports',
  description: 'winston and pino to Apache Flume, over Thrift',
  cleanUrls: false,
  // Our own check knows anchors too.
  ignoreDeadLinks: true,
  markdown: { anchor: { slugify: slug }, headers: { slugify: slug } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: items([
      ['Guide', '/docs/getting-started'],
      ['API', '/api/'],
      ['中文', '/README.zh-CN'],
    ]),
    sidebar: [
      { text: 'Guide', items: items(guide) },
      { text: 'Packages', items: items(packages) },
      { text: 'Figures', items: items(figures) },
      { text: 'API', items: items([['Reference', '/api/']]) },
      {
        text: 'Project',
        items: items([
          ['Examples', '/examples/'],
          ['Contributing', '/CONTRIBUTING'],
          ['Changes', '/CHANGELOG'],
          ['Report a vulnerability', '/SECURITY'],
        ]),
      },
    ],
  },
});
