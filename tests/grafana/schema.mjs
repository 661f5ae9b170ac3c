// Checks the shape of boards against Grafana's own descriptions of it.
//
// In:  board files, or folders of them (classic JSON).
// Out: one line per fault (`file: panel: path: message`) and exit code 1, or `N boards, 0 faults`.
//
// Two judges. Grafana's TypeScript types (npm `@grafana/schema`) become JSON Schemas, strict on
// unknown keys; they are cached under target/grafana/schemas. And Grafana Labs' own JSON Schemas
// (grafana/grafana-foundation-sdk), where the corpus beside the repository is present.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { createGenerator } from 'ts-json-schema-generator';
import { boardsOf, corpus, panelName, panelsOf, report, repository } from './board.mjs';

const require = createRequire(import.meta.url);

/** Panel types of Grafana and the folder of `@grafana/schema` that types their options. */
const PANELS = {
  bargauge: 'bargauge',
  gauge: 'gauge',
  heatmap: 'heatmap',
  histogram: 'histogram',
  piechart: 'piechart',
  stat: 'stat',
  'state-timeline': 'statetimeline',
  table: 'table',
  text: 'text',
  timeseries: 'timeseries',
};

/** Prometheus reads its annotation queries from these keys (grafana/grafana, packages/grafana-prometheus
 *  src/annotations.ts); the board's types know no data source's own keys. */
const PROMETHEUS_ANNOTATION = ['expr', 'titleFormat', 'textFormat', 'tagKeys', 'useValueForTime'];

/** Every JSON Schema made from the types, by name: `dashboard`, `stat.Options`, `stat.FieldConfig`. */
function typeSchemas() {
  const home = join(require.resolve('@grafana/schema/package.json'), '..');
  const { version } = require('@grafana/schema/package.json');
  const raw = join(home, 'dist/types/raw');
  const cache = join(repository, 'target/grafana/schemas', version);
  mkdirSync(cache, { recursive: true });

  const schemas = {};
  const make = (name, path, type) => {
    const file = join(cache, `${name}.json`);
    if (!existsSync(file)) {
      const options = { path, type, skipTypeCheck: true, additionalProperties: false, topRef: true };
      writeFileSync(file, JSON.stringify(createGenerator(options).createSchema(type)));
    }
    schemas[name] = JSON.parse(readFileSync(file, 'utf8'));
  };

  make('dashboard', join(raw, 'dashboard/x/types.gen.d.ts'), 'Dashboard');
  for (const [panel, folder] of Object.entries(PANELS)) {
    const path = join(raw, 'composable', folder, 'panelcfg/x/types.gen.d.ts');
    const types = readFileSync(path, 'utf8');
    for (const type of ['Options', 'FieldConfig']) {
      if (types.includes(`export interface ${type} `)) make(`${panel}.${type}`, path, type);
    }
  }
  const annotation = schemas.dashboard.definitions.AnnotationQuery.properties;
  for (const key of PROMETHEUS_ANNOTATION) annotation[key] = {};
  return schemas;
}

/** The corpus's JSON Schemas under the same names, or nothing where it is absent. */
function corpusSchemas() {
  const folder = join(corpus, 'grafana-jsonschema');
  if (!existsSync(folder)) return {};
  const read = (name) => {
    const schema = JSON.parse(readFileSync(join(folder, `${name}.jsonschema.json`), 'utf8'));
    const { DynamicConfigValue, FieldConfig, MatcherConfig, TableCellOptions } = schema.definitions;
    // "Anything" was written as "object" on the way from CUE to JSON Schema.
    if (DynamicConfigValue) DynamicConfigValue.properties.value = {};
    if (MatcherConfig) MatcherConfig.properties.options = {};
    // The links of a value are data links (title, url), not links of the board.
    if (FieldConfig?.properties?.links) FieldConfig.properties.links = {};
    // A cell's options may fit several of the alternatives.
    if (TableCellOptions?.oneOf) {
      TableCellOptions.anyOf = TableCellOptions.oneOf;
      delete TableCellOptions.oneOf;
    }
    return schema;
  };
  const schemas = { dashboard: read('dashboard'), query: read('prometheus') };
  for (const [panel, name] of Object.entries(PANELS)) {
    if (!existsSync(join(folder, `${name}.jsonschema.json`))) continue;
    const schema = read(name);
    for (const type of ['Options', 'FieldConfig']) {
      if (schema.definitions[type]) {
        schemas[`${panel}.${type}`] = { ...schema, $ref: `#/definitions/${type}` };
      }
    }
  }
  return schemas;
}

/** Validators of one judge: `check(name, value, path)` gives lines of faults, `knows(name)`. */
class Judge {
  constructor(title, schemas) {
    this.title = title;
    this.ajv = new Ajv({ strict: false, allErrors: true, logger: false });
    this.names = new Set();
    for (const [name, schema] of Object.entries(schemas)) {
      this.add(name, schema);
      if (name.endsWith('.FieldConfig')) this.add(`${name}.one`, withoutRequired(schema));
    }
  }

  add(name, schema) {
    this.ajv.addSchema({ ...schema, $id: name });
    this.names.add(name);
  }

  knows(name) {
    return this.names.has(name.split('#')[0]);
  }

  check(name, value, path) {
    if (!this.knows(name)) return [];
    const validate = this.ajv.getSchema(name);
    if (validate(value)) return [];
    return telling(validate.errors).map((error) => {
      const at = path + error.instancePath.replaceAll('/', '.').replace(/\.(\d+)/g, '[$1]');
      const { additionalProperty, allowedValues } = error.params;
      const extra = additionalProperty ? ` \`${additionalProperty}\`` : '';
      const allowed = allowedValues ? ` (${allowedValues.join(', ')})` : '';
      return `${at}: ${error.message}${extra}${allowed}`;
    });
  }
}

/** The schema of a single setting: an override names one, not all that `custom` must have. */
function withoutRequired(schema) {
  const copy = structuredClone(schema);
  let at = copy;
  while (at.$ref) at = copy.definitions[at.$ref.split('/').pop()];
  delete at.required;
  return copy;
}

/** Of the errors below an `anyOf` only those of the alternative that came nearest: one whose `type`
 *  fits and that has the fewest errors. Where the type of none fits, the choice itself is the error. */
function telling(errors) {
  let left = errors;
  for (const choice of errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')) {
    const at = choice.instancePath;
    const alternatives = new Map();
    for (const error of left.filter((e) => e !== choice && `${e.instancePath}/`.startsWith(`${at}/`))) {
      const alternative = error.schemaPath.split('/').slice(0, 3).join('/');
      alternatives.set(alternative, [...(alternatives.get(alternative) ?? []), error]);
    }
    const misfit = (list) => list.some((e) => e.instancePath === `${at}/type` || e.keyword === 'type' && e.instancePath === at);
    const [nearest] = [...alternatives.values()].filter((list) => !misfit(list)).sort((a, b) => a.length - b.length);
    const kept = nearest ?? [choice];
    left = left.filter((e) => kept.includes(e) || !`${e.instancePath}/`.startsWith(`${at}/`));
  }
  return left;
}

/** All faults of one board that one judge sees. */
function judge(by, board) {
  const faults = [];
  const tell = (panel, lines) => lines.forEach((line) => faults.push([panel, line]));

  tell('board', by.check('dashboard', { ...board, panels: [] }, 'dashboard'));
  for (const panel of panelsOf(board)) {
    const name = panelName(panel);
    if (panel.type === 'row') {
      tell(name, by.check('dashboard#/definitions/RowPanel', { ...panel, panels: panel.panels && [] }, 'row'));
      continue;
    }
    tell(name, by.check('dashboard#/definitions/Panel', panel, 'panel'));
    if (!(panel.type in PANELS)) tell(name, [`type: \`${panel.type}\` is not a panel type known here`]);
    tell(name, by.check(`${panel.type}.Options`, panel.options ?? {}, 'options'));
    tell(name, by.check(`${panel.type}.FieldConfig`, panel.fieldConfig?.defaults?.custom ?? {}, 'custom'));
    for (const target of panel.targets ?? []) {
      if (target.datasource?.type === 'prometheus') tell(name, by.check('query', target, `targets.${target.refId}`));
    }
    for (const [at, rule] of (panel.fieldConfig?.overrides ?? []).entries()) {
      for (const { id, value } of rule.properties) {
        tell(name, property(by, panel.type, id, value, `overrides[${at}]`));
      }
    }
  }
  return faults;
}

/** An override's property is judged as the same key of `defaults` would be. */
function property(by, type, id, value, path) {
  const nest = (key) => key.split('.').reduceRight((inner, part) => ({ [part]: inner }), value);
  return id.startsWith('custom.')
    ? by.check(`${type}.FieldConfig.one`, nest(id.slice('custom.'.length)), `${path}.custom`)
    : by.check('dashboard#/definitions/FieldConfig', nest(id), path);
}

/** Faults of a board as `[panel, message]`, from both judges. */
export function checker() {
  const types = new Judge('types', typeSchemas());
  const own = corpusSchemas();
  const judges = Object.keys(own).length ? [types, new Judge('jsonschema', own)] : [types];
  return (board) => {
    const seen = new Map();
    for (const by of judges) {
      for (const fault of judge(by, board)) {
        const key = fault.join();
        seen.set(key, { fault, titles: [...(seen.get(key)?.titles ?? []), by.title] });
      }
    }
    return [...seen.values()].map(({ fault: [panel, message], titles }) => [panel, `${message} [${titles.join(', ')}]`]);
  };
}

if (process.argv[1] === import.meta.filename) {
  report(boardsOf(process.argv.slice(2)), checker());
}
