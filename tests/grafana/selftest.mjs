// Proves that the checks can fail: spoils a sound board in one place and expects the fault to be told.
//
// In:  nothing, or `--draw URL UNIX_SECONDS` to draw the spoilt boards over a Prometheus too.
// Out: `N faults planted, N found`, a line for each that was not told; exit code 1 if there are such.
import { fail } from './board.mjs';
import { open, prepare } from './draw.mjs';
import { checker } from './schema.mjs';
import { check as words } from './units.mjs';

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const LEGEND = { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] };
const target = (expr) => ({
  refId: 'A', datasource: DATASOURCE, editorMode: 'code', expr, legendFormat: 'up', range: true, instant: false, format: 'time_series',
});
const thresholds = (color) => ({ mode: 'absolute', steps: [{ color, value: null }] });

/** A board without a fault: one panel of each kind that a fault below needs. */
const sound = () => ({
  id: null, uid: 'sound', title: 'Sound', tags: [], timezone: 'utc', editable: false, graphTooltip: 1, schemaVersion: 39, version: 1,
  time: { from: 'now-1h', to: 'now' }, timepicker: {}, refresh: '1m', links: [], annotations: { list: [] },
  templating: { list: [{
    name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', options: [], refresh: 1, regex: '', hide: 0,
    multi: false, includeAll: false, skipUrlSync: false,
  }] },
  panels: [
    {
      id: 1, type: 'stat', title: 'Answer', description: 'What is it?', gridPos: { x: 0, y: 0, w: 4, h: 4 }, datasource: DATASOURCE,
      fieldConfig: { defaults: { unit: 'percentunit', thresholds: thresholds('green'), color: { mode: 'thresholds' } }, overrides: [] },
      options: {
        reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false }, orientation: 'auto', textMode: 'value', colorMode: 'background',
        graphMode: 'none', justifyMode: 'center', wideLayout: true, showPercentChange: false, percentChangeColorMode: 'standard',
      },
      targets: [target('vector(0.42)')],
    },
    {
      id: 2, type: 'timeseries', title: 'Line', description: 'How was it?', gridPos: { x: 4, y: 0, w: 20, h: 8 }, datasource: DATASOURCE,
      fieldConfig: {
        defaults: { unit: 'short', thresholds: thresholds('green'), color: { mode: 'thresholds' }, custom: { drawStyle: 'line', lineWidth: 1 } },
        overrides: [{ matcher: { id: 'byName', options: 'up' }, properties: [{ id: 'custom.fillOpacity', value: 0 }] }],
      },
      options: { legend: LEGEND, tooltip: { mode: 'multi', sort: 'desc' } },
      targets: [target('vector(1)')],
    },
    {
      id: 3, type: 'text', title: 'Words', description: '', gridPos: { x: 0, y: 4, w: 4, h: 4 },
      fieldConfig: { defaults: {}, overrides: [] },
      options: { mode: 'markdown', content: 'a &lt;b&gt; `<c>` [d](/e)', code: { language: 'plaintext', showLineNumbers: false, showMiniMap: false } },
    },
  ],
});

/** What is spoilt, and a word of the fault that must be told. */
const SHAPE = [
  ['unknown key of a board', (b) => { b.style = 'dark'; }, '`style`'],
  ['unknown key of a panel', ([stat]) => { stat.colour = 1; }, '`colour`'],
  ['unknown option', ([stat]) => { stat.options.sparkle = true; }, '`sparkle`'],
  ['missing option', ([stat]) => { delete stat.options.wideLayout; }, 'wideLayout'],
  ['word that an option does not take', ([stat]) => { stat.options.colorMode = 'bright'; }, 'colorMode'],
  ['unknown custom setting', ([, line]) => { line.fieldConfig.defaults.custom.smooth = 1; }, '`smooth`'],
  ['unknown setting of an override', ([, line]) => { line.fieldConfig.overrides[0].properties[0].id = 'custom.fillOpacitie'; }, 'fillOpacitie'],
  ['no overrides', ([stat]) => { delete stat.fieldConfig.overrides; }, 'overrides'],
  ['threshold without a value', ([stat]) => { delete stat.fieldConfig.defaults.thresholds.steps[0].value; }, 'value'],
  ['unknown panel type', ([stat]) => { stat.type = 'stats'; }, '`stats`'],
  ['variable without a name', (b) => { delete b.templating.list[0].name; }, 'name'],
];
const WORDS = [
  ['unknown unit', ([stat]) => { stat.fieldConfig.defaults.unit = 'percentunits'; }, '`percentunits`'],
  ['unknown colour', ([stat]) => { stat.fieldConfig.defaults.thresholds.steps[0].color = 'rad'; }, '`rad`'],
  ['unknown calculation', ([stat]) => { stat.options.reduceOptions.calcs = ['newest']; }, '`newest`'],
  ['unknown transformation', ([stat]) => { stat.transformations = [{ id: 'mergge', options: {} }]; }, '`mergge`'],
  ['unknown matcher', ([, line]) => { line.fieldConfig.overrides[0].matcher.id = 'byNam'; }, '`byNam`'],
  ['markup in a text', ([, , text]) => { text.options.content += '<b>bold</b>'; }, '<b>'],
  ['script in a text', ([, , text]) => { text.options.content += '<script>alert(1)</script>'; }, 'script'],
  ['handler in a text', ([, , text]) => { text.options.content += '<img src=x onerror=alert(1)>'; }, '<img'],
  ['script in a link', ([, , text]) => { text.options.content += '[x](javascript:alert(1))'; }, 'link `x`'],
];
const LOOKS = [
  ['overlong title', ([stat]) => { stat.title = 'Error budget remaining in the period'; }, 'title is cut'],
  ['transparent line', ([, line]) => { line.fieldConfig.defaults.thresholds = thresholds('transparent'); }, 'transparent'],
  ['empty panel', ([stat]) => { stat.targets[0].expr = 'absent_metric'; }, 'no data'],
  ['failing query', ([stat]) => { stat.targets[0].expr = 'sum('; }, 'query fails'],
  ['unknown variable', ([stat]) => { stat.targets[0].expr = 'up{slo="$slo"} or vector(1)'; }, 'variable is left'],
];

/** Spoils a board for each fault; how many of them `check` does not tell. */
async function plant(faults, check) {
  const clean = await check(sound());
  if (clean.length) fail(`the sound board has faults:\n${clean.join('\n')}`);
  let missed = 0;
  for (const [name, spoil, word] of faults) {
    const board = sound();
    // A fault of the board is planted through the board, one of a panel through the list of panels.
    spoil(Object.assign(board, { [Symbol.iterator]: () => board.panels[Symbol.iterator]() }));
    const told = await check(board);
    if (told.some((line) => line.includes(word))) continue;
    missed += 1;
    console.log(`not told: ${name}: ${told.join(' / ') || 'no fault'}`);
  }
  console.log(`${faults.length} faults planted, ${faults.length - missed} found`);
  if (missed) process.exitCode = 1;
}

const [draw, prometheus, at] = process.argv.slice(2);
if (draw === '--draw') {
  const browser = await open();
  const look = async (board) => (await browser.draw(await prepare(board, { prometheus, at: Number(at) }))).faults;
  await plant(LOOKS, look).finally(browser.close);
} else {
  const lines = (check) => (board) => check(board).map((fault) => fault.join(': '));
  await plant(SHAPE, lines(checker()));
  await plant(WORDS, lines(words));
}
