// Draws boards over a Prometheus with Grafana's own components in a headless Chromium.
//
// In:  node draw.mjs --prometheus URL --at UNIX_SECONDS [--var NAME=VALUE]... [--out PICTURE.png|FOLDER]
//      [--width 1600] BOARD.json...
// Out: a picture of each board; one line per panel with the values that it shows; `note:` lines for
//      queries without an answer; `fault:` lines and exit code 1 for cut titles, columns that do not fit,
//      empty panels without a `noValue`, NaN, lines that cannot be seen, failing queries, errors of the page.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { boardsOf, fail, panelsOf, repository } from './board.mjs';
import { Asker } from './prometheus.mjs';

const require = createRequire(import.meta.url);
const BUNDLE = join(repository, 'target/grafana/page');
/** Grafana's server has these fonts; its packages do not. */
const FONTS = [
  [/Inter-Regular/, 'inter/files/inter-latin-400-normal.woff2'],
  [/Inter-Medium\./, 'inter/files/inter-latin-500-normal.woff2'],
  [/Inter-Italic/, 'inter/files/inter-latin-400-italic.woff2'],
  [/Inter-MediumItalic/, 'inter/files/inter-latin-500-italic.woff2'],
  [/fonts\/roboto\//, 'roboto-mono/files/roboto-mono-latin-400-normal.woff2'],
];
/** A picture of the README must stay small. */
const LARGEST = 300_000;

/** The page as one script, made anew when its source or the packages changed. */
async function bundle() {
  const page = join(import.meta.dirname, 'page.jsx');
  const script = join(BUNDLE, 'page.js');
  const sources = [page, join(import.meta.dirname, 'package-lock.json')];
  if (existsSync(script) && sources.every((file) => statSync(file).mtimeMs < statSync(script).mtimeMs)) return;
  await build({
    entryPoints: [page], outfile: script, bundle: true, format: 'iife', minify: true, jsx: 'automatic', logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' }, loader: { '.ttf': 'empty' }, plugins: [gridForReact18],
  });
}

/** Grafana's table uses its own copy of react-data-grid, made for React 18, that npm does not serve; the
 *  published one is for React 19. Three differences matter: a context is rendered by its provider,
 *  a reference needs `forwardRef`, and there is no `use`. */
const gridForReact18 = {
  name: 'react-data-grid for React 18',
  setup({ onLoad }) {
    onLoad({ filter: /react-data-grid\/lib\/index\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const contents = source
        .replace(/\b(jsxs?\((?:RowSelection|\w+)?\w*Context),/g, '$1.Provider,')
        .replace(/export \{(.*)\bDataGrid,/, 'const ForwardedGrid = forwardRef((props, ref) => DataGrid({ ...props, ref }));\nexport {$1ForwardedGrid as DataGrid,')
        .replace('import { createContext,', 'import { createContext, forwardRef,');
      return { contents, loader: 'js' };
    });
  },
};

/** What Grafana's server would answer: our page, icons, fonts. */
function serve(page) {
  const icons = join(dirname(require.resolve('@grafana/ui/package.json')), 'dist/public/img/icons');
  return page.route('**/*', (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/') {
      return route.fulfill({
        contentType: 'text/html; charset=utf-8',
        body: '<!doctype html><link rel="stylesheet" href="/page.css"><style>body { margin: 0 }</style><div id="root"></div>'
          + '<script>window.grafanaBootData = {settings: {featureToggles: {}}, user: {}}</script><script src="/page.js"></script>',
      });
    }
    const icon = pathname.split('/img/icons/')[1];
    const font = FONTS.find(([name]) => name.test(pathname))?.[1];
    const file = icon ? join(icons, icon) : font ? require.resolve(`@fontsource/${font}`) : join(BUNDLE, pathname);
    return existsSync(file) ? route.fulfill({ path: file }) : route.fulfill({ status: 404 });
  });
}

/** Alerts that annotate the board: consecutive samples of a series are one region. */
async function annotationsOf(asker) {
  const queries = (asker.board.annotations?.list ?? []).filter(({ enable, datasource }) => enable && datasource?.type === 'prometheus');
  const found = await Promise.all(queries.map(async ({ expr, iconColor }) => {
    const target = { refId: 'Anno', expr, range: true, interval: '60s' };
    const { data, step, error } = await asker.query({}, target, asker.range, 1000);
    if (error) fail(`annotation ${expr}: ${error}`);
    return data.result.flatMap(({ values }) => {
      const regions = [];
      for (const [time] of values) {
        const last = regions.at(-1);
        if (last && time - last.to <= step * 1.5) last.to = time;
        else regions.push({ color: iconColor, from: time, to: time });
      }
      return regions;
    });
  }));
  return found.flat();
}

/** Everything the page needs to draw a board. */
export async function prepare(board, { prometheus, at, chosen = {}, width = 1600 }) {
  const asker = new Asker(board, prometheus, at, chosen);
  await asker.resolve();
  const drawn = structuredClone(board);
  const panels = {};
  for (const panel of panelsOf(drawn)) {
    panel.title = asker.put(panel.title ?? '', asker.range);
    panel.description &&= asker.put(panel.description, asker.range);
    if (panel.options?.content) panel.options.content = asker.put(panel.options.content, asker.range, { forHtml: true });
    links(panel, asker);
    panels[panel.id] = await asker.panel(panel, Math.round((width / 24) * panel.gridPos.w));
  }
  putIn(drawn.links ?? [], asker);
  const controls = {
    variables: Object.values(asker.variables).filter(({ hide }) => hide !== 2)
      .map(({ label, name, all, values }) => ({ label: label || name, value: all ? 'All' : values.join(' + ') })),
  };
  return { board: drawn, panels, range: asker.range, controls, annotations: await annotationsOf(asker), width };
}

/** Puts variables into the links of a panel's values. */
function links(panel, asker) {
  const { defaults = {}, overrides = [] } = panel.fieldConfig ?? {};
  const properties = overrides.flatMap((rule) => rule.properties.filter(({ id }) => id === 'links').flatMap(({ value }) => value));
  putIn([...defaults.links ?? [], ...properties, ...panel.links ?? []], asker);
}

function putIn(list, asker) {
  const all = Object.values(asker.variables).flatMap(({ name, all: every, values }) => (every ? ['All'] : values).map((value) => `var-${name}=${encodeURIComponent(value)}`));
  for (const link of list) link.url &&= asker.put(link.url, asker.range, { extra: { __all_variables: all.join('&') } });
}

/** A browser that draws boards: `draw(prepared)` gives `{lines, notes, faults, picture}`. */
export async function open() {
  await bundle();
  const executablePath = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
  if (!executablePath) fail('no Chromium: install it, or name it in the variable CHROMIUM');
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  return {
    async draw(prepared) {
      const page = await browser.newPage({ viewport: { width: prepared.width, height: 1000 }, colorScheme: 'dark', timezoneId: 'UTC', reducedMotion: 'reduce' });
      const errors = [];
      page.on('pageerror', (error) => errors.push(`error of the page: ${error.message}`));
      page.on('console', (message) => message.type() === 'error' && errors.push(`error on the console: ${message.text()} ${message.location().url}`));
      await serve(page);
      await page.goto('http://grafana.local/');
      const { lines, notes, faults } = await page.evaluate((all) => window.draw(all), prepared);
      const full = await page.screenshot({ fullPage: true });
      await page.close();
      return { lines, notes, faults: [...faults, ...errors], picture: await small(full) };
    },
    close: () => browser.close(),
  };
}

/** The picture in as many colours as its size allows. */
async function small(png) {
  for (const colours of [256, 128, 64, 32, 16]) {
    const picture = await sharp(png).png({ palette: true, colours, compressionLevel: 9, effort: 10, dither: 0 }).toBuffer();
    if (picture.length < LARGEST || colours === 16) return picture;
  }
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      prometheus: { type: 'string' }, at: { type: 'string' }, var: { type: 'string', multiple: true, default: [] },
      out: { type: 'string' }, width: { type: 'string', default: '1600' },
    },
  });
  if (!positionals.length || !values.prometheus || !Number(values.at)) {
    fail('usage: draw.mjs --prometheus URL --at UNIX_SECONDS [--var NAME=VALUE]... [--out PICTURE.png|FOLDER] [--width 1600] BOARD.json...');
  }
  const chosen = Object.fromEntries(values.var.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
  const asked = { prometheus: values.prometheus, at: Number(values.at), chosen, width: Number(values.width) };
  const browser = await open();
  try {
    for (const { path, board } of boardsOf(positionals)) {
      const { lines, notes, faults, picture } = await browser.draw(await prepare(board, asked));
      if (values.out) {
        const out = values.out.endsWith('.png') ? values.out : join(values.out, `${basename(path, '.json')}.png`);
        mkdirSync(dirname(out), { recursive: true });
        writeFileSync(out, picture);
        if (picture.length >= LARGEST) faults.push(`the picture has ${picture.length} bytes, more than ${LARGEST}`);
      }
      console.log([`== ${path}`, ...lines, ...notes.map((note) => `note: ${note}`), ...faults.map((fault) => `fault: ${fault}`)].join('\n'));
      if (faults.length) process.exitCode = 1;
    }
  } finally {
    await browser.close();
  }
}

if (process.argv[1] === import.meta.filename) await main();
