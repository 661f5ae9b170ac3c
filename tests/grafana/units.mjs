// Checks the words and texts of boards with Grafana's own data library.
//
// In:  board files, or folders of them (classic JSON).
// Out: one line per fault (`file: panel: message`) and exit code 1, or `N boards, 0 faults`.
//
// Words: units, transformations, matchers, calculations, colours must be known to `@grafana/data`.
// Texts: what Grafana's `renderMarkdown` makes of a text panel holds no script, no markup that the
// markdown did not ask for, and no link that the sanitiser emptied.
import { boardsOf, panelName, panelsOf, report } from './board.mjs';
import { grafana } from './data.mjs';

const UNITS = new Set(grafana.getValueFormats().flatMap((group) => group.submenu.map((unit) => unit.value)));
/** `suffix:req` and the like need no entry in the list (@grafana/data, valueFormats.ts). */
const FREE_UNIT = /^(prefix|suffix|time|si|count|currency|bool):./;
const TRANSFORMATIONS = new Set(Object.values(grafana.standardTransformers).map(({ id }) => id));
const MATCHERS = new Set(grafana.fieldMatchers.list().map(({ id }) => id));
const CALCULATIONS = new Set(grafana.fieldReducers.list().map(({ id }) => id));
const COLOUR_MODES = new Set(grafana.fieldColorModeRegistry.list().map(({ id }) => id));
const { visualization } = grafana.createTheme();
const LINK = /^(https?:|mailto:|\/|#)/;

/** Faults of a board as `[panel, message]`. */
export function check(board) {
  return panelsOf(board).flatMap((panel) => [...words(panel), ...texts(panel)].map((line) => [panelName(panel), line]));
}

function* words(panel) {
  const known = (kind, set, word) => (set.has(word) ? [] : [`${kind} \`${word}\` is not known to Grafana`]);

  const { defaults = {}, overrides = [] } = panel.fieldConfig ?? {};
  const settings = [
    ...Object.entries(defaults),
    ...overrides.flatMap((rule) => rule.properties.map(({ id, value }) => [id, value])),
  ];
  for (const [id, value] of settings) {
    if (id === 'unit' && !FREE_UNIT.test(value)) yield* known('unit', UNITS, value);
    if (id === 'color') yield* known('colour mode', COLOUR_MODES, value.mode);
    if (id === 'color' && value.fixedColor) yield* colour(value.fixedColor);
    if (id === 'thresholds') for (const step of value.steps) yield* colour(step.color);
    if (id === 'mappings') {
      for (const mapping of value) {
        const results = mapping.type === 'value' ? Object.values(mapping.options) : [mapping.options.result];
        for (const result of results) if (result?.color) yield* colour(result.color);
      }
    }
  }
  for (const rule of overrides) yield* known('matcher', MATCHERS, rule.matcher.id);
  for (const { id } of panel.transformations ?? []) yield* known('transformation', TRANSFORMATIONS, id);
  const { reduceOptions, legend } = panel.options ?? {};
  for (const id of [...reduceOptions?.calcs ?? [], ...legend?.calcs ?? []]) yield* known('calculation', CALCULATIONS, id);
}

function* colour(name) {
  const shown = visualization.getColorByName(name);
  if (!/^(#[0-9a-f]{3,8}|rgba?\(.*\)|transparent)$/i.test(shown)) yield `colour \`${name}\` is not known to Grafana`;
}

function* texts(panel) {
  if (panel.type !== 'text') return;
  const { mode, content } = panel.options;
  if (mode !== 'markdown') {
    yield `text of mode \`${mode}\`: only markdown is checked`;
    return;
  }
  for (const element of parse(grafana.renderMarkdown(content))) {
    if (element.localName === 'script') yield 'text holds a script';
    for (const { name, value } of element.attributes) {
      if (name.startsWith('on')) yield `text holds a handler, \`${name}\``;
      if (/^\s*javascript:/i.test(value)) yield `text holds \`${value}\``;
    }
    if (element.localName === 'a' && !LINK.test(element.getAttribute('href') ?? '')) {
      yield `link \`${element.textContent}\` leads to \`${element.getAttribute('href')}\``;
    }
  }
  // Markup that is only there because the text was read as HTML, also where the sanitiser takes it out.
  const asHtml = parse(grafana.renderMarkdown(content, { noSanitize: true }));
  const asText = parse(grafana.renderMarkdown(content.replaceAll('<', '&lt;'), { noSanitize: true }));
  const at = asHtml.findIndex(({ localName }, index) => localName !== asText[index]?.localName);
  if (at >= 0) yield `text is read as HTML: ${asHtml[at].outerHTML.slice(0, 60)}`;
}

const parse = (html) => [...new DOMParser().parseFromString(html, 'text/html').body.querySelectorAll('*')];

if (process.argv[1] === import.meta.filename) {
  report(boardsOf(process.argv.slice(2)), check);
}
