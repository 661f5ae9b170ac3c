// What a board asks of Prometheus, asked as Grafana would ask it.
//
// In:  a board, the address of a server, the time to look at, chosen values of variables.
// Out: variables with their values, texts with variables put in, the answers to each panel's queries.
//
// Grafana's rules followed here: steps and `$__rate_interval` (packages/grafana-prometheus
// src/datasource.ts), escaping of values in queries (src/datasource.ts, `interpolateQueryExpr`).
import { fail } from './board.mjs';

const UNITS = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400, w: 604800, M: 2592000, y: 31536000 };
/** What Grafana takes for the scrape interval of a data source that sets none. */
const SCRAPE_INTERVAL = 15;

/** Seconds of `5m`, `1h30m`. */
export function seconds(text) {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwMy])/g)];
  if (!parts.length || parts.map(([part]) => part).join('') !== text) fail(`not a duration: ${text}`);
  return parts.reduce((sum, [, number, unit]) => sum + number * UNITS[unit], 0);
}

/** The time that `now`, `now-7d` means. */
function moment(text, now) {
  const [, ago] = /^now(?:-(\w+))?$/.exec(text) ?? fail(`a time range that is not drawn: ${text}`);
  return ago ? now - seconds(ago) : now;
}

export class Asker {
  constructor(board, address, at, chosen) {
    this.board = board;
    this.address = address.replace(/\/$/, '');
    this.at = at;
    this.chosen = chosen;
    this.range = { from: moment(board.time.from, at), to: moment(board.time.to, at) };
    this.variables = {};
  }

  async api(path, parameters) {
    const url = `${this.address}/api/v1/${path}`;
    const response = await fetch(url, { method: 'POST', body: new URLSearchParams(parameters) })
      .catch((error) => fail(`no answer from ${url}: ${error.cause?.message ?? error.message}`));
    const { status, data, error } = await response.json();
    return status === 'success' ? { data } : { error };
  }

  /** Finds the values of all variables, in the board's order: a later one may use an earlier one. */
  async resolve() {
    for (const variable of this.board.templating?.list ?? []) {
      const { name, type, multi, includeAll, allValue } = variable;
      let options = [];
      if (type === 'datasource') options = ['Prometheus'];
      if (type === 'query') options = await this.labelValues(this.put(variable.query, this.range, { forQuery: true }));
      if (type === 'custom') options = customOptions(variable.query);
      if (['constant', 'textbox', 'interval'].includes(type)) options = String(variable.query).split(',').map((v) => v.trim());
      if (variable.regex) options = options.filter((value) => new RegExp(variable.regex.replace(/^\/|\/$/g, '')).test(value));

      const current = [variable.current?.value ?? []].flat();
      const asked = [this.chosen[name], current].map((values) => [values ?? []].flat().filter((v) => v === '$__all' || options.includes(v)));
      let value = asked.find((values) => values.length) ?? [];
      if (!value.length) value = includeAll ? ['$__all'] : options.slice(0, 1);
      const all = includeAll && value.includes('$__all');
      this.variables[name] = { ...variable, values: all ? options : value, all, list: Boolean(multi || includeAll), allValue };
    }
  }

  /** Values for `label_values(metric, label)` and `label_values(label)`. */
  async labelValues(query) {
    const [, selector, label] = /^label_values\(\s*(?:(.+),\s*)?(\w+)\s*\)$/s.exec(query) ?? fail(`a query variable that is not resolved: ${query}`);
    const time = { start: this.range.from, end: this.range.to };
    const { data, error } = await this.api('series', { 'match[]': selector ?? `{${label}!=""}`, ...time });
    if (error) fail(`variable query ${query}: ${error}`);
    return [...new Set(data.map((series) => series[label]).filter(Boolean))].sort();
  }

  /** A text with variables put in: into a query escaped, into HTML too, else as they are. */
  put(text, range, { forQuery = false, forHtml = false, extra = {} } = {}) {
    return text.replace(/\$(\w+)|\$\{(\w+)(?:\.[^:}]+)?(?::([^}]+))?\}|\[\[(\w+)\]\]/g, (whole, a, b, format, c) => {
      const name = a ?? b ?? c;
      if (name in extra) return extra[name];
      if (name === '__from' || name === '__to') {
        const time = name === '__from' ? range.from : range.to;
        return format === 'date:seconds' ? Math.floor(time) : format ? new Date(time * 1000).toISOString() : time * 1000;
      }
      const variable = this.variables[name];
      if (!variable) return whole;
      if (variable.all && variable.allValue) return variable.allValue;
      if (format === 'queryparam') return variable.values.map((v) => `var-${name}=${encodeURIComponent(v)}`).join('&');
      if (format === 'percentencode') return encodeURIComponent(variable.values.join(','));
      if (format === 'raw' || format === 'text' || format === 'csv') return variable.values.join(',');
      if (format === 'pipe') return variable.values.join('|');
      if (forQuery) return queryValue(variable, format === 'regex');
      const shown = variable.all ? 'All' : variable.values.join(' + ');
      return forHtml ? shown.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`) : shown;
    });
  }

  /** The answers to a panel's queries, and the range of time that the panel shows. */
  async panel(panel, width) {
    const range = panel.timeFrom ? { from: this.at - seconds(panel.timeFrom.replace(/^now-/, '')), to: this.at } : this.range;
    if (panel.timeShift) fail(`panel ${panel.id}: timeShift is not drawn`);
    const targets = (panel.targets ?? []).filter(({ hide }) => !hide);
    const answers = await Promise.all(targets.map((target) => this.query(panel, target, range, width)));
    return { range, answers };
  }

  async query(panel, target, range, width) {
    const least = target.interval ? seconds(this.put(target.interval, range)) : SCRAPE_INTERVAL;
    const points = panel.maxDataPoints ?? width;
    const step = Math.max(roundStep((range.to - range.from) / points), least, panel.interval ? seconds(panel.interval) : 0);
    const rate = Math.max(step + least, 4 * least);
    const whole = Math.round(range.to - range.from);
    const extra = {
      __interval: `${step}s`, __interval_ms: step * 1000, __rate_interval: `${rate}s`,
      __range: `${whole}s`, __range_s: whole, __range_ms: whole * 1000,
    };
    const query = this.put(target.expr, range, { forQuery: true, extra });
    const asked = target.instant && !target.range
      ? await this.api('query', { query, time: range.to })
      : await this.api('query_range', { query, step, start: Math.floor(range.from / step) * step, end: Math.floor(range.to / step) * step });
    return { target: { ...target, legendFormat: this.put(target.legendFormat ?? '', range) }, query, step, ...asked };
  }
}

/** `a, b : c\,d` as Grafana splits it: commas part, `text : value` names a value. */
function customOptions(query) {
  return (query.match(/(?:\\,|[^,])+/g) ?? []).map((part) => {
    const [, , value] = /^\s*(.+?)\s:\s(.+)$/s.exec(part) ?? [null, null, part];
    return value.replaceAll('\\,', ',').trim();
  });
}

function queryValue(variable, regex) {
  const plain = (value) => value.replace(/\\/g, '\\\\').replace(/"/g, '\\"');
  const escaped = (value) => value.replace(/\\/g, '\\\\\\\\').replace(/[$^*{}[\]'+?.()|]/g, '\\\\$&').replace(/"/g, '\\"');
  if (!variable.list && !regex) return plain(variable.values[0] ?? '');
  const values = variable.values.map(escaped);
  return values.length === 1 ? values[0] : `(${values.join('|')})`;
}

/** The step that Grafana rounds to (@grafana/data, rangeutil.ts `roundInterval`), for what boards need. */
function roundStep(step) {
  const steps = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
  const limits = [1.5, 3.5, 7.5, 12.5, 17.5, 25, 45, 90, 210, 450, 750, 1050, 1500, 2700, 5400, 9000, 16200, 32400, 86400];
  const at = limits.findIndex((limit) => step < limit);
  return steps[at < 0 ? steps.length - 1 : at];
}
